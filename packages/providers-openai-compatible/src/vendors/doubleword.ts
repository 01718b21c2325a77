/**
 * Doubleword. Read on 2026-11-29: arize.com/docs/phoenix/integrations/llm-providers/doubleword (the address),
 * mastra.ai/models/providers/doubleword (the variable), recorded exchanges (the same address; streams asked for usage).
 */
import { define } from "../Vendor.js"

export const doubleword = define({
  id: "doubleword",
  baseUrl: "https://api.doubleword.ai/v1",
  baseUrlVariable: "DOUBLEWORD_BASE_URL",
  apiKey: { variable: "DOUBLEWORD_API_KEY", optional: false }
})
