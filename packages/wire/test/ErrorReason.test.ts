import { assert, describe, it } from "@effect/vitest"
import * as ErrorReason from "../src/ErrorReason.js"
import type { ErrorWords } from "../src/ErrorWords.js"

const reason = (status: number, message = "", more: Partial<ErrorWords> = {}) =>
  ErrorReason.make(status, { message, ...more }, 7)

const table: ReadonlyArray<readonly [number, string, Partial<ErrorWords>, string]> = [
  [400, "unknown field", {}, "InvalidRequest"],
  [400, "API key not valid. Please pass a valid API key.", {}, "Authentication"],
  [400, "Incorrect API key provided: x", {}, "Authentication"],
  [403, "The security token included in the request is invalid.", {}, "Authentication"],
  [403, "no access", {}, "Permission"],
  [400, "Model Not Exist", {}, "NotFound"],
  [400, "Invalid model: x", {}, "NotFound"],
  [400, "The model `x` has been decommissioned", {}, "NotFound"],
  [400, "messages[0].role does not support 'developer' with this model", {}, "InvalidRequest"],
  [400, "Too many inputs in request, split into more batches.", {}, "InvalidRequest"],
  [400, "This model's maximum context length is 4096 tokens", {}, "ContextOverflow"],
  [400, "the request exceeds the available context size", { type: "exceed_context_size_error" }, "ContextOverflow"],
  [400, "The messages are too long.", { type: "too_many_prompt_tokens" }, "ContextOverflow"],
  [500, "input (4002 tokens) is too large to process", {}, "ContextOverflow"],
  [
    400,
    "The example at index 0 has too many tokens and does not fit into the model's context window",
    {},
    "ContextOverflow"
  ],
  [400, "Input length 548 exceeds maximum allowed token size 512", {}, "ContextOverflow"],
  [400, "Malformed input request: #/texts/0: expected maxLength: 2048, actual: 19882", {}, "ContextOverflow"],
  [422, "`inputs` must have less than 512 tokens. Given: 534", {}, "ContextOverflow"],
  [400, "Too many input tokens. Max input tokens: 8192, request input token count: 9875", {}, "ContextOverflow"],
  [400, "prompt is too long: 210000 tokens", {}, "ContextOverflow"],
  [400, "The response was filtered due to Azure OpenAI's content management policy", {}, "ContentPolicy"],
  [400, "", { code: "content_filter" }, "ContentPolicy"],
  [429, "", { type: "insufficient_quota" }, "QuotaExhausted"],
  [429, "", { code: "engine_overloaded_error" }, "Overloaded"],
  [403, "Key limit exceeded (total limit)", {}, "QuotaExhausted"],
  [400, "Your credit balance is too low", {}, "QuotaExhausted"],
  [498, "", {}, "Overloaded"],
  [307, "", {}, "NotFound"],
  [418, "", {}, "InvalidRequest"],
  [520, "", {}, "ServerError"],
  [501, "not supported", {}, "NotFound"],
  [200, "", { type: "rate_limit_error" }, "RateLimited"],
  [200, "", { type: "invalid_request_error" }, "InvalidRequest"],
  [200, "", { type: "overloaded_error" }, "Overloaded"],
  [200, "the server is currently overloaded", {}, "Overloaded"],
  [200, "", { type: "constructor" }, "ServerError"],
  [200, "who knows", {}, "ServerError"]
]

describe("ErrorReason", () => {
  for (const [status, message, more, tag] of table) {
    it(`${status} ${JSON.stringify({ message, ...more })} is ${tag}`, () =>
      assert.strictEqual(reason(status, message, more)._tag, tag))
  }

  it("keeps a wait only where waiting helps, and the body's before the header's", () => {
    assert.deepInclude(reason(429), { retryAfterMillis: 7 })
    assert.deepInclude(reason(503, "", { retryAfterMillis: 9 }), { retryAfterMillis: 9 })
    assert.notProperty(reason(400), "retryAfterMillis")
  })

  it("says which limit was met where the vendor says it", () => {
    assert.deepInclude(reason(429, "Limit reached on tokens per minute (TPM): Limit 6000"), { scope: "tokens" })
    assert.deepInclude(reason(429, "", { type: "tokens" }), { scope: "tokens" })
    assert.deepInclude(reason(429, "Limit reached on requests per day (RPD)"), { scope: "requests" })
    assert.deepInclude(reason(429, "slow down"), { scope: "unknown" })
  })
})
