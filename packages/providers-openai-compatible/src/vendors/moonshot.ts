/**
 * Moonshot (Kimi). Read on 2026-11-24: java.agentscope.io integration/model/kimi (Kimi models fix their sampling;
 * reasoning goes back), the source of @ai-sdk/moonshotai 3 (the address, `thinking`, flat `usage.cached_tokens`,
 * schemas for some models only; no seed, no top_k). Efforts are K3's alone, and `moonshot-v1` takes sampling: both by
 * `providerOptions`.
 */
import { define } from "../Vendor.js"

export const moonshot = define({
  id: "moonshot",
  baseUrl: "https://api.moonshot.ai/v1",
  baseUrlVariable: "MOONSHOT_BASE_URL",
  apiKey: { variable: "MOONSHOT_API_KEY", optional: false },
  maxTokensField: "max_completion_tokens",
  drops: ["temperature", "topP", "topK", "seed", "presencePenalty", "frequencyPenalty"],
  thinkingSwitch: "thinking",
  effortStyle: "none",
  reasoningReplay: "reasoning_content",
  responseFormat: "json_object"
})
