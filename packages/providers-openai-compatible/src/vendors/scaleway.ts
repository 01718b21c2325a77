/**
 * Scaleway's Generative APIs. Read on 2026-11-29: scaleway.com/en/docs/generative-apis/api-cli/using-chat-api (the address,
 * the variable), models.dev scaleway of 2026-07-02 (the same address; efforts by model, `none` among them).
 */
import { define } from "../Vendor.js"

export const scaleway = define({
  id: "scaleway",
  baseUrl: "https://api.scaleway.ai/v1",
  baseUrlVariable: "SCALEWAY_BASE_URL",
  apiKey: { variable: "SCW_SECRET_KEY", optional: false },
  efforts: { none: "none", minimal: "low", low: "low", medium: "medium", high: "high", max: "high" }
})
