/** What a selection says of itself when it ends: a table for people. */
import { basename, dirname } from "node:path"
import { money } from "./internal/money.js"
import { partlyOf } from "./Summary.js"
import type { Selected } from "@consortium/pipeline/SelectPrompts"

const fixed = (value: number): string => (Number.isFinite(value) ? value.toFixed(3) : "–")

const row = (name: string, ...cells: ReadonlyArray<string>) =>
  `  ${name.padEnd(32)}${cells.map((cell) => cell.padStart(10)).join("")}`

/** Each measure of the picks beside that of a random draw of as many. */
const coverageOf = ({ chosen, isSampled, random, rows }: Selected["coverage"]): ReadonlyArray<string> => [
  row(isSampled ? `coverage of ${rows} sampled rows` : "coverage", "chosen", "random"),
  row("largest distance to a pick", fixed(chosen.radius), fixed(random.radius)),
  row("mean cosine to nearest pick", fixed(chosen.meanNearest), fixed(random.meanNearest)),
  row("worth so many unlike prompts", chosen.vendi.toFixed(1), random.vendi.toFixed(1)),
  row("picks with another above .9", String(chosen.nearDuplicates.over90), String(random.nearDuplicates.over90))
]

/** Only tripwires at which something changes; those below all cosines stop at once, those above never do. */
const curveOf = (curve: Selected["curve"]): ReadonlyArray<string> => {
  const telling = curve.filter((one, at) => one.count !== curve[at - 1]?.count || one.count !== curve[at + 1]?.count)
  return [
    row("tripwire", "fires at", "by cosine", "above it"),
    ...telling.map(({ above, cosine, count, tripwire }) =>
      row(
        `  ${tripwire.toFixed(2)}`,
        count === undefined ? "never" : String(count),
        cosine === undefined ? "–" : fixed(cosine),
        String(above)
      )
    )
  ]
}

const suggestionOf = ({ suggestion }: Selected): string => {
  if (suggestion.why !== "knee") {
    return suggestion.why === "short"
      ? "too few picks for a tripwire to be suggested"
      : "the cosines hardly rise: stop by --target, a tripwire means little here"
  }
  const [low, high] = suggestion.around
  return `the curve bends at --tripwire ${suggestion.tripwire.toFixed(2)}: ${suggestion.count} picks (${low} to ${high ?? "all"} within .02 of it)`
}

/** What embedding took, where something was asked. */
const embeddingOf = (selected: Selected): ReadonlyArray<string> => {
  const { calls = 0, failed = 0, stored = 0, usd = null } = selected
  const cost = usd === null ? "unknown" : money(usd)
  return [
    ...partlyOf(selected).map((said) => `  embedded ${said}`),
    ...(failed > 0 ? [`  ${failed} could not be embedded`] : []),
    ...(calls + stored > 0
      ? [`  embedding: ${calls} ${calls === 1 ? "call" : "calls"} made, ${stored} answered without one, cost ${cost}`]
      : [])
  ]
}

/** Lines for stdout. */
export const renderSelection = (selected: Selected, curve: boolean): string => {
  const { files, nextCosine, of, picks, stopped } = selected
  const [first = ""] = files
  const next = nextCosine === undefined ? "" : `, the next one's cosine is ${fixed(nextCosine)}`
  return [
    `Consortium selection: ${picks} of ${of} (stopped: ${stopped}${next})`,
    ...embeddingOf(selected),
    ...coverageOf(selected.coverage),
    ...(curve ? curveOf(selected.curve) : []),
    `  ${suggestionOf(selected)}`,
    `files in ${dirname(first)}`,
    `  ${files.map((file) => basename(file)).join("  ")}`,
    ""
  ].join("\n")
}
