/**
 * Venice. By docs.venice.ai/api-reference (embeddings, `dimensions`) and recorded exchanges of public repositories (the
 * address, JSON numbers, errors as `{ error: "…" }`). No limit is stated; batches are kept small.
 */
import { define } from "../Vendor.js"

export const venice = define({
  id: "venice",
  baseUrl: "https://api.venice.ai/api/v1",
  baseUrlVariable: "VENICE_BASE_URL",
  apiKey: { variable: "VENICE_API_KEY", optional: false },
  maxBatch: 64
})
