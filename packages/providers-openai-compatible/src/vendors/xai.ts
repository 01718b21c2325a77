/**
 * xAI. Read on 2026-11-24: docs.x.ai/developers/cost-tracking (`cost_in_usd_ticks`, 10^10 to the dollar),
 * docs.litellm.ai providers/xai (the address; efforts low, medium and high), the changes of @ai-sdk/xai 3.0.97
 * (effort none) and its source (reasoning models refuse penalties). Its `completion_tokens` leave reasoning out:
 * total = prompt + completion + reasoning.
 */
import { define } from "../Vendor.js"

export const xai = define({
  id: "xai",
  baseUrl: "https://api.x.ai/v1",
  baseUrlVariable: "XAI_BASE_URL",
  apiKey: { variable: "XAI_API_KEY", optional: false },
  maxTokensField: "max_completion_tokens",
  drops: ["topK", "presencePenalty", "frequencyPenalty"],
  efforts: { none: "none", minimal: "low", low: "low", medium: "medium", high: "high", max: "high" },
  outputExcludesReasoning: true,
  cost: { path: ["cost_in_usd_ticks"], perDollar: 1e10 }
})
