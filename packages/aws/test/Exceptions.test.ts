import * as ErrorReason from "@consortium/wire/ErrorReason"
import { assert, describe, it } from "@effect/vitest"
import * as Exceptions from "../src/Exceptions.js"

const address = ":http://internal.amazon.com/coral/com.amazon.bedrock/"

const answers: ReadonlyArray<readonly [number, string, string, string]> = [
  [400, "ValidationException", "The provided model identifier is invalid.", "NotFound"],
  [400, "ValidationException", "Input is too long for requested model.", "ContextOverflow"],
  [
    400,
    "ValidationException",
    "Input Tokens Exceeded: Number of input tokens exceeds maximum length.",
    "ContextOverflow"
  ],
  [400, "ValidationException", "prompt is too long: 300000 tokens > 200000 maximum", "ContextOverflow"],
  [400, "ValidationException", "Malformed input request", "InvalidRequest"],
  [400, "ServiceQuotaExceededException", "quota", "QuotaExhausted"],
  [403, "UnrecognizedClientException", "The security token included in the request is invalid.", "Authentication"],
  [403, "ExpiredTokenException", "expired", "Authentication"],
  [403, "InvalidSignatureException", "does not match", "Authentication"],
  [403, "AccessDeniedException", "Authentication failed: Please make sure your API Key is valid.", "Authentication"],
  [403, "AccessDeniedException", "You don't have access to the model", "Permission"],
  [404, "ResourceNotFoundException", "none", "NotFound"],
  [408, "ModelTimeoutException", "late", "TimedOut"],
  [424, "ModelErrorException", "it failed", "ServerError"],
  [429, "ThrottlingException", "Too many requests, please wait before trying again.", "RateLimited"],
  [429, "ModelNotReadyException", "loading", "Overloaded"],
  [500, "InternalServerException", "broke", "ServerError"],
  [503, "ServiceUnavailableException", "busy", "Overloaded"]
]

describe("exceptions", () => {
  for (const [status, type, message, reason] of answers) {
    it(`take a ${status} of ${type} for ${reason}: ${message}`, () => {
      const words = Exceptions.read({ message }, { "x-amzn-errortype": type + address })
      assert.isDefined(words)
      if (words === undefined) return
      assert.strictEqual(ErrorReason.make(status, words)._tag, reason)
      // The same exception as a frame of a stream that began well, with its name in the body.
      const framed = `${type[0]?.toLowerCase()}${type.slice(1)}`
      const inside = Exceptions.read({ message, __type: `com.amazon.bedrock#${framed}` })
      assert.strictEqual(inside?.status, status)
      if (inside !== undefined) assert.strictEqual(ErrorReason.make(inside.status ?? 200, inside)._tag, reason)
    })
  }

  it("say what was limited", () => {
    const scopeOf = (message: string) => {
      const reason = ErrorReason.make(429, Exceptions.read({ message }) ?? { message })
      return reason._tag === "RateLimited" ? reason.scope : undefined
    }
    assert.strictEqual(scopeOf("Too many tokens, please wait before trying again."), "tokens")
    assert.strictEqual(scopeOf("Too many requests, please wait before trying again."), "requests")
    assert.strictEqual(scopeOf("Rate exceeded"), "unknown")
  })

  it("read the words wherever they stand, and no others", () => {
    assert.strictEqual(Exceptions.read({ Message: "big" }, { "x-amzn-errortype": "Odd" })?.message, "big")
    assert.strictEqual(Exceptions.read({}, { "x-amzn-errortype": "OddException" })?.message, "OddException")
    assert.strictEqual(Exceptions.read({ error: { message: "as others do" } })?.message, "as others do")
    for (const body of [{}, [], null, "text", { __type: 1 }]) assert.isUndefined(Exceptions.read(body))
  })
})
