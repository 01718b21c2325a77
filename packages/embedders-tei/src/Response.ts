/** What the body says: nothing but rows. */
import type { Answer } from "@consortium/wire/EmbeddingWire"

/** The rows; a server that was sent one text may answer with its numbers alone. Nothing where it is no array. */
export const decode = (json: unknown): Answer | undefined => {
  if (!Array.isArray(json) || json.length === 0) return undefined
  const rows: ReadonlyArray<unknown> = typeof json[0] === "number" ? [json] : json
  return { rows: rows.map((values) => ({ values })) }
}
