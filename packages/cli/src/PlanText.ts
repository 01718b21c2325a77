/** What a run will ask and cost, as a table for people. */
import type { Line, Plan, Range } from "@consortium/pipeline/Plan"
import { money } from "./internal/money.js"

const count = (value: number): string => value.toLocaleString("en-US")

/** `96`, or `96 (84 to 144)` where it is not certain. */
const range = (of: Range, say: (value: number) => string): string =>
  of.low === of.high ? say(of.expected) : `${say(of.expected)} (${say(of.low)} to ${say(of.high)})`

const duration = (millis: number): string => {
  const seconds = Math.round(millis / 1000)
  if (seconds < 120) return `${seconds} s`
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}

const row = (name: string, value: string) => `  ${name.padEnd(10)}${value}`

const table = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((cells) => cells[at]?.length ?? 0)))
  return rows.map((cells) =>
    `  ${cells.map((cell, at) => (at < 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join("  ")}`.trimEnd()
  )
}

const verbs = { embed: "embeds", sample: "answers", judge: "judges" } as const

const seat = ({ basis, calls, id, inputTokens, outputTokens, purpose, usd }: Line): ReadonlyArray<string> => [
  id,
  verbs[purpose],
  count(calls.expected),
  count(inputTokens.expected),
  count(outputTokens.expected),
  usd === null ? "unknown" : money(usd.expected),
  basis
]

/** Lines for people. */
export const render = (plan: Plan): string => {
  const { calls, done, inFlight, lines, millis, prompts, rows, selected, tokens, unknown, usd, warnings } = plan
  const so = done > 0 ? `, ${count(done)} of them done` : ""
  return [
    "Plan",
    row("rows", `${count(rows)}, ${count(prompts)} prompts, ${range(selected, count)} selected${so}`),
    ...table([["  seat", "", "calls", "tokens in", "out", "cost", ""], ...lines.map(seat)]),
    row("calls", range(calls, count)),
    row("tokens", range(tokens, count)),
    row("cost", usd === null ? "unknown" : range(usd, money)),
    row("time", millis === null ? "unknown" : `${range(millis, duration)} at ${inFlight} calls in flight`),
    ...(unknown.length > 0 ? [row("unknown", unknown.join("; "))] : []),
    ...warnings.map((warning) => row("warning", warning)),
    ""
  ].join("\n")
}
