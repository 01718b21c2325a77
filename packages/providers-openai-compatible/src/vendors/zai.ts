/**
 * Z.ai (GLM). Read on 2026-11-24: docs.z.ai/guides/capabilities/thinking-mode (the switch; reasoning goes back in
 * tool loops), java.agentscope.io integration/model/glm (no penalties, no `stream_options`), docs.together.ai
 * glm-5.3-quickstart and dev.to/aihubmix (efforts low, high and max; thinking cannot be switched off on GLM-5.3).
 */
import { define } from "../Vendor.js"

export const zai = define({
  id: "zai",
  baseUrl: "https://api.z.ai/api/paas/v4",
  baseUrlVariable: "ZAI_BASE_URL",
  apiKey: { variable: "ZAI_API_KEY", optional: false },
  drops: ["topK", "presencePenalty", "frequencyPenalty"],
  thinkingSwitch: "thinking",
  efforts: { minimal: "low", low: "low", medium: "high", high: "high", max: "max" },
  reasoningReplay: "reasoning_content",
  responseFormat: "json_object",
  streamUsage: false
})
