/**
 * NVIDIA's hosted and own NIM. By docs.nvidia.com/nim/nemo-retriever/text-embedding (`input_type`, without which its
 * retrieval models refuse; `dimensions`; too long texts are refused unless `truncate` is sent) and the source of
 * posit-dev/raghilda (the address, the variable, 20 texts a call). No limit is documented.
 */
import { define } from "../Vendor.js"

export const nvidia = define({
  id: "nvidia",
  baseUrl: "https://integrate.api.nvidia.com/v1",
  baseUrlVariable: "NVIDIA_BASE_URL",
  apiKey: { variable: "NVIDIA_API_KEY", optional: false },
  maxBatch: 20,
  inputTypes: { field: "input_type", types: ["query", "passage"], standard: "passage" }
})
