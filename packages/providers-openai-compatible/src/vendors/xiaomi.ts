/**
 * Xiaomi MiMo. Read on 2026-11-29: docs.agno.com/models/providers/native/xiaomi/overview (the address; JSON mode, no
 * schemas), docs.openclaw.ai/providers/xiaomi (the same address, the variable), models.dev xiaomi of 2026-07-02 (the
 * `thinking` switch), LobeChat's xiaomimimo runtime (`max_completion_tokens`), docs.agno.com/examples/models/xiaomi/
 * thinking-mode (`reasoning_content`).
 */
import { define } from "../Vendor.js"

export const xiaomi = define({
  id: "xiaomi",
  baseUrl: "https://api.xiaomimimo.com/v1",
  baseUrlVariable: "XIAOMI_BASE_URL",
  apiKey: { variable: "XIAOMI_API_KEY", optional: false },
  maxTokensField: "max_completion_tokens",
  thinkingSwitch: "thinking",
  effortStyle: "none",
  reasoningReplay: "reasoning_content",
  responseFormat: "json_object"
})
