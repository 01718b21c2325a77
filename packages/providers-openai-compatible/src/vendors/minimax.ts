/**
 * MiniMax. Read on 2026-11-29: platform.minimax.io/docs/api-reference/text-openai-api (the address; `<think>` in the
 * content), java.agentscope.io integration/model/minimax (the variable; thinking `adaptive` or `disabled`;
 * `max_completion_tokens`). No source names schemas, so they go in words.
 */
import { define } from "../Vendor.js"

export const minimax = define({
  id: "minimax",
  baseUrl: "https://api.minimax.io/v1",
  baseUrlVariable: "MINIMAX_BASE_URL",
  apiKey: { variable: "MINIMAX_API_KEY", optional: false },
  maxTokensField: "max_completion_tokens",
  thinkingSwitch: "adaptive",
  effortStyle: "none",
  responseFormat: "none"
})
