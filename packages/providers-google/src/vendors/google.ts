/**
 * The Gemini API. Documented at ai.google.dev/api/generate-content (address, fields) and
 * ai.google.dev/gemini-api/docs/api-key (`GEMINI_API_KEY`; `GOOGLE_API_KEY` wins where both are set). Read on
 * 2026-11-24: the source of @google/genai 3.1 (the same precedence), the source of @ai-sdk/google 4.0 (2.5 models take
 * penalties on Vertex only).
 */
import type { Vendor } from "../Vendor.js"

export const google: Vendor = {
  id: "google",
  baseUrl: "https://generativelanguage.googleapis.com",
  baseUrlVariable: "GEMINI_BASE_URL",
  apiKey: { variable: "GEMINI_API_KEY", preferred: ["GOOGLE_API_KEY"], optional: false },
  version: "v1beta",
  withoutPenalties: ["gemini-2.5-"]
}
