import { assert, describe, it } from "@effect/vitest"
import * as LimitHeaders from "../src/LimitHeaders.js"

const now = Date.parse("2026-11-23T12:00:00Z")
const reset = (text: string) => LimitHeaders.read({ "x-ratelimit-reset-requests": text }, now)?.requestsResetMillis

describe("LimitHeaders", () => {
  it("reads limits of requests and tokens", () => {
    assert.deepStrictEqual(
      LimitHeaders.read(
        {
          "x-ratelimit-limit-requests": "1000",
          "x-ratelimit-remaining-requests": "999",
          "x-ratelimit-reset-requests": "6m0s",
          "x-ratelimit-limit-tokens": "6000",
          "x-ratelimit-remaining-tokens": "5000",
          "x-ratelimit-reset-tokens": "17.399999999s"
        },
        now
      ),
      {
        requestsLimit: 1000,
        requestsRemaining: 999,
        requestsResetMillis: 360_000,
        tokensLimit: 6000,
        tokensRemaining: 5000,
        tokensResetMillis: 17_399.999999
      }
    )
    assert.deepStrictEqual(
      LimitHeaders.read({ "x-ratelimit-limit": "10", "x-ratelimit-remaining-tokens-minute": "5" }, now),
      {
        requestsLimit: 10,
        tokensRemaining: 5
      }
    )
  })

  it("reads every grammar of a reset", () => {
    assert.strictEqual(reset("4ms"), 4)
    assert.strictEqual(reset("1h2m3.5s"), 3_723_500)
    assert.strictEqual(reset("500µs"), 0.5)
    assert.strictEqual(reset("12"), 12_000)
    assert.strictEqual(reset("0.5"), 500)
    assert.strictEqual(reset(String(now / 1000 + 30)), 30_000)
    assert.strictEqual(reset(String(now + 30_000)), 30_000)
    assert.strictEqual(reset("2026-11-23T12:00:26Z"), 26_000)
    assert.strictEqual(reset("2026-11-23T11:00:00Z"), 0)
  })

  it("says nothing of what it cannot read", () => {
    for (const text of ["", "soon", "5 apples", "-3", "1m x", "NaN"]) assert.isUndefined(reset(text))
    assert.isUndefined(LimitHeaders.read({ "x-ratelimit-limit": "many" }, now))
    assert.isUndefined(LimitHeaders.read({}, now))
  })
})
