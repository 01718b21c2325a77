/** How Nomic Atlas writes: synthetic bodies, made by hand from the documented fields. */
import { modelName, type Spelling } from "@consortium/testing/EmbedderContract"

export const spelling: Spelling = {
  whole: (rows, prompt_tokens) =>
    JSON.stringify({
      embeddings: rows.map(({ vector }) => vector),
      usage: { prompt_tokens, total_tokens: prompt_tokens },
      model: modelName,
      inference_mode: "remote"
    }),
  error: (detail) => JSON.stringify({ detail }),
  read: ({ body, headers }) => {
    const { model, texts } = JSON.parse(body)
    return { model, texts, key: headers.authorization?.replace("Bearer ", "") }
  },
  ordersByIndex: false
}
