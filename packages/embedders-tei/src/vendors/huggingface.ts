/**
 * Hugging Face's own inference, which answers on the wire of Text Embeddings Inference. By the types of @huggingface/tasks
 * (inputs, `normalize`, `truncate`, `prompt_name`), the source of @huggingface/inference 4.13 (address, the variable) and a
 * recorded exchange of a public repository (the same address). No limit is stated; batches are that of the servers behind.
 */
import type { Vendor } from "../Vendor.js"

export const huggingface: Vendor = {
  id: "huggingface",
  baseUrl: "https://router.huggingface.co",
  baseUrlVariable: "HF_BASE_URL",
  apiKey: { variable: "HF_TOKEN", optional: false },
  path: "/hf-inference/models/{model}/pipeline/feature-extraction",
  maxBatch: 32,
  maxTokens: undefined
}
