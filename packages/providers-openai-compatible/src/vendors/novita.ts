/**
 * Novita. Read on 2026-11-29: promptfoo.dev/docs/providers/novita (the address and variable), docs.litellm.ai
 * docs/providers/novita (its fields: `top_k`, `response_format`, no efforts), models.dev novita-ai of 2026-07-02
 * (`enable_thinking`, for some models).
 */
import { define } from "../Vendor.js"

export const novita = define({
  id: "novita",
  baseUrl: "https://api.novita.ai/openai/v1",
  baseUrlVariable: "NOVITA_BASE_URL",
  apiKey: { variable: "NOVITA_API_KEY", optional: false },
  drops: [],
  thinkingSwitch: "enable_thinking",
  effortStyle: "none"
})
