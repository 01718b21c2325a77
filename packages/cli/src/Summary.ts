/** What a run says of itself when it ends: a table for people. */
import { basename, dirname } from "node:path"
import type { Summary } from "@consortium/pipeline/BuildDataset"
import { money } from "./internal/money.js"

const row = (name: string, value: string) => `  ${name.padEnd(10)}${value}`

/** `24 = 12 selected + 12 not selected`, without what there is none of. */
const sum = (total: number, parts: ReadonlyArray<readonly [number, string]>): string => {
  const some = parts.filter(([count]) => count > 0)
  return some.length === 0 ? String(total) : `${total} = ${some.map(([count, what]) => `${count} ${what}`).join(" + ")}`
}

type Row = readonly [name: string, ...numbers: ReadonlyArray<number>]

/** Names on the left, numbers in columns under their heads. */
const table = (wide: number, title: string, heads: ReadonlyArray<string>, rows: ReadonlyArray<Row>) => [
  [title.padEnd(wide), ...heads].join("  "),
  ...rows.map(([name, ...numbers]) =>
    [`  ${name}`.padEnd(wide), ...numbers.map((number, at) => String(number).padStart(heads[at]?.length ?? 0))].join(
      "  "
    )
  )
]

/** Prompts whose vector is not that of their whole text; nothing where there are none. */
export const partlyOf = ({ averaged = 0, cut = 0 }: { readonly cut?: number; readonly averaged?: number }) => {
  const said = [
    ...(cut > 0 ? [`${cut} by their beginning`] : []),
    ...(averaged > 0 ? [`${averaged} as the mean of their parts`] : [])
  ]
  return said.length === 0 ? [] : [said.join(", ")]
}

/** Lines for stdout. */
export const render = (summary: Summary): string => {
  const { files, ledger } = summary
  const [first = ""] = files
  const wide = 2 + Math.max(...[...summary.members, ...summary.judges].map(({ id }) => id.length), 8)
  const why = summary.stoppedBy === undefined ? "" : ` (stopped: ${summary.stoppedBy})`
  return [
    summary.simulated ? "Consortium run (simulated)" : "Consortium run",
    row(
      "rows",
      sum(ledger.rows, [
        [ledger.selected, "selected"],
        [ledger.notSelected, "not selected"],
        [ledger.duplicate, "duplicate"],
        [ledger.invalid, "invalid"],
        [ledger.dropped ?? 0, "dropped"],
        [ledger.failed, "failed"],
        [ledger.pending, "pending"]
      ])
    ),
    row(
      "selected",
      sum(ledger.selected, [
        [ledger.examples, "examples"],
        [ledger.rejected, "rejected"],
        [ledger.unfinished, "unfinished"]
      ]) + why
    ),
    ...partlyOf(summary).map((said) => row("embedded", said)),
    row("calls", `${summary.calls} made, ${summary.stored} answered from the store`),
    row("cost", summary.usd === null ? "unknown" : money(summary.usd)),
    ...table(
      wide,
      "members",
      ["chosen", "answered", "failed"],
      summary.members.map(({ id, chosen, answered, failed }) => [id, chosen, answered, failed])
    ),
    ...table(
      wide,
      "judges",
      ["orders", "absent"],
      summary.judges.map(({ id, given, absent }) => [id, given, absent])
    ),
    `files in ${dirname(first)}`,
    `  ${files.map((file) => basename(file)).join("  ")}`,
    ""
  ].join("\n")
}
