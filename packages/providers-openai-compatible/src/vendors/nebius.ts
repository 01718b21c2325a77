/**
 * Nebius Token Factory. Read on 2026-11-24: docs.tokenfactory.nebius.com/api-reference/introduction and
 * strandsagents.com model-providers/nebius-token-factory (the same address and variable).
 */
import { define } from "../Vendor.js"

export const nebius = define({
  id: "nebius",
  baseUrl: "https://api.tokenfactory.nebius.com/v1",
  baseUrlVariable: "NEBIUS_BASE_URL",
  apiKey: { variable: "NEBIUS_API_KEY", optional: false }
})
