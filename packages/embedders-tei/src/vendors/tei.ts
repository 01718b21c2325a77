/**
 * Text Embeddings Inference, by its `/embed`. By router/src/main.rs of huggingface/text-embeddings-inference (32 texts a
 * call unless `--max-client-batch-size` says otherwise; 16384 tokens in a batch; a bearer's key by `--api-key`) and by
 * docs.trieve.ai/vector-inference/embed, a second copy of its reference.
 */
import type { Vendor } from "../Vendor.js"

export const tei: Vendor = {
  id: "tei",
  baseUrl: "http://127.0.0.1:8080",
  baseUrlVariable: "TEI_BASE_URL",
  apiKey: { variable: "TEI_API_KEY", optional: true },
  path: "/embed",
  maxBatch: 32,
  // The server splits what is more into batches of its own.
  maxTokens: undefined
}
