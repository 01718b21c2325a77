import { makeCircuitBreaker } from "@consortium/middleware/CircuitBreaker"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as TestClock from "effect/testing/TestClock"
import { limited, overloaded, refused } from "./Synthetic.js"

type Word = "yes" | "down" | "limited" | "refused" | "hangs"

/** A breaker that opens after 4 calls of which half have failed, and a word for what each call came to. */
const opening = () => {
  const seen = { calls: 0 }
  const breaker = makeCircuitBreaker({ key: "synthetic", window: 8, atLeast: 4, openFor: "5 seconds" })
  const call = breaker((word: Word) =>
    Effect.suspend(() => {
      seen.calls++
      if (word === "hangs") return Effect.never
      if (word === "yes") return Effect.succeed("yes")
      return Effect.fail(word === "down" ? overloaded : word === "limited" ? limited() : refused)
    })
  )
  const say = (word: Word) =>
    Effect.map(Effect.result(call(word)), (result) => (Result.isSuccess(result) ? "yes" : result.failure._tag))
  return { call, say, seen }
}

describe("makeCircuitBreaker", () => {
  it.effect("opens when half of the last calls failed, then asks nothing, with an error that says for how long", () =>
    Effect.gen(function* () {
      const { call, say, seen } = opening()
      for (const word of ["yes", "yes", "down", "down"] as const) yield* say(word)
      const error = yield* Effect.flip(call("yes"))
      assert.strictEqual(
        error.message,
        "synthetic is not asked for 5000 ms, since it failed too often; wait, or use another vendor"
      )
      assert.isTrue(error.isRetryable)
      yield* TestClock.adjust("4999 millis")
      assert.strictEqual(yield* say("yes"), "CircuitOpen")
      assert.strictEqual(seen.calls, 4)
    })
  )

  it.effect("tries with one call at a time; its answer closes, its failure opens for twice as long", () =>
    Effect.gen(function* () {
      const { call, say, seen } = opening()
      for (const word of ["down", "down", "down", "down"] as const) yield* say(word)
      yield* TestClock.adjust("5 seconds")
      assert.deepStrictEqual(yield* Effect.all([say("down"), say("yes")], { concurrency: 2 }), [
        "ModelError",
        "CircuitOpen"
      ])
      yield* TestClock.adjust("9 seconds")
      assert.strictEqual(yield* say("yes"), "CircuitOpen")
      yield* TestClock.adjust("1 second")
      // A trial that is cut off says nothing: the next call is one.
      const cut = yield* Effect.forkChild(call("hangs"))
      yield* TestClock.adjust(1)
      assert.strictEqual(yield* say("yes"), "CircuitOpen")
      yield* Fiber.interrupt(cut)
      assert.strictEqual(yield* say("yes"), "yes")
      for (const word of ["yes", "yes", "down"] as const) assert.notStrictEqual(yield* say(word), "CircuitOpen")
      assert.strictEqual(seen.calls, 4 + 1 + 1 + 1 + 3)
    })
  )

  it.effect("a rate limit, a refused request and an answer speak for the service", () =>
    Effect.gen(function* () {
      const { say, seen } = opening()
      for (let i = 0; i < 20; i++) yield* say(i % 2 === 0 ? "limited" : "refused")
      assert.strictEqual(yield* say("yes"), "yes")
      assert.strictEqual(seen.calls, 21)
    })
  )

  it("refuses numbers that are none", () => {
    assert.throws(() => makeCircuitBreaker({ key: "synthetic", threshold: 0 }), RangeError)
    assert.throws(() => makeCircuitBreaker({ key: "synthetic", window: 3 }), RangeError)
  })
})
