/**
 * Ollama, on this machine or in its cloud (`https://ollama.com/v1`, with a key). Read on 2026-11-23:
 * docs.ollama.com/api/openai-compatibility (fields of /v1/chat/completions; no `max_completion_tokens`, no `top_k`;
 * `reasoning_effort` takes high, medium, low and none).
 */
import { define } from "../Vendor.js"

export const ollama = define({
  id: "ollama",
  baseUrl: "http://127.0.0.1:11434/v1",
  baseUrlVariable: "OLLAMA_BASE_URL",
  apiKey: { variable: "OLLAMA_API_KEY", optional: true },
  efforts: { none: "none", minimal: "low", low: "low", medium: "medium", high: "high", max: "high" },
  reasoningReplay: "reasoning"
})
