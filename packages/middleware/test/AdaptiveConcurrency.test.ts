import { record } from "@consortium/core/Receipt"
import { type Law, makeAdaptiveConcurrency, type Sample, watchful } from "@consortium/middleware/AdaptiveConcurrency"
import { makeRateLimiter, rateLimit } from "@consortium/middleware/RateLimit"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import { inTime, limited, overloaded, request, scripted } from "./Synthetic.js"

/** A server that works on so many calls at once: more are refused, or share its speed. */
const server = (cap: number, refuses: boolean) => {
  const seen = { inside: 0, most: 0, refused: 0, answered: 0 }
  const call = (_: string) =>
    Effect.suspend(() => {
      if (refuses && seen.inside >= cap) {
        seen.refused++
        return Effect.delay(Effect.fail(overloaded), 20)
      }
      seen.inside++
      seen.most = Math.max(seen.most, seen.inside)
      const millis = refuses ? 200 : 200 * Math.max(1, seen.inside / cap)
      return Effect.ensuring(
        Effect.map(Effect.sleep(millis), () => {
          seen.answered++
          return "yes"
        }),
        Effect.sync(() => seen.inside--)
      )
    })
  return { call, seen }
}

const many = (count: number, call: (q: string) => Effect.Effect<string, unknown>) =>
  inTime(Effect.forEach(Array.from({ length: count }), () => Effect.result(call("q")), { concurrency: "unbounded" }))

const sample = (more: Partial<Sample>): Sample => ({
  begun: 0,
  ended: 1,
  overload: false,
  inFlight: 8,
  millis: undefined,
  ...more
})

describe("makeAdaptiveConcurrency", () => {
  it.effect("finds the limit of a server that refuses: most of it is used, and few calls are refused", () =>
    Effect.gen(function* () {
      const limit = makeAdaptiveConcurrency()
      const { call, seen } = server(40, true)
      yield* many(4000, limit(call))
      assert.isAtLeast(seen.most, 40)
      assert.isBelow(seen.refused / 4000, 0.1)
      assert.isAbove(limit.limit(), 20)
      assert.isBelow(limit.limit(), 60)
    })
  )

  it.effect("sees the queue of a server that never refuses", () =>
    Effect.gen(function* () {
      const limit = makeAdaptiveConcurrency()
      const { call } = server(40, false)
      yield* many(6000, limit(call))
      // The first flights double until the latency has been judged; then it comes down to where the queue begins.
      assert.isAbove(limit.limit(), 30)
      assert.isBelow(limit.limit(), 200)
    })
  )

  it.effect("does not take waiting for the rate as slowness", () =>
    Effect.gen(function* () {
      const limit = makeAdaptiveConcurrency({ max: 64 })
      const limiter = makeRateLimiter({ key: "synthetic", requestsPerMinute: 60, burst: "1 minute" })
      const { call } = server(1000, true)
      const counted = rateLimit(limiter, { estimate: () => 1, spent: () => 1 })(call)
      yield* many(600, limit(counted))
      assert.strictEqual(limit.limit(), 64)
    })
  )

  const millis = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 50 }))
  const jobs = Arbitrary.array(
    Arbitrary.schema(
      Schema.Struct({
        at: millis,
        takes: millis,
        ends: Schema.Literals(["ok", "busy", "dies"]),
        cut: Schema.NullOr(millis)
      })
    ),
    { maxLength: 40 }
  )
  it.effect.prop(
    "stays within its bounds and gets every permit back, whatever happens to the calls",
    [jobs],
    ([list]) =>
      Effect.gen(function* () {
        let running = 0
        let most = 0
        const limit = makeAdaptiveConcurrency({ start: 2, max: 5 })
        const call = limit((job: (typeof list)[number]) =>
          Effect.acquireUseRelease(
            Effect.sync(() => {
              most = Math.max(most, ++running)
            }),
            () =>
              Effect.andThen(
                Effect.sleep(job.takes),
                job.ends === "ok"
                  ? Effect.void
                  : job.ends === "busy"
                    ? Effect.fail(limited())
                    : Effect.die("for a test")
              ),
            () => Effect.sync(() => running--)
          )
        )
        yield* inTime(
          Effect.forEach(
            list,
            (job) =>
              Effect.gen(function* () {
                yield* Effect.sleep(job.at)
                const fiber = yield* Effect.forkChild(call(job))
                if (job.cut !== null) {
                  yield* Effect.sleep(job.cut)
                  yield* Fiber.interrupt(fiber)
                }
                yield* Fiber.await(fiber)
              }),
            { concurrency: "unbounded", discard: true }
          )
        )
        assert.isAtMost(most, 5)
        assert.isAtLeast(limit.limit(), 1)
        assert.strictEqual(running, 0)
        most = 0
        const after = { at: 0, takes: 10, ends: "ok", cut: null } as const
        const free = limit.limit()
        yield* inTime(
          Effect.forEach(Array.from({ length: free }), () => call(after), { concurrency: "unbounded", discard: true })
        )
        assert.isAtLeast(most, free)
      })
  )

  it.effect("tells how long a call waited", () =>
    Effect.gen(function* () {
      const limit = makeAdaptiveConcurrency({ start: 1, max: 1 })
      const { model } = scripted([{ after: 300 }])
      const receipts = yield* inTime(
        Effect.all([record(limit(model.complete))(request()), record(limit(model.complete))(request())], {
          concurrency: 2
        })
      )
      assert.deepStrictEqual(
        receipts.map(([, receipt]) => receipt.waitedMillis),
        [0, 300]
      )
    })
  )

  it.effect("follows another law", () =>
    Effect.gen(function* () {
      const seen: Array<Sample> = []
      const three: Law = (one) => {
        seen.push(one)
        return 3
      }
      const limit = makeAdaptiveConcurrency({ law: () => three })
      yield* many(1, limit(server(9, true).call))
      assert.strictEqual(limit.limit(), 3)
      assert.strictEqual(seen[0]?.millis, 200)
    })
  )

  it("refuses bounds that are none", () => {
    assert.throws(() => makeAdaptiveConcurrency({ start: 0 }), RangeError)
    assert.throws(() => makeAdaptiveConcurrency({ start: 9, max: 8 }), RangeError)
  })
})

describe("watchful", () => {
  it("bears some refusals in a flight, and falls once for more", () => {
    const law = watchful({ start: 100, min: 1, max: 1000 })
    const refuse = (begun: number, ended: number) => law(sample({ begun, ended, overload: true }))
    for (let i = 0; i < 10; i++) assert.strictEqual(refuse(0, 10), 100)
    assert.strictEqual(refuse(0, 10), 90)
    // These were let in before it fell.
    for (let i = 0; i < 50; i++) assert.strictEqual(refuse(5, 11), 90)
    for (let i = 0; i < 9; i++) assert.strictEqual(refuse(10, 20), 90)
    assert.strictEqual(refuse(10, 20), 81)
  })

  it("is not driven down by refusals that come at any load", () => {
    const law = watchful({ start: 16, min: 1, max: 16 })
    let limit = 16
    let least = 16
    for (let i = 0; i < 5000; i++) {
      limit = law(sample({ begun: i, ended: i + 1, inFlight: Math.floor(limit), overload: i % 20 === 0, millis: 100 }))
      least = Math.min(least, limit)
    }
    assert.strictEqual(least, 16)
  })

  it("does not grow while it is not used", () => {
    const law = watchful({ start: 8, min: 1, max: 1000 })
    for (let i = 0; i < 100; i++) assert.strictEqual(law(sample({ millis: 100, inFlight: 7 })), 8)
    for (let i = 0; i < 8; i++) law(sample({ millis: 100 }))
    assert.strictEqual(law(sample({ millis: 100 })), 16)
  })

  it("takes slower work for what it is: fewer calls in flight do not make it faster", () => {
    const law = watchful({ start: 32, min: 1, max: 32 })
    let now = 0
    const play = (millis: number, count: number): number => {
      let limit = 32
      let least = 32
      for (let i = 0; i < count; i++) {
        limit = law({ begun: now, ended: now + millis, millis, overload: false, inFlight: Math.floor(limit) })
        least = Math.min(least, limit)
        now += millis
      }
      return least
    }
    assert.strictEqual(play(100, 500), 32)
    assert.isAtLeast(play(1000, 2000), 16)
    assert.strictEqual(play(1000, 200), 32)
  })
})
