/**
 * Venice; its own `venice_parameters` go by `providerOptions`. Read on 2026-11-24:
 * docs.venice.ai/getting-started/quick-start (the address and variable) and LiteLLM's list of compatible providers
 * (the same address).
 */
import { define } from "../Vendor.js"

export const venice = define({
  id: "venice",
  baseUrl: "https://api.venice.ai/api/v1",
  baseUrlVariable: "VENICE_BASE_URL",
  apiKey: { variable: "VENICE_API_KEY", optional: false }
})
