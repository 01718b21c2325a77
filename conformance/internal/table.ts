/** What a suite found, as a table for people. */

type Cell = string | number

const shown = (cell: Cell): string =>
  typeof cell === "string" ? cell : Number.isInteger(cell) ? String(cell) : cell.toFixed(3)

/** Prints rows under a title; numbers stand to the right. */
export const print = (title: string, head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<Cell>>): void => {
  const texts = [head, ...rows.map((row) => row.map(shown))]
  const widths = head.map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)))
  const right = head.map((_, column) => rows.every((row) => typeof row[column] === "number"))
  const line = (row: ReadonlyArray<string>) =>
    row.map((cell, column) => (right[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
  console.log(`\n${title}\n${texts.map((row) => `  ${line(row).join("  ").trimEnd()}`).join("\n")}\n`)
}
