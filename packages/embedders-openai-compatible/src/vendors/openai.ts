/**
 * OpenAI. Stated in the types of npm `openai` 7.57.0 (resources/embeddings): 2048 texts, and 300 000
 * tokens over all of them; `dimensions`; `encoding_format` base64 is float32, little-endian.
 */
import { define, float32 } from "../Vendor.js"

export const openai = define({
  id: "openai",
  baseUrl: "https://api.openai.com/v1",
  baseUrlVariable: "OPENAI_BASE_URL",
  apiKey: { variable: "OPENAI_API_KEY", optional: false },
  // Fewer than the vendor takes, so that the largest rows fit into an answer also as JSON numbers, which some proxies send.
  maxBatch: 512,
  maxTokens: 300_000,
  base64: float32
})
