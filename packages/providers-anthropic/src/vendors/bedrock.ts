/**
 * Claude on Amazon Bedrock by InvokeModel. Documented at docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html
 * (`anthropic_version`) and …/APIReference/API_runtime_InvokeModelWithResponseStream.html. Read on 2026-11-29: the
 * sources of @anthropic-ai/bedrock-sdk 0.36 and 1.1 (paths, what stands in the body, the newer version by its own name)
 * and of @ai-sdk/amazon-bedrock 5.0 (the same; no pictures by address, formats not reliable with every model).
 */
import { tokenVariable } from "@consortium/aws/Access"
import * as EventStream from "@consortium/aws/EventStream"
import * as Exceptions from "@consortium/aws/Exceptions"
import { bedrockRuntime, bedrockRuntimeVariable } from "@consortium/aws/Region"
import { withCode } from "../internal/readError.js"
import { define } from "../Vendor.js"

export const bedrock = define({
  id: "bedrock.messages",
  baseUrl: bedrockRuntime("us-east-1"),
  baseUrlVariable: bedrockRuntimeVariable,
  apiKey: { variable: tokenVariable, optional: true },
  keyHeader: "authorization",
  paths: { whole: "/model/{model}/invoke", stream: "/model/{model}/invoke-with-response-stream" },
  inBody: ["version", "betas"],
  headers: { accept: "application/json" },
  version: "bedrock-2023-05-31",
  schema: "tool",
  imageUrls: false,
  framing: EventStream.chunks,
  readError: (body, headers) => withCode(Exceptions.read(body, headers)),
  requestIdHeaders: ["x-amzn-requestid"]
})
