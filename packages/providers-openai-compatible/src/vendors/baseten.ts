/**
 * Baseten's model APIs. Read on 2026-11-24: docs.baseten.co/quickstart and the source of @ai-sdk/baseten 2 (the same
 * address and variable; streams asked for usage).
 */
import { define } from "../Vendor.js"

export const baseten = define({
  id: "baseten",
  baseUrl: "https://inference.baseten.co/v1",
  baseUrlVariable: "BASETEN_BASE_URL",
  apiKey: { variable: "BASETEN_API_KEY", optional: false }
})
