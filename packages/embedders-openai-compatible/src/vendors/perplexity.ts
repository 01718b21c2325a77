/**
 * Perplexity. By docs.perplexity.ai/docs/embeddings (`base64_int8`: a signed byte for each number, of any length) and the
 * source of @ai-sdk/perplexity 4 (512 texts, the same decoding). There are no float32 rows.
 */
import { define } from "../Vendor.js"

export const perplexity = define({
  id: "perplexity",
  baseUrl: "https://api.perplexity.ai",
  baseUrlVariable: "PERPLEXITY_BASE_URL",
  path: "/v1/embeddings",
  apiKey: { variable: "PERPLEXITY_API_KEY", optional: false },
  maxBatch: 512,
  base64: { format: "base64_int8", holds: "int8" }
})
