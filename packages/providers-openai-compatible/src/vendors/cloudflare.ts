/**
 * Cloudflare's Workers AI (`@cf/org/model`), of one account. Read on 2026-11-29: promptfoo.dev/docs/providers/cloudflare-ai
 * (the address), docs.langchain.com integrations/llms/cloudflare_workersai (the two variables), models.dev
 * cloudflare-workers-ai of 2026-07-02 (the same address; `reasoning_effort`).
 */
import { define } from "../Vendor.js"

export const cloudflare = define({
  id: "cloudflare",
  baseUrl: "https://api.cloudflare.com/client/v4/accounts/{CLOUDFLARE_ACCOUNT_ID}/ai/v1",
  baseUrlVariable: "CLOUDFLARE_BASE_URL",
  apiKey: { variable: "CLOUDFLARE_API_TOKEN", optional: false }
})
