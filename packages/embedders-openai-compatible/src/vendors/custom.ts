/**
 * Any server that speaks this wire, by two variables: its address up to `/v1`, and its key where it wants one. What it
 * does otherwise is a vendor of one's own: `define({ … })` with a named field for each deviation.
 */
import { define } from "../Vendor.js"

export const custom = define({
  id: "custom",
  baseUrl: "{CUSTOM_BASE_URL}",
  baseUrlVariable: "CUSTOM_BASE_URL",
  apiKey: { variable: "CUSTOM_API_KEY", optional: true },
  maxBatch: 32
})
