/**
 * Inception (Mercury). Read on 2026-11-29: docs.litellm.ai/docs/providers/inception (the address, the variable, schemas),
 * docs.pipecat.ai services/llm/inception (both), models.dev inception of 2026-07-02 (efforts instant, low, medium, high).
 */
import { define } from "../Vendor.js"

export const inception = define({
  id: "inception",
  baseUrl: "https://api.inceptionlabs.ai/v1",
  baseUrlVariable: "INCEPTION_BASE_URL",
  apiKey: { variable: "INCEPTION_API_KEY", optional: false },
  efforts: { none: "instant", minimal: "instant", low: "low", medium: "medium", high: "high", max: "high" }
})
