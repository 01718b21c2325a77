/**
 * A LiteLLM proxy, on this machine unless the variable says where. Read on 2026-11-29:
 * docs.litellm.ai/docs/providers/litellm_proxy (both variables, port 4000) and docs.litellm.ai/docs/simple_proxy_old_doc
 * (the same port). What a field does depends on the model behind it.
 */
import { define } from "../Vendor.js"

export const litellm = define({
  id: "litellm",
  baseUrl: "http://127.0.0.1:4000",
  baseUrlVariable: "LITELLM_PROXY_API_BASE",
  apiKey: { variable: "LITELLM_PROXY_API_KEY", optional: true }
})
