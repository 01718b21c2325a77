/**
 * Upstage (Solar). Read on 2026-11-29: console.upstage.ai/api-keys (the address; `reasoning_effort`), mastra.ai
 * models/providers/upstage (the variable), models.dev upstage of 2026-07-02 (efforts low, which is off, medium and high).
 */
import { define } from "../Vendor.js"

export const upstage = define({
  id: "upstage",
  baseUrl: "https://api.upstage.ai/v1",
  baseUrlVariable: "UPSTAGE_BASE_URL",
  apiKey: { variable: "UPSTAGE_API_KEY", optional: false },
  efforts: { none: "low", minimal: "low", low: "low", medium: "medium", high: "high", max: "high" }
})
