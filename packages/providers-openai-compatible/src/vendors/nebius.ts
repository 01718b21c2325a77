/**
 * Nebius Token Factory. Read on 2026-11-24: docs.tokenfactory.nebius.com/api-reference/introduction and
 * strandsagents.com model-providers/nebius-token-factory (the same address and variable). Read on 2026-11-29: models.dev
 * nebius of 2026-07-02, after its reference (efforts low, medium and high).
 */
import { define } from "../Vendor.js"

export const nebius = define({
  id: "nebius",
  baseUrl: "https://api.tokenfactory.nebius.com/v1",
  baseUrlVariable: "NEBIUS_BASE_URL",
  apiKey: { variable: "NEBIUS_API_KEY", optional: false },
  efforts: { minimal: "low", low: "low", medium: "medium", high: "high", max: "high" }
})
