/** How a server of the OpenAI embeddings wire writes: synthetic bodies, made by hand from the documented fields. */
import { strictEqual } from "node:assert/strict"
import { modelName, type Row, type Spelling } from "@consortium/testing/EmbedderContract"
import type { Vendor } from "../src/Vendor.js"

/** Base64 of little-endian float32. */
export const base64 = (vector: ReadonlyArray<number>): string => {
  const bytes = Buffer.alloc(vector.length * 4)
  for (const [index, x] of vector.entries()) bytes.writeFloatLE(x, index * 4)
  return bytes.toString("base64")
}

/** Base64 of signed bytes. */
const bytes = (vector: ReadonlyArray<number>): string => Buffer.from(Int8Array.from(vector).buffer).toString("base64")

export const spelling = ({ base64: asked, inputTypes }: Partial<Vendor>): Spelling => ({
  whole: (rows: ReadonlyArray<Row>, inputTokens) =>
    JSON.stringify({
      object: "list",
      model: modelName,
      data: rows.map(({ index, vector }) => ({
        object: "embedding",
        index,
        embedding: asked === undefined ? vector : asked.holds === "int8" ? bytes(vector) : base64(vector)
      })),
      usage: { prompt_tokens: inputTokens, total_tokens: inputTokens }
    }),
  error: (message, code) =>
    JSON.stringify({ error: { message, type: "synthetic_error", ...(code !== undefined && { code }) } }),
  read: ({ body, headers }) => {
    const sent = JSON.parse(body)
    const key = headers.authorization?.replace("Bearer ", "") ?? headers["api-key"]
    if (asked !== undefined) strictEqual(sent.encoding_format, asked.format)
    if (inputTypes?.standard !== undefined) strictEqual(sent[inputTypes.field], inputTypes.standard)
    return { model: sent.model, texts: sent.input, key }
  },
  ...(asked?.holds === "int8" && {
    vectors: [
      [1, -2, 4, 0],
      [0, 127, -128, 8],
      [-1, 3, 5, 7]
    ]
  })
})
