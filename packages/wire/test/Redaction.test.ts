import { assert, describe, it } from "@effect/vitest"
import * as Redaction from "../src/Redaction.js"

describe("Redaction", () => {
  it("takes out the secrets that it is given, also encoded and without their scheme", () => {
    const redact = Redaction.make(['Bearer a/b+c=d"e'])
    for (const text of ['a/b+c=d"e', "a%2Fb%2Bc%3Dd%22e", 'a/b+c=d\\"e', 'Bearer a/b+c=d"e']) {
      assert.strictEqual(redact(`(${text})`), "(<redacted>)")
    }
  })

  it("takes out the longer of two secrets that begin alike", () => {
    assert.strictEqual(Redaction.make(["abcd", "abcdefgh"])("abcdefgh abcd"), "<redacted> <redacted>")
  })

  it("takes out whatever looks like a key", () => {
    const redact = Redaction.make([])
    for (const key of [
      "sk-proj-abcdef123456",
      "sk-abc*******wxyz",
      "gsk_0123456789",
      "hf_abcdefghij",
      "AIzaSyA0123456789abc",
      "eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl"
    ]) {
      assert.strictEqual(redact(`key ${key}!`), "key <redacted>!")
    }
    assert.strictEqual(redact("authorization: Bearer abc.def-ghi"), "authorization: Bearer <redacted>")
    assert.strictEqual(redact('{"api_key":"0123456789"}'), '{"api_key":"<redacted>"}')
    assert.strictEqual(redact("x-api-key=0123456789"), "x-api-key=<redacted>")
  })

  it("leaves plain words alone", () => {
    const text = "The model `gpt-x` does not exist; Basic tasks, token limits and key ideas stay. 8192 tokens."
    assert.strictEqual(Redaction.make(["k"])(text), text)
  })
})
