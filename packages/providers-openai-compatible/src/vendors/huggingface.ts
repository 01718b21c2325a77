/**
 * The router of Hugging Face, over many sub-providers (`org/name[:provider]`). Read on 2026-11-24:
 * huggingface.co/docs/inference-providers/providers/baseten (the address, `HF_TOKEN`), the source of
 * @ai-sdk/huggingface 2 (the same address). What a field does depends on the sub-provider.
 */
import { define } from "../Vendor.js"

export const huggingface = define({
  id: "huggingface",
  baseUrl: "https://router.huggingface.co/v1",
  baseUrlVariable: "HF_BASE_URL",
  apiKey: { variable: "HF_TOKEN", optional: false }
})
