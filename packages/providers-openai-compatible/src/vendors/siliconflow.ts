/**
 * SiliconFlow, international; China by the base URL. Read on 2026-11-29: siliconflow.com/blog/openai-sdk-siliconflow-
 * compatibility-checks (the address), docs.siliconflow.cn/docs/api/chat-completions-post (`enable_thinking`; efforts for
 * few models; the trace's header), models.dev siliconflow of 2026-07-02 (the same address, the variable). No
 * source says that all models take schemas, so they go in words.
 */
import { define } from "../Vendor.js"

export const siliconflow = define({
  id: "siliconflow",
  baseUrl: "https://api.siliconflow.com/v1",
  baseUrlVariable: "SILICONFLOW_BASE_URL",
  apiKey: { variable: "SILICONFLOW_API_KEY", optional: false },
  thinkingSwitch: "enable_thinking",
  effortStyle: "none",
  responseFormat: "json_object",
  requestIdHeaders: ["x-siliconcloud-trace-id", "x-request-id"]
})
