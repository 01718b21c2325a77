/**
 * Vercel's AI Gateway. Read on 2026-11-24: vercel.com/docs/ai-gateway/sdks-and-apis/openai-chat-completions/reasoning
 * (the `reasoning` object) and LiteLLM's list of compatible endpoints (the address); the source of @ai-sdk/gateway
 * (the variable); models.dev vercel of 2026-07-02 (efforts none to xhigh).
 */
import { define } from "../Vendor.js"

export const vercel = define({
  id: "vercel",
  baseUrl: "https://ai-gateway.vercel.sh/v1",
  baseUrlVariable: "AI_GATEWAY_BASE_URL",
  apiKey: { variable: "AI_GATEWAY_API_KEY", optional: false },
  effortStyle: "object",
  efforts: { none: "none", minimal: "minimal", low: "low", medium: "medium", high: "high", max: "xhigh" }
})
