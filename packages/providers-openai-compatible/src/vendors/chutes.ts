/**
 * Chutes. Read on 2026-11-29: chutes.ai/agents/connect (the address, the variable), docs.rs/crate/aisdk providers/chutes
 * (both), models.dev chutes of 2026-07-02 (both; no efforts). What else is taken depends on the model, so schemas go in
 * words.
 */
import { define } from "../Vendor.js"

export const chutes = define({
  id: "chutes",
  baseUrl: "https://llm.chutes.ai/v1",
  baseUrlVariable: "CHUTES_BASE_URL",
  apiKey: { variable: "CHUTES_API_KEY", optional: false },
  effortStyle: "none",
  responseFormat: "json_object"
})
