/**
 * vLLM's own server. Read on 2026-11-24: docs.vllm.ai/en/v0.26.0/features/reasoning_outputs (`reasoning`, earlier
 * `reasoning_content`; port 8000), docs.haystack.deepset.ai/docs/vllmchatgenerator (`--api-key`; `top_k` is among its
 * extra fields).
 */
import { define } from "../Vendor.js"

export const vllm = define({
  id: "vllm",
  baseUrl: "http://127.0.0.1:8000/v1",
  baseUrlVariable: "VLLM_BASE_URL",
  apiKey: { variable: "VLLM_API_KEY", optional: true },
  drops: []
})
