/**
 * Cloudflare Workers AI, of one account. By developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility (the
 * address); 100 texts by cloudflare/cloudflare-docs#11316 and by the documentation of LlamaIndex's integration. The token's
 * variable is that of Cloudflare's own tools.
 */
import { define } from "../Vendor.js"

export const cloudflare = define({
  id: "cloudflare",
  baseUrl: "https://api.cloudflare.com/client/v4/accounts/{CLOUDFLARE_ACCOUNT_ID}/ai/v1",
  baseUrlVariable: "CLOUDFLARE_BASE_URL",
  apiKey: { variable: "CLOUDFLARE_API_TOKEN", optional: false },
  maxBatch: 100,
  dimensionsField: "none",
  requestIdHeaders: ["cf-ray"]
})
