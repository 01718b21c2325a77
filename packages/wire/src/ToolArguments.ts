/** A tool call's arguments where another library has a value of them: models write texts, which may be no JSON. */
import type * as Schema from "effect/Schema"

/** The value; what is no JSON, or a bare string, stays the text that it is. */
export const read = (text: string): Schema.Json => {
  try {
    const value: Schema.Json = JSON.parse(text)
    return typeof value === "string" ? text : value
  } catch {
    return text
  }
}

/** The text of a value. */
export const write = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value ?? {}))
