import { Halted } from "@consortium/core/Call"
import type { Completion } from "@consortium/core/Completion"
import { Deadline } from "@consortium/core/Deadline"
import { message } from "@consortium/core/Prompt"
import { record } from "@consortium/core/Receipt"
import {
  chatEstimate,
  chatSpent,
  embedEstimate,
  embedSpent,
  LimitExceeded,
  type Limits,
  makeRateLimiter,
  rateLimit
} from "@consortium/middleware/RateLimit"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { retry } from "@consortium/middleware/Retry"
import * as Schedule from "effect/Schedule"
import { completion, inTime, limited, overloaded, request, scripted } from "./Synthetic.js"

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

/** A call for each number of tokens that notes when it was let through. */
const noting = (limits: Omit<Limits, "key">, actual?: (estimate: number) => number) => {
  const limiter = makeRateLimiter({ key: "synthetic", ...limits })
  const passed: Array<{ readonly at: number; readonly tokens: number }> = []
  const call = rateLimit(limiter, {
    estimate: (tokens: number) => tokens,
    spent: (tokens: number) => actual?.(tokens)
  })((tokens: number) =>
    Effect.map(Clock.currentTimeMillis, (at) => {
      passed.push({ at, tokens })
      return tokens
    })
  )
  return { limiter, call, passed }
}

const arrivals = Arbitrary.array(
  Arbitrary.schema(
    Schema.Struct({ at: between(0, 90_000), tokens: between(0, 900), cut: Schema.NullOr(between(0, 20_000)) })
  ),
  { maxLength: 40 }
)
const limitsOf = Arbitrary.schema(
  Schema.Struct({ requests: between(5, 120), tokens: between(200, 5000), burst: between(0, 30_000) })
)

describe("rateLimit", () => {
  it.effect.prop(
    "lets no more than the limit and the burst through any window, in order, and forgets who was interrupted",
    [arrivals, limitsOf],
    ([list, { requests, tokens, burst }]) =>
      Effect.gen(function* () {
        const { call, passed } = noting({ requestsPerMinute: requests, tokensPerMinute: tokens, burst })
        let cut = 0
        yield* inTime(
          Effect.forEach(
            list,
            (one) =>
              Effect.gen(function* () {
                yield* Effect.sleep(one.at)
                const fiber = yield* Effect.forkChild(call(one.tokens))
                if (one.cut !== null) {
                  yield* Effect.sleep(one.cut)
                  yield* Fiber.interrupt(fiber)
                }
                const exit = yield* Fiber.await(fiber)
                if (exit._tag === "Failure") cut++
              }),
            { concurrency: "unbounded", discard: true }
          )
        )
        assert.strictEqual(passed.length, list.length - cut)
        const burstRequests = Math.max(1, (burst * requests) / 60_000)
        const burstTokens = Math.max(1, (burst * tokens) / 60_000)
        for (let from = 0; from < passed.length; from++) {
          let sum = 0
          let largest = 0
          for (let to = from; to < passed.length; to++) {
            const window = (passed[to]?.at ?? 0) - (passed[from]?.at ?? 0)
            assert.isAtLeast(window, 0)
            sum += passed[to]?.tokens ?? 0
            largest = Math.max(largest, passed[to]?.tokens ?? 0)
            assert.isAtMost(to - from + 1, (window * requests) / 60_000 + burstRequests + 1e-6)
            // A request that is larger than the burst passes when the bucket is full.
            assert.isAtMost(sum, (window * tokens) / 60_000 + Math.max(burstTokens, largest) + 1e-6)
          }
        }
      })
  )

  it.effect("spaces requests evenly after the burst", () =>
    Effect.gen(function* () {
      const { call, passed } = noting({ requestsPerMinute: 60, burst: "3 seconds" })
      yield* inTime(Effect.forEach([1, 2, 3, 4, 5, 6], call, { concurrency: "unbounded" }))
      assert.deepStrictEqual(
        passed.map(({ at }) => at),
        [0, 0, 0, 1000, 2000, 3000]
      )
    })
  )

  it.effect("corrects the estimate by what was spent: whoever waits goes as soon as tokens come back", () =>
    Effect.gen(function* () {
      const { call, passed } = noting({ tokensPerMinute: 6000, burst: "10 seconds" }, () => 100)
      // 1000 may go at once; the second waits 10 s if the first really takes 1000, and not at all if it takes 100.
      yield* inTime(Effect.forEach([1000, 900], call, { concurrency: "unbounded" }))
      assert.deepStrictEqual(
        passed.map(({ at }) => at),
        [0, 0]
      )
      const debt = noting({ tokensPerMinute: 6000, burst: "10 seconds" }, () => 2000)
      const now = yield* Clock.currentTimeMillis
      yield* inTime(Effect.forEach([1000, 500], debt.call, { concurrency: 1 }))
      assert.deepStrictEqual(
        debt.passed.map(({ at }) => at - now),
        [0, 15_000]
      )
    })
  )

  it.effect("wakes the first in the queue when a call that is still running settles for less", () =>
    Effect.gen(function* () {
      const limiter = makeRateLimiter({ key: "synthetic", tokensPerMinute: 6000, burst: "10 seconds" })
      const at: Array<number> = []
      const call = rateLimit(limiter, { estimate: () => 1000, spent: () => 0 })((millis: number) =>
        Effect.gen(function* () {
          at.push(yield* Clock.currentTimeMillis)
          yield* Effect.sleep(millis)
          return "done"
        })
      )
      yield* inTime(Effect.forEach([2000, 0], call, { concurrency: "unbounded" }))
      assert.deepStrictEqual(at, [0, 2000])
    })
  )

  it.effect("pauses the whole key by `retryAfter`, also for those who wait already, and tells the waits", () =>
    Effect.gen(function* () {
      const limiter = makeRateLimiter({ key: "synthetic", requestsPerMinute: 60, burst: 0 })
      const { model } = scripted([{ after: 500, fails: limited(30_000) }, {}])
      const call = rateLimit(limiter, { estimate: chatEstimate, spent: chatSpent })(model.complete)
      const start = yield* Clock.currentTimeMillis
      const ends = yield* inTime(
        Effect.forEach(
          [0, 0, 0],
          () =>
            Effect.map(record(call)(request()), ([, receipt]) => [
              receipt.startedAt + receipt.millis - start,
              receipt.waitedMillis
            ]),
          { concurrency: "unbounded" }
        )
      )
      assert.deepStrictEqual(ends, [
        [500, 0],
        [30_500, 30_500],
        [31_500, 31_500]
      ])
    })
  )

  it.effect("gives the place back when the waiting call is interrupted", () =>
    Effect.gen(function* () {
      const { call, passed } = noting({ requestsPerMinute: 1, burst: 0 })
      yield* call(1)
      const gone = yield* Effect.forkChild(call(2))
      yield* TestClock.adjust("30 seconds")
      yield* Fiber.interrupt(gone)
      yield* inTime(call(3))
      assert.deepStrictEqual(
        passed.map(({ at }) => at),
        [0, 60_000]
      )
    })
  )

  it.effect("refuses at once what would wait longer than maxWait, the queue counted", () =>
    Effect.gen(function* () {
      const { call, passed } = noting({ requestsPerMinute: 60, burst: 0, maxWait: "2 seconds" })
      const results = yield* inTime(
        Effect.forEach([1, 2, 3, 4, 5], (n) => Effect.result(call(n)), { concurrency: "unbounded" })
      )
      assert.deepStrictEqual(
        results.map((result) => result._tag),
        ["Success", "Success", "Success", "Failure", "Failure"]
      )
      assert.deepStrictEqual(
        passed.map(({ at }) => at),
        [0, 1000, 2000]
      )
      const refused = results[3]
      const error = refused?._tag === "Failure" ? refused.failure : undefined
      assert.instanceOf(error, LimitExceeded)
      assert.isFalse(error.isRetryable)
      assert.strictEqual(
        error.message,
        "synthetic: no free place for 3000 ms; ask later, allow a longer wait or raise the limit"
      )
    })
  )

  it.effect("halts at once when the place comes after the deadline", () =>
    Effect.gen(function* () {
      const { call, passed } = noting({ requestsPerMinute: 1, burst: 0 })
      yield* call(1)
      const now = yield* Clock.currentTimeMillis
      const error = yield* Effect.flip(Effect.provideService(call(2), Deadline, now + 59_000))
      assert.instanceOf(error, Halted)
      assert.strictEqual(passed.length, 1)
    })
  )

  it.effect("follows what answers say of the vendor's limits: a bucket that comes back evenly", () =>
    Effect.gen(function* () {
      // 100 requests a minute, one each 600 ms; others on the key have used 80.
      const limiter = makeRateLimiter({ key: "synthetic" })
      const at: Array<number> = []
      const start = yield* Clock.currentTimeMillis
      const call = rateLimit(limiter, {
        estimate: () => 1,
        spent: () => undefined,
        facts: (first: boolean) =>
          first ? { requestsLimit: 100, requestsRemaining: 20, requestsResetMillis: 48_000 } : undefined
      })((first: boolean) =>
        Effect.map(Clock.currentTimeMillis, (now) => {
          at.push(now - start)
          return first
        })
      )
      yield* call(true)
      yield* inTime(Effect.forEach(Array.from({ length: 23 }), () => call(false), { concurrency: "unbounded" }))
      assert.deepStrictEqual(
        at.slice(0, 21),
        Array.from({ length: 21 }, () => 0)
      )
      assert.deepStrictEqual(at.slice(21), [600, 1200, 1800])
    })
  )

  it.effect("a tenth of a limit used says nothing yet, and the stricter of two limits counts", () =>
    Effect.gen(function* () {
      const limiter = makeRateLimiter({ key: "synthetic", requestsPerMinute: 60, burst: 0 })
      const now = yield* Clock.currentTimeMillis
      limiter.learn({ requestsLimit: 100, requestsRemaining: 99, requestsResetMillis: 60_000 }, now)
      limiter.learn({ tokensLimit: 1000, tokensRemaining: 0, tokensResetMillis: 10_000 }, now)
      const at: Array<number> = []
      const enter = (tokens: number) =>
        Effect.andThen(
          limiter.enter(tokens),
          Effect.map(Clock.currentTimeMillis, (then) => at.push(then - now))
        )
      yield* inTime(Effect.forEach([100, 10, 10], enter, { concurrency: "unbounded" }))
      assert.deepStrictEqual(at, [1000, 2000, 3000])
    })
  )

  it.effect("an attempt that repeats one goes before new calls that wait", () =>
    Effect.gen(function* () {
      const limiter = makeRateLimiter({ key: "synthetic", requestsPerMinute: 60, burst: 0 })
      const order: Array<string> = []
      let failed = false
      const call = retry(Schedule.recurs(1))(
        rateLimit(limiter, { estimate: () => 1, spent: () => 1 })((name: string) =>
          Effect.suspend(() => {
            order.push(name)
            if (name !== "a" || failed) return Effect.succeed(name)
            failed = true
            return Effect.delay(Effect.fail(overloaded), 100)
          })
        )
      )
      yield* inTime(Effect.forEach(["a", "b", "c", "d"], call, { concurrency: "unbounded" }))
      // One of the new calls is at the door already.
      assert.deepStrictEqual(order, ["a", "b", "a", "c", "d"])
    })
  )

  it("refuses limits that let nothing through", () => {
    assert.throws(() => makeRateLimiter({ key: "synthetic", requestsPerMinute: 0 }), RangeError)
    assert.throws(() => makeRateLimiter({ key: "synthetic", tokensPerMinute: Number.NaN }), RangeError)
  })
})

describe("what is counted", () => {
  it("a chat call is its text and the longest answer, then what the vendor states", () => {
    assert.strictEqual(
      chatEstimate({ messages: [message("system", "x".repeat(7)), message("user", "y".repeat(5))], maxTokens: 50 }),
      53
    )
    assert.strictEqual(chatEstimate({ messages: [message("user", "")] }), 1024)
    assert.strictEqual(chatSpent(completion("yes")), 30)
    const silent: Completion = { ...completion("yes"), usage: { outputTokens: 3 } }
    assert.isUndefined(chatSpent(silent))
  })

  it("an embedding call is its text, then what the vendor states", () => {
    assert.strictEqual(embedEstimate(["abcd", "efghi"]), 3)
    const batch = { space: { model: "m", dimension: 1 }, data: new Float32Array(2) }
    assert.strictEqual(embedSpent({ ...batch, inputTokens: 9 }), 9)
    assert.isUndefined(embedSpent(batch))
  })
})
