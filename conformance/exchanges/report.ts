/** What became of all exchanges, as tables: counts, ids and reasons, and no text of any recording. */
import { print } from "../internal/table.js"
import type { Outcome, Side } from "./exchange.js"

type Outcomes = ReadonlyMap<string, ReadonlyArray<Outcome>>

const isCompared = (side: Side) => side._tag === "Compared"
const passes = (side: Side) => side._tag === "Compared" && side.differs.length === 0

/** Passed, failed, not covered. */
const numbers = (of: ReadonlyArray<Outcome>, side: "response" | "request") => {
  const passed = of.filter((one) => passes(one[side])).length
  const compared = of.filter((one) => isCompared(one[side])).length
  return [passed, compared - passed, of.length - compared]
}

/** Whatever could be compared is equal, and something could. */
const isWhole = ({ request, response }: Outcome) =>
  [response, request].every((side) => !isCompared(side) || passes(side)) &&
  (isCompared(response) || isCompared(request))

const counted = (of: ReadonlyArray<string>) => {
  const counts = new Map<string, number>()
  for (const one of of) counts.set(one, (counts.get(one) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a)
}

const sidesOf = (found: ReadonlyArray<Outcome>) =>
  found.flatMap(({ id, request, response }) => [["answer", id, response] as const, ["request", id, request] as const])

/** The sides that failed, with where they differ. */
export const failuresOf = (found: ReadonlyArray<Outcome>): ReadonlyArray<readonly [string, string, string]> =>
  sidesOf(found).flatMap(([side, id, it]) =>
    it._tag === "Compared" && it.differs.length > 0 ? [[id, side, it.differs.join("; ")] as const] : []
  )

const line = (title: string, of: ReadonlyArray<Outcome>, oracles: string) => [
  title,
  of.length,
  of.filter(isWhole).length,
  ...numbers(of, "response"),
  ...numbers(of, "request"),
  oracles
]

/** A table where there is something to say. */
const say = (title: string, head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string | number>>) => {
  if (rows.length > 0) print(title, head, rows)
}

/** Prints all; `without` are exchanges that have no client here, by why. */
export const report = (outcomes: Outcomes, without: ReadonlyMap<string, number>): void => {
  const every = [...outcomes.values()].flat()
  const rows = [...outcomes].map(([title, of]) =>
    line(title, of, [...new Set(of.map(({ oracle }) => oracle))].join(", "))
  )
  const head = ["vendor, wire", "exchanges", "passed", "answers =", "≠", "–", "requests =", "≠", "–", "oracle"]
  say("recorded exchanges (= equal, ≠ different, – not covered)", head, [...rows, line("all", every, "")])
  say("failed", ["exchange", "side", "differs in"], failuresOf(every))
  const gaps = sidesOf(every).flatMap(([side, , it]) => (it._tag === "NotCovered" ? [`${side}: ${it.why}`] : []))
  say("not covered", ["why", "sides"], counted(gaps))
  say("without a client here", ["why", "exchanges"], [...without])
  const unsaid = every.flatMap(({ oracle, unsaid }) => unsaid.map((it) => `${it}: ${oracle} has no word`))
  say("compared without", ["what", "answers"], counted(unsaid))
  say(
    "taken for equal, or not compared (exchanges/ignored.ts)",
    ["what", "bodies"],
    counted(every.flatMap((it) => it.ignored))
  )
  say("sent as the vendor's own options", ["field", "bodies"], counted(every.flatMap((it) => it.options)))
}
