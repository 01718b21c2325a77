/**
 * Cerebras. Read on 2026-11-24: inference-docs.cerebras.ai/capabilities/reasoning (`reasoning`), hexdocs.pm/req_llm
 * guides/cerebras (penalties are a 400), the source of @ai-sdk/cerebras 3 (the address; `max_completion_tokens`;
 * reasoning goes back as `reasoning`). Its limiter reserves `max_completion_tokens` beforehand: set it tight. Limits
 * are by day and minute.
 */
import { define } from "../Vendor.js"

export const cerebras = define({
  id: "cerebras",
  baseUrl: "https://api.cerebras.ai/v1",
  baseUrlVariable: "CEREBRAS_BASE_URL",
  apiKey: { variable: "CEREBRAS_API_KEY", optional: false },
  maxTokensField: "max_completion_tokens",
  drops: ["topK", "presencePenalty", "frequencyPenalty"],
  efforts: { none: "none", minimal: "low", low: "low", medium: "medium", high: "high", max: "high" },
  reasoningReplay: "reasoning"
})
