/**
 * Anthropic. Documented at platform.claude.com/docs/en/api/messages (address, fields), …/docs/en/api/versioning (the
 * header `anthropic-version`) and …/docs/en/api/overview (`x-api-key`).
 */
import { define } from "../Vendor.js"

export const anthropic = define({
  id: "anthropic",
  baseUrl: "https://api.anthropic.com",
  baseUrlVariable: "ANTHROPIC_BASE_URL",
  apiKey: { variable: "ANTHROPIC_API_KEY", optional: false }
})
