/**
 * Crusoe's serverless inference, which is vLLM behind it. Read on 2026-11-29:
 * docs.crusoecloud.com/quickstart/getting-started-with-serverless-inference and
 * docs.vllm.ai/en/latest/deployment/frameworks/crusoe (the same address and variable), recorded exchanges (`reasoning`,
 * vLLM's extra fields).
 */
import { define } from "../Vendor.js"

export const crusoe = define({
  id: "crusoe",
  baseUrl: "https://api.inference.crusoecloud.com/v1",
  baseUrlVariable: "CRUSOE_BASE_URL",
  apiKey: { variable: "CRUSOE_API_KEY", optional: false },
  drops: []
})
