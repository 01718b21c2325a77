/**
 * OpenRouter. Documented at openrouter.ai/docs/api/reference/embeddings. Batches and encodings are the upstream's:
 * 96 texts is the least that a large one takes, and base64 is not float32 with all of them, so JSON numbers are asked for.
 */
import { define } from "../Vendor.js"

export const openrouter = define({
  id: "openrouter",
  baseUrl: "https://openrouter.ai/api/v1",
  baseUrlVariable: "OPENROUTER_BASE_URL",
  apiKey: { variable: "OPENROUTER_API_KEY", optional: false },
  maxBatch: 96,
  // The upstream's own words.
  inputTypes: { field: "input_type", types: Array.of<string>() },
  requestIdHeaders: ["x-generation-id", "x-request-id"]
})
