/**
 * mistral.rs's own server. Read on 2026-11-29: ericlbuehler.github.io/mistral.rs/guides/serve/openai-compatible-apis (port
 * 1234) and …/mistral.rs/HTTP.html (`top_k`, `enable_thinking`), recorded exchanges (the port; `reasoning_content`). It
 * asks for no key.
 */
import { define } from "../Vendor.js"

export const mistralrs = define({
  id: "mistralrs",
  baseUrl: "http://127.0.0.1:1234/v1",
  baseUrlVariable: "MISTRALRS_BASE_URL",
  apiKey: { variable: "MISTRALRS_API_KEY", optional: true },
  drops: [],
  thinkingSwitch: "enable_thinking",
  effortStyle: "none"
})
