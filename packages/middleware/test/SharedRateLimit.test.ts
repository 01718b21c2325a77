import { record } from "@consortium/core/Receipt"
import { chatCounting, rateLimit, type RateLimiter } from "@consortium/middleware/RateLimit"
import { makeSharedRateLimiter } from "@consortium/middleware/SharedRateLimit"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Persistent from "effect/persistence/RateLimiter"
import * as TestClock from "effect/testing/TestClock"
import { request, scripted } from "./Synthetic.js"

const asked = (limiter: RateLimiter) => {
  const { model, seen } = scripted([{ text: "yes" }])
  return { call: rateLimit(limiter, chatCounting)(model.complete), seen }
}

describe("a limit of several processes", () => {
  it.effect("two who share a store together take what one may", () =>
    Effect.gen(function* () {
      const store = yield* Persistent.make
      const limits = { key: "vendor", requestsPerMinute: 60, burst: "10 seconds" } as const
      const both = [asked(makeSharedRateLimiter(store, limits)), asked(makeSharedRateLimiter(store, limits))] as const
      const running = yield* Effect.forkChild(
        Effect.forEach(
          both,
          ({ call }) => Effect.forEach(Array(30).fill(request()), call, { concurrency: "unbounded" }),
          { concurrency: "unbounded" }
        )
      )
      const made = () => both[0].seen.calls + both[1].seen.calls
      yield* TestClock.adjust("1 millis")
      assert.isAtMost(made(), 11)
      yield* TestClock.adjust("20 seconds")
      assert.isAtLeast(made(), 28)
      assert.isAtMost(made(), 31)
      yield* TestClock.adjust("60 seconds")
      yield* Fiber.join(running)
      assert.strictEqual(made(), 60)
    }).pipe(Effect.provide(Persistent.layerStoreMemory))
  )

  it.effect("books what a call took beyond its estimate with the next", () =>
    Effect.gen(function* () {
      const store = yield* Persistent.make
      const limiter = makeSharedRateLimiter(store, { key: "v", tokensPerMinute: 6000, burst: "6 seconds" })
      yield* limiter.enter(500)
      limiter.settle(300)
      const next = yield* Effect.forkChild(limiter.enter(100))
      // 500 and 100 would fit into 600 at once; 900 do not.
      yield* TestClock.adjust("1 seconds")
      assert.isUndefined(next.pollUnsafe())
      yield* TestClock.adjust("4 seconds")
      yield* Fiber.join(next)
    }).pipe(Effect.provide(Persistent.layerStoreMemory))
  )

  it.effect("a lost store is told, and the process limits itself", () =>
    Effect.gen(function* () {
      const store = yield* Persistent.make
      const lost: Persistent.RateLimiter = {
        ...store,
        consume: () =>
          Effect.fail(
            new Persistent.RateLimiterError({ reason: new Persistent.RateLimitStoreError({ message: "gone" }) })
          )
      }
      const { call } = asked(makeSharedRateLimiter(lost, { key: "v", requestsPerMinute: 60 }))
      const [, receipt] = yield* record(call)(request())
      assert.isTrue(receipt.events.some((event) => event._tag === "Note" && event.source === "shared-rate-limit"))
    }).pipe(Effect.provide(Persistent.layerStoreMemory))
  )
})
