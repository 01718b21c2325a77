/**
 * LM Studio's local server (lmstudio.ai/docs/developer: port 1234). There is no fixed limit; batches are kept small for the
 * memory of one machine.
 */
import { define } from "../Vendor.js"

export const lmstudio = define({
  id: "lmstudio",
  baseUrl: "http://127.0.0.1:1234/v1",
  baseUrlVariable: "LM_STUDIO_BASE_URL",
  apiKey: { variable: "LM_STUDIO_API_KEY", optional: true },
  maxBatch: 64,
  dimensionsField: "none"
})
