/**
 * NVIDIA NIM, hosted. Read on 2026-11-24: docs.pipecat.ai/server/services/llm/nvidia (the address and variable) and
 * ai-sdk.dev/providers/openai-compatible-providers/nim (the same address). What a field does depends on the model.
 */
import { define } from "../Vendor.js"

export const nvidia = define({
  id: "nvidia",
  baseUrl: "https://integrate.api.nvidia.com/v1",
  baseUrlVariable: "NVIDIA_BASE_URL",
  apiKey: { variable: "NVIDIA_API_KEY", optional: false }
})
