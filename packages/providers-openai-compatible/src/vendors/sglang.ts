/**
 * SGLang's own server. Read on 2026-11-29: docs.sglang.io/docs/basic_usage/send_request (port 30000),
 * mintlify.com/sgl-project/sglang/backend/openai-compatible-api (the same port; `--api-key`). Efforts beyond low, medium
 * and high are no words of the common wire.
 */
import { define } from "../Vendor.js"

export const sglang = define({
  id: "sglang",
  baseUrl: "http://127.0.0.1:30000/v1",
  baseUrlVariable: "SGLANG_BASE_URL",
  apiKey: { variable: "SGLANG_API_KEY", optional: true },
  drops: [],
  efforts: { minimal: "low", low: "low", medium: "medium", high: "high", max: "high" }
})
