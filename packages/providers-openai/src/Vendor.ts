/**
 * OpenAI as a vendor of both wires: plain data. Another address of the same wires, such as Azure OpenAI's v1, is a
 * value of the same type. Read on 2026-11-24: the source of the openai package 7.57 (address, variables, `x-request-id`,
 * `max_completion_tokens` for `max_tokens`).
 */
import { define, type Vendor } from "@consortium/providers-openai-compatible/Vendor"

export type { Vendor } from "@consortium/providers-openai-compatible/Vendor"

export const openai: Vendor = define({
  id: "openai",
  baseUrl: "https://api.openai.com/v1",
  baseUrlVariable: "OPENAI_BASE_URL",
  apiKey: { variable: "OPENAI_API_KEY", optional: false },
  maxTokensField: "max_completion_tokens"
})
