/**
 * OVHcloud's AI Endpoints, which answer a little without a key too. Read on 2026-11-29:
 * strandsagents.com/docs/community/model-providers/ovhcloud-ai-endpoints (the address), developers.llamaindex.ai
 * llms/ovhcloud (the variable; no key), models.dev ovhcloud of 2026-07-02 (both; efforts of gpt-oss alone). No source says
 * that all models take schemas, so they go in words.
 */
import { define } from "../Vendor.js"

export const ovhcloud = define({
  id: "ovhcloud",
  baseUrl: "https://oai.endpoints.kepler.ai.cloud.ovh.net/v1",
  baseUrlVariable: "OVHCLOUD_BASE_URL",
  apiKey: { variable: "OVHCLOUD_API_KEY", optional: true },
  efforts: { minimal: "low", low: "low", medium: "medium", high: "high", max: "high" },
  responseFormat: "json_object"
})
