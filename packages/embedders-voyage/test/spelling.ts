/** How Voyage writes: synthetic bodies, made by hand from the documented fields. */
import { modelName, type Spelling } from "@consortium/testing/EmbedderContract"

/** Base64 of little-endian float32. */
const base64 = (vector: ReadonlyArray<number>): string => {
  const bytes = Buffer.alloc(vector.length * 4)
  for (const [index, x] of vector.entries()) bytes.writeFloatLE(x, index * 4)
  return bytes.toString("base64")
}

export const spelling: Spelling = {
  whole: (rows, total_tokens) =>
    JSON.stringify({
      object: "list",
      data: rows.map(({ index, vector }) => ({ object: "embedding", embedding: base64(vector), index })),
      model: modelName,
      usage: { total_tokens }
    }),
  error: (detail) => JSON.stringify({ detail }),
  read: ({ body, headers }) => {
    const { input, model } = JSON.parse(body)
    return { model, texts: input, key: headers.authorization?.replace("Bearer ", "") }
  }
}
