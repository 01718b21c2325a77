/** How Ollama writes: synthetic bodies, made by hand from the documented fields. */
import { modelName, type Spelling } from "@consortium/testing/EmbedderContract"

export const spelling: Spelling = {
  whole: (rows, prompt_eval_count) =>
    JSON.stringify({
      model: modelName,
      embeddings: rows.map(({ vector }) => vector),
      total_duration: 1,
      load_duration: 1,
      prompt_eval_count
    }),
  error: (error) => JSON.stringify({ error }),
  read: ({ body, headers }) => {
    const { input, model } = JSON.parse(body)
    return { model, texts: input, key: headers.authorization?.replace("Bearer ", "") }
  },
  ordersByIndex: false
}
