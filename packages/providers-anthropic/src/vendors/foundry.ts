/**
 * Claude in Azure's Foundry, by the wire as Anthropic has it. Documented at platform.claude.com/docs/en/build-with-claude/claude-in-microsoft-foundry.
 * Read on 2026-11-29: the source of @anthropic-ai/foundry-sdk 1.1 (address, `x-api-key` or a token, the variables).
 */
import { define } from "../Vendor.js"

export const foundry = define({
  id: "azure.messages",
  // Every resource has an address of its own; this one leads nowhere.
  baseUrl: "https://resource.invalid/anthropic",
  baseUrlVariable: "ANTHROPIC_FOUNDRY_BASE_URL",
  apiKey: { variable: "ANTHROPIC_FOUNDRY_API_KEY", optional: false },
  requestIdHeaders: ["request-id", "apim-request-id", "x-request-id"]
})

/** Names the resource, where no address is given. */
export const resourceVariable = "ANTHROPIC_FOUNDRY_RESOURCE"

/** The address of a resource. */
export const baseUrlOf = (resource: string): string =>
  `https://${encodeURIComponent(resource.trim())}.services.ai.azure.com/anthropic`
