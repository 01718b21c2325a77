/**
 * Hugging Face Text Embeddings Inference, by its `/v1`. By its router/src/main.rs: 32 texts a call unless
 * `--max-client-batch-size` says otherwise, and 429 when it is overloaded.
 */
import { define } from "../Vendor.js"

export const tei = define({
  id: "tei",
  baseUrl: "http://127.0.0.1:8080/v1",
  baseUrlVariable: "TEI_BASE_URL",
  apiKey: { variable: "TEI_API_KEY", optional: true },
  maxBatch: 32
})
