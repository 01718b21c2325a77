/** Rows as JSON, one a line or in one list. */
import type { Encoder } from "../Container.js"
import { blocks } from "./blocks.js"
import { jsonText } from "./jsonText.js"

export const jsonLinesEncoder = (): Encoder => {
  const text = blocks("")
  return { push: (row) => text.push(`${jsonText(row)}\n`), end: () => text.end("") }
}

export const jsonEncoder = (): Encoder => {
  const text = blocks("[")
  let rows = 0
  return {
    push: (row) => text.push(`${rows++ === 0 ? "\n" : ",\n"}${jsonText(row)}`),
    end: () => text.end(rows === 0 ? "]\n" : "\n]\n")
  }
}
