/**
 * vLLM's own server (docs.vllm.ai: port 8000, `dimensions` for models that allow it). Its base64 is not float32 for every
 * model, so JSON numbers are asked for. There is no fixed limit.
 */
import { define } from "../Vendor.js"

export const vllm = define({
  id: "vllm",
  baseUrl: "http://127.0.0.1:8000/v1",
  baseUrlVariable: "VLLM_BASE_URL",
  apiKey: { variable: "VLLM_API_KEY", optional: true },
  maxBatch: 64
})
