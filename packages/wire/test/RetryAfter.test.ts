import { assert, describe, it } from "@effect/vitest"
import * as RetryAfter from "../src/RetryAfter.js"

const now = Date.parse("2026-11-23T12:00:00Z")
const read = (headers: Record<string, string>) => RetryAfter.millis(headers, now)

describe("RetryAfter", () => {
  it("reads seconds, milliseconds and dates", () => {
    assert.strictEqual(read({ "retry-after": "3" }), 3000)
    assert.strictEqual(read({ "retry-after": "0.5" }), 500)
    assert.strictEqual(read({ "retry-after-ms": "250.5", "retry-after": "3" }), 250.5)
    assert.strictEqual(read({ "retry-after": "Mon, 23 Nov 2026 12:01:30 GMT" }), 90_000)
    assert.strictEqual(read({ "retry-after": "Mon, 23 Nov 2026 11:00:00 GMT" }), 0)
  })

  it("ignores what makes no sense, and goes on to the next header", () => {
    for (const value of ["", " ", "-1", "NaN", "Infinity", "soon", "1 day"])
      assert.isUndefined(read({ "retry-after": value }))
    assert.strictEqual(read({ "retry-after-ms": "-1", "retry-after": "3" }), 3000)
    assert.strictEqual(read({ "retry-after-ms": "0" }), 0)
    assert.strictEqual(read({ "retry-after-ms": "0", "retry-after": "1" }), 1000)
    assert.isUndefined(read({}))
  })
})
