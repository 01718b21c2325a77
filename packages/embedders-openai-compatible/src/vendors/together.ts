/**
 * Together. Read on 2026-11-24: the sources of langchain_together (the variable; the OpenAI wire) and of
 * llama-index-embeddings-together (the address). No limit is stated; batches are kept small.
 */
import { define } from "../Vendor.js"

export const together = define({
  id: "together",
  baseUrl: "https://api.together.xyz/v1",
  baseUrlVariable: "TOGETHER_BASE_URL",
  apiKey: { variable: "TOGETHER_API_KEY", optional: false },
  maxBatch: 64,
  dimensionsField: "none"
})
