/**
 * Fireworks. Read on 2026-11-24: fireworks.ai/docs/structured-responses/structured-response-formatting (the address,
 * `json_schema`; the model does not see the schema, so say it in the prompt too), the source of @ai-sdk/fireworks 3
 * (efforts low, medium and high; `reasoning_content`; streams asked for usage).
 */
import { define } from "../Vendor.js"

export const fireworks = define({
  id: "fireworks",
  baseUrl: "https://api.fireworks.ai/inference/v1",
  baseUrlVariable: "FIREWORKS_BASE_URL",
  apiKey: { variable: "FIREWORKS_API_KEY", optional: false },
  efforts: { none: "none", minimal: "low", low: "low", medium: "medium", high: "high", max: "high" },
  reasoningReplay: "reasoning_content"
})
