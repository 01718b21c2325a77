import { attempt, CallEvent, fromEvents, record, tell } from "@consortium/core/Receipt"
import { ModelError, Overloaded } from "@consortium/core/ModelError"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as TestClock from "effect/testing/TestClock"

const down = new ModelError({ vendor: "synthetic", model: "m", reason: new Overloaded({}), detail: "" })

const inTime = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect)
    yield* TestClock.adjust("1 hour")
    return yield* Fiber.join(fiber)
  })

describe("record", () => {
  it.effect("answers the outcome with what it took, for failures too", () =>
    Effect.gen(function* () {
      const call = attempt((fails: boolean) => Effect.delay(fails ? Effect.fail(down) : Effect.succeed("yes"), 250))
      const [good, paid] = yield* inTime(record(call)(false))
      assert.deepStrictEqual(good, Result.succeed("yes"))
      assert.deepStrictEqual([paid.attempts, paid.millis], [1, 250])
      const [bad, tried] = yield* inTime(record(call)(true))
      assert.deepStrictEqual(bad, Result.fail(down))
      assert.deepStrictEqual(tried.events, [
        { _tag: "Attempt", startedAt: tried.startedAt, millis: 250, outcome: "ModelError" }
      ])
    })
  )

  it.effect("feeds the record around it, also when it was interrupted or died", () =>
    Effect.gen(function* () {
      const inner = record(
        attempt((kind: string) =>
          kind === "hangs" ? Effect.never : kind === "dies" ? Effect.die("made for a test") : Effect.void
        )
      )
      const outer = record((_: void) =>
        Effect.gen(function* () {
          yield* inner("works")
          yield* Effect.timeoutOption(inner("hangs"), 100)
          yield* Effect.exit(inner("dies"))
        })
      )
      const [, receipt] = yield* inTime(outer())
      assert.deepStrictEqual(
        receipt.events.map((event) => event._tag === "Attempt" && event.outcome),
        ["ok", "interrupted", "defect"]
      )
    })
  )

  it.effect("hears what middleware tell, from every fiber of the call and of no other", () =>
    Effect.gen(function* () {
      const call = (n: number) =>
        Effect.forEach([1, 2], () => tell({ _tag: "Cost", usd: n }), { concurrency: 2, discard: true })
      const [[, one], [, two]] = yield* Effect.all([record(call)(1), record(call)(10)], { concurrency: 2 })
      assert.deepStrictEqual([one.usd, two.usd], [2, 20])
      yield* tell({ _tag: "Cost", usd: 99 })
    })
  )
})

describe("fromEvents", () => {
  it.prop("is the sum of its events", [Arbitrary.array(Arbitrary.schema(CallEvent))], ([events]) => {
    const receipt = fromEvents(events, 10, 35)
    const of = <T extends CallEvent["_tag"]>(tag: T) =>
      events.filter((event): event is Extract<CallEvent, { readonly _tag: T }> => event._tag === tag)
    assert.strictEqual(receipt.attempts, of("Attempt").length)
    assert.strictEqual(receipt.cached, of("CacheHit").length > 0)
    assert.strictEqual("usd" in receipt, of("Cost").length > 0)
    assert.strictEqual(
      receipt.waitedMillis,
      of("Waited").reduce((sum, event) => sum + event.millis, 0)
    )
    assert.strictEqual(
      receipt.usd ?? 0,
      of("Cost").reduce((sum, event) => sum + event.usd, 0)
    )
    assert.deepStrictEqual([receipt.startedAt, receipt.millis], [10, 25])
  })
})
