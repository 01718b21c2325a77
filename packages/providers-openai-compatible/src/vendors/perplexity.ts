/**
 * Perplexity. Read on 2026-11-24: the source of @ai-sdk/perplexity 4 (no `/v1` in the path; efforts minimal to high;
 * no top_k, stop or seed; streams state their usage unasked; reasoning tokens are not among `completion_tokens`;
 * `cost.total_cost`), LiteLLM's list of compatible endpoints (the same address). Reasoning models write `<think>`
 * into their text.
 */
import { define } from "../Vendor.js"

export const perplexity = define({
  id: "perplexity",
  baseUrl: "https://api.perplexity.ai",
  baseUrlVariable: "PERPLEXITY_BASE_URL",
  apiKey: { variable: "PERPLEXITY_API_KEY", optional: false },
  drops: ["topK", "seed", "stop"],
  efforts: { minimal: "minimal", low: "low", medium: "medium", high: "high", max: "high" },
  streamUsage: false,
  outputExcludesReasoning: true,
  cost: { path: ["cost", "total_cost"], perDollar: 1 }
})
