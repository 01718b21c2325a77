import { record } from "@consortium/core/Receipt"
import { makeConcurrency } from "@consortium/middleware/Concurrency"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { inTime, request, scripted } from "./Synthetic.js"

const millis = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 50 }))
const jobs = Arbitrary.array(
  Arbitrary.schema(Schema.Struct({ at: millis, takes: millis, fails: Schema.Boolean, cut: Schema.NullOr(millis) })),
  { maxLength: 30 }
)
const permitsOf = Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 4 })))

describe("makeConcurrency", () => {
  it.effect.prop(
    "never lets more in than it has permits, and gets all back whatever happens to the calls",
    [jobs, permitsOf],
    ([list, permits]) =>
      Effect.gen(function* () {
        let running = 0
        let most = 0
        const limit = makeConcurrency({ permits })
        const call = limit((job: (typeof list)[number]) =>
          Effect.acquireUseRelease(
            Effect.sync(() => {
              most = Math.max(most, ++running)
            }),
            () => Effect.andThen(Effect.sleep(job.takes), job.fails ? Effect.die("made for a test") : Effect.void),
            () =>
              Effect.sync(() => {
                running--
              })
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
        assert.isAtMost(most, permits)
        assert.strictEqual(running, 0)
        // All permits are back: as many calls as permits run at once.
        const after = { at: 0, takes: 10, fails: false, cut: null }
        most = 0
        yield* inTime(
          Effect.forEach(Array.from({ length: permits + 1 }), () => call(after), {
            concurrency: "unbounded",
            discard: true
          })
        )
        assert.strictEqual(most, permits)
      })
  )

  it.effect("serves those who wait in their order", () =>
    Effect.gen(function* () {
      const order: Array<number> = []
      const call = makeConcurrency({ permits: 2 })((n: number) =>
        Effect.andThen(
          Effect.sync(() => order.push(n)),
          Effect.sleep(10)
        )
      )
      yield* inTime(Effect.forEach([1, 2, 3, 4, 5, 6, 7], call, { concurrency: "unbounded", discard: true }))
      assert.deepStrictEqual(order, [1, 2, 3, 4, 5, 6, 7])
    })
  )

  it.effect("counts all calls that one value wraps together, and tells how long each waited", () =>
    Effect.gen(function* () {
      const shared = makeConcurrency({ permits: 1 })
      const one = scripted([{ after: 300 }])
      const two = scripted([{ after: 500 }])
      const receipts = yield* inTime(
        Effect.all(
          [
            record(shared(one.model.complete))(request()),
            record(shared(two.model.complete))(request()),
            record(shared(one.model.complete))(request())
          ],
          { concurrency: "unbounded" }
        )
      )
      assert.deepStrictEqual(
        receipts.map(([, receipt]) => receipt.events),
        [[], [{ _tag: "Waited", on: "concurrency", millis: 300 }], [{ _tag: "Waited", on: "concurrency", millis: 800 }]]
      )
    })
  )

  it.effect("tells the wait of a call that was interrupted before its turn", () =>
    Effect.gen(function* () {
      const shared = makeConcurrency({ permits: 1 })
      const { model, seen } = scripted([{ after: 10_000 }])
      const holder = yield* Effect.forkChild(shared(model.complete)(request()))
      const [, receipt] = yield* inTime(
        record(() => Effect.timeoutOption(shared(model.complete)(request()), 700))(undefined)
      )
      assert.strictEqual(receipt.waitedMillis, 700)
      yield* Fiber.join(holder)
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(seen.calls, 1)
    })
  )

  it("refuses permits that would never let a call through", () => {
    assert.throws(() => makeConcurrency({ permits: 0 }), RangeError)
    assert.throws(() => makeConcurrency({ permits: 1.5 }), RangeError)
  })
})
