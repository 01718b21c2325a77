/** How Cohere writes: synthetic bodies, made by hand from the documented fields. */
import type { Spelling } from "@consortium/testing/EmbedderContract"

export const spelling: Spelling = {
  whole: (rows, input_tokens) =>
    JSON.stringify({
      id: "synthetic",
      texts: [],
      embeddings: { float: rows.map(({ vector }) => vector) },
      meta: { api_version: { version: "2" }, billed_units: { input_tokens } },
      response_type: "embeddings_by_type"
    }),
  error: (message) => JSON.stringify({ id: "synthetic", message }),
  read: ({ body, headers }) => {
    const { model, texts } = JSON.parse(body)
    return { model, texts, key: headers.authorization?.replace("Bearer ", "") }
  },
  ordersByIndex: false
}
