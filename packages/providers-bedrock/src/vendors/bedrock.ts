/**
 * Amazon Bedrock. Documented at docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html (the wire) and
 * …/userguide/api-keys-use.html (`AWS_BEARER_TOKEN_BEDROCK`). Read on 2026-11-29: the source of
 * @aws-sdk/client-bedrock-runtime 3.1164 (signed for `bedrock`, the address's variable, `x-amzn-requestid`).
 */
import { tokenVariable } from "@consortium/aws/Access"
import { bedrockRuntimeVariable } from "@consortium/aws/Region"
import type { Vendor } from "../Vendor.js"

export const bedrock: Vendor = {
  id: "bedrock",
  baseUrlVariable: bedrockRuntimeVariable,
  apiKey: { variable: tokenVariable, optional: true },
  service: "bedrock",
  requestIdHeaders: ["x-amzn-requestid"]
}
