/** What a run says of itself when it ends: a table for people. */
import type { Summary } from "@consortium/pipeline/BuildDataset"

const money = (usd: number | null) => (usd === null ? "unknown" : `$${usd.toFixed(usd < 1 ? 4 : 2)}`)

const row = (name: string, value: string) => `  ${name.padEnd(14)}${value}`

/** Lines for stdout. */
export const render = (summary: Summary): string => {
  const { ledger } = summary
  const wide = Math.max(...summary.members.map((member) => member.id.length))
  const members = summary.members.map(({ id, answered, chosen, failed }) => {
    const lost = failed > 0 ? `, failed ${failed}` : ""
    return `  ${id.padEnd(wide)}  chosen ${chosen} of ${answered} answers${lost}`
  })
  return [
    summary.simulated ? "Consortium run (simulated)" : "Consortium run",
    row("rows", `${ledger.rows} = ${ledger.selected} selected + ${ledger.notSelected} not selected + ${ledger.duplicate} duplicate + ${ledger.invalid} invalid + ${ledger.failed} failed + ${ledger.pending} pending`),
    row("selected", `${ledger.selected} = ${ledger.examples} examples + ${ledger.rejected} rejected + ${ledger.unfinished} unfinished${summary.stoppedBy === undefined ? "" : ` (stopped: ${summary.stoppedBy})`}`),
    row("calls", `${summary.calls} made, ${summary.stored} answered from the store`),
    row("cost", money(summary.usd)),
    "members",
    ...members,
    "files",
    ...summary.files.map((file) => `  ${file}`),
    ""
  ].join("\n")
}
