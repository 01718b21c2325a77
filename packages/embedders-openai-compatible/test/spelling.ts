/** How a server of the OpenAI embeddings wire writes: synthetic bodies, made by hand from the documented fields. */
import { modelName, type Row, type Spelling } from "@consortium/testing/EmbedderContract"

/** Base64 of little-endian float32. */
export const base64 = (vector: ReadonlyArray<number>): string => {
  const bytes = Buffer.alloc(vector.length * 4)
  for (const [index, x] of vector.entries()) bytes.writeFloatLE(x, index * 4)
  return bytes.toString("base64")
}

export const spelling = (encoded: boolean): Spelling => ({
  whole: (rows: ReadonlyArray<Row>, inputTokens) =>
    JSON.stringify({
      object: "list",
      model: modelName,
      data: rows.map(({ index, vector }) => ({
        object: "embedding",
        index,
        embedding: encoded ? base64(vector) : vector
      })),
      usage: { prompt_tokens: inputTokens, total_tokens: inputTokens }
    }),
  error: (message, code) =>
    JSON.stringify({ error: { message, type: "synthetic_error", ...(code !== undefined && { code }) } }),
  read: ({ body, headers }) => {
    const sent = JSON.parse(body)
    return { model: sent.model, texts: sent.input, key: headers.authorization?.replace("Bearer ", "") }
  }
})
