/**
 * DeepInfra. Read on 2026-11-24: the source of @ai-sdk/deepinfra 3 (the address and variable) and LiteLLM's list of
 * compatible endpoints (the same address). Read on 2026-11-29: models.dev deepinfra of 2026-07-02, after
 * docs.deepinfra.com/chat/reasoning (efforts none, low, medium, high and xhigh).
 */
import { define } from "../Vendor.js"

export const deepinfra = define({
  id: "deepinfra",
  baseUrl: "https://api.deepinfra.com/v1/openai",
  baseUrlVariable: "DEEPINFRA_BASE_URL",
  apiKey: { variable: "DEEPINFRA_API_KEY", optional: false },
  efforts: { none: "none", minimal: "low", low: "low", medium: "medium", high: "high", max: "xhigh" }
})
