/**
 * Doubleword. By arize.com/docs/phoenix/integrations/llm-providers/doubleword (the address), mastra.ai/models/providers/doubleword
 * (the variable) and recorded exchanges of public repositories (the same address, `dimensions`, JSON numbers). No limit is
 * stated; batches are kept small.
 */
import { define } from "../Vendor.js"

export const doubleword = define({
  id: "doubleword",
  baseUrl: "https://api.doubleword.ai/v1",
  baseUrlVariable: "DOUBLEWORD_BASE_URL",
  apiKey: { variable: "DOUBLEWORD_API_KEY", optional: false },
  maxBatch: 64
})
