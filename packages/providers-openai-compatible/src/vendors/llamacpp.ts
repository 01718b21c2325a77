/**
 * llama.cpp's llama-server. Read on 2026-11-24: mvysny.github.io/llama-server-endpoints (port 8080, against a running
 * server), pypi.org/project/langchain-llama-cpp (`top_k`, `reasoning_content`; a named tool choice counts as auto),
 * github.com/ggml-org/llama.cpp issue 11847 (`json_schema`). An effort is its template's matter, so none is sent.
 */
import { define } from "../Vendor.js"

export const llamacpp = define({
  id: "llamacpp",
  baseUrl: "http://127.0.0.1:8080/v1",
  baseUrlVariable: "LLAMACPP_BASE_URL",
  apiKey: { variable: "LLAMACPP_API_KEY", optional: true },
  drops: [],
  effortStyle: "none"
})
