/** Rows as RFC 4180 has them, safe to open in a spreadsheet. */
import type { Encoder } from "../Container.js"
import type { Columns } from "../Format.js"
import { blocks } from "./blocks.js"
import { jsonText } from "./jsonText.js"

/**
 * A cell that begins so is run as a formula by spreadsheets: an apostrophe before it makes it text
 * (owasp.org/www-community/attacks/CSV_Injection; the wide signs are those of East Asian keyboards).
 */
const formula = /^[\s'"]*[=+\-@＝＋－＠]|^[\t\r\n]/u
const quotable = /[",\r\n]/
// Without a place in CSV: readers take NUL for the end of the file, or refuse all of it.
const nul = /\0/g

const textCell = (text: string): string => {
  const safe = `${formula.test(text) ? "'" : ""}${text.toWellFormed().replace(nul, "\ufffd")}`
  // An empty text is no missing one.
  return safe === "" || quotable.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

const cellOf = (value: unknown): string => {
  if (value === null || value === undefined) return ""
  if (typeof value === "number" || typeof value === "boolean") return String(value)
  return textCell(typeof value === "string" ? value : jsonText(value))
}

export const csvEncoder = (columns: Columns): Encoder => {
  const names = Object.keys(columns)
  const text = blocks(`${names.map(textCell).join(",")}\n`)
  return { push: (row) => text.push(`${names.map((name) => cellOf(row[name])).join(",")}\n`), end: () => text.end("") }
}
