/**
 * Mistral, as far as its own surface is the common one. Read on 2026-11-24:
 * docs.mistral.ai/studio/conversations/reasoning (content in `thinking` and `text` parts, both ways), the sources of
 * @mistralai/mistralai 2.7 and @ai-sdk/mistral 4 (`random_seed`, no `stream_options`: streams state their usage
 * unasked; efforts none and high). Read on 2026-11-29: mistralai.github.io/mistral-common/usage/tools and users' reports
 * of error 3280 (ids of tool calls have nine letters and digits, or the request is refused: so an id of another vendor's).
 */
import { define } from "../Vendor.js"

export const mistral = define({
  id: "mistral",
  baseUrl: "https://api.mistral.ai/v1",
  baseUrlVariable: "MISTRAL_BASE_URL",
  apiKey: { variable: "MISTRAL_API_KEY", optional: false },
  seedField: "random_seed",
  efforts: { none: "none", high: "high", max: "high" },
  reasoningReplay: "thinking",
  callIds: "nine",
  streamUsage: false,
  requestIdHeaders: ["x-kong-request-id", "x-request-id"]
})
