/**
 * DeepSeek. Read on 2026-11-24: api-docs.deepseek.com/guides/thinking_mode (the switch; efforts low, high and max;
 * `reasoning_content` must go back where tools were called), the source of @ai-sdk/deepseek 3 (the address;
 * `json_object` only; no top_k, seed or penalties).
 */
import { define } from "../Vendor.js"

export const deepseek = define({
  id: "deepseek",
  baseUrl: "https://api.deepseek.com",
  baseUrlVariable: "DEEPSEEK_BASE_URL",
  apiKey: { variable: "DEEPSEEK_API_KEY", optional: false },
  drops: ["topK", "seed", "presencePenalty", "frequencyPenalty"],
  thinkingSwitch: "thinking",
  efforts: { minimal: "low", low: "low", medium: "high", high: "high", max: "max" },
  reasoningReplay: "reasoning_content",
  responseFormat: "json_object",
  requestIdHeaders: ["x-ds-trace-id"]
})
