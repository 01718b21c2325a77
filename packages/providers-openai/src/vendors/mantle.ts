/**
 * OpenAI's models and open ones on Amazon Bedrock by OpenAI's own wires. Documented at docs.aws.amazon.com/bedrock/latest/userguide/bedrock-mantle.html.
 * Read on 2026-11-29: the source of openai 7.57's `BedrockOpenAI` (`/openai/v1`, a bearer's token, the variables) and of
 * @anthropic-ai/bedrock-sdk 1.1 (signed for `bedrock-mantle`). Answers of gpt-oss were seen at `/v1` only.
 */
import { tokenVariable } from "@consortium/aws/Access"
import { define, type Vendor } from "@consortium/providers-openai-compatible/Vendor"

export const mantle: Vendor = define({
  id: "bedrock.responses",
  // Every region has an address of its own; this one leads nowhere.
  baseUrl: "https://region.invalid/openai/v1",
  baseUrlVariable: "AWS_BEDROCK_BASE_URL",
  apiKey: { variable: tokenVariable, optional: true },
  requestIdHeaders: ["x-amzn-requestid", "x-request-id"]
})

/** The name that signatures are made for. */
export const service = "bedrock-mantle"

/** The address of a model in a region. */
export const baseUrlOf = (region: string, model: string): string => {
  const path = model.startsWith("openai.gpt-oss") ? "v1" : "openai/v1"
  return `https://bedrock-mantle.${encodeURIComponent(region.trim())}.api.aws/${path}`
}
