/**
 * Together. Read on 2026-11-24: docs.together.ai/docs/glm-5.3-quickstart (efforts low, medium, high and max; the
 * trace comes as `reasoning_content` or `reasoning`), the sources of together-ai 0.52 (`top_k`) and
 * @ai-sdk/togetherai 3 (the address; streams asked for usage). Whether `none` is taken depends on the model.
 */
import { define } from "../Vendor.js"

export const together = define({
  id: "together",
  baseUrl: "https://api.together.xyz/v1",
  baseUrlVariable: "TOGETHER_BASE_URL",
  apiKey: { variable: "TOGETHER_API_KEY", optional: false },
  drops: [],
  efforts: { none: "none", minimal: "low", low: "low", medium: "medium", high: "high", max: "max" }
})
