/**
 * Mistral. By docs.mistral.ai/api (`input`, `output_dimension`) and the source of @ai-sdk/mistral 4 (32 texts at a time;
 * more are refused with 400). 16384 tokens over all of them, by the vendor's own words in issues of semantic-router (297)
 * and of dust (10654). Rows of codestral-embed that are cut are not of length 1.
 */
import { define } from "../Vendor.js"

export const mistral = define({
  id: "mistral",
  baseUrl: "https://api.mistral.ai/v1",
  baseUrlVariable: "MISTRAL_BASE_URL",
  apiKey: { variable: "MISTRAL_API_KEY", optional: false },
  maxBatch: 32,
  maxTokens: 16_384,
  dimensionsField: "output_dimension"
})
