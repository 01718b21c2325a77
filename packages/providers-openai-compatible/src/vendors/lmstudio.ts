/**
 * LM Studio's local server. Read on 2026-11-24: lmstudio.ai/docs/developer (port 1234), lmstudio.ai/docs/advanced/
 * structured-output (`json_schema`, not `json_object`), docs.litellm.ai/docs/providers/lm_studio (the optional key).
 */
import { define } from "../Vendor.js"

export const lmstudio = define({
  id: "lmstudio",
  baseUrl: "http://127.0.0.1:1234/v1",
  baseUrlVariable: "LM_STUDIO_BASE_URL",
  apiKey: { variable: "LM_STUDIO_API_KEY", optional: true }
})
