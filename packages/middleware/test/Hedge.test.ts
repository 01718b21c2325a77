import { wrap } from "@consortium/core/ChatModel"
import { attempt, record } from "@consortium/core/Receipt"
import { makeConcurrency } from "@consortium/middleware/Concurrency"
import { makeHedge } from "@consortium/middleware/Hedge"
import { chatPrice } from "@consortium/middleware/Price"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { broken, completion, inTime, limited, refused, request, scripted } from "./Synthetic.js"

const always = { share: 1, atLeast: 1_000_000, delay: 1000 }

const outcomes = (receipt: { readonly events: ReadonlyArray<{ readonly _tag: string }> }) =>
  receipt.events.flatMap((event) => ("outcome" in event ? [event.outcome] : event._tag === "Note" ? ["note"] : []))

describe("hedge", () => {
  it.effect("a late first attempt races a second one; the first answer wins and the other is interrupted", () =>
    Effect.gen(function* () {
      const { model, seen } = scripted([{ after: 9000 }, { after: 500, text: "second" }])
      const fiber = yield* Effect.forkChild(record(makeHedge(always)(attempt(model.complete)))(request()))
      yield* TestClock.adjust(1000)
      assert.strictEqual(seen.calls, 1)
      yield* TestClock.adjust(501)
      const [answer, receipt] = yield* Fiber.join(fiber)
      assert.deepStrictEqual(answer, Result.succeed(completion("second")))
      assert.strictEqual(receipt.millis, 1501)
      assert.deepStrictEqual(
        receipt.events.filter((event) => event._tag === "Note"),
        [{ _tag: "Note", source: "hedge", data: { afterMillis: 1000, won: "second" } }]
      )
      assert.deepStrictEqual([...outcomes(receipt)].sort(), ["interrupted", "note", "ok"])
      assert.strictEqual(seen.running, 0)
    })
  )

  it.effect("the loser is on the bill at the most that it can cost, and marked", () =>
    Effect.gen(function* () {
      const perToken = {
        usd: (_: string, usage: { inputTokens?: number; outputTokens?: number }) =>
          (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0)
      }
      const { model } = scripted([{ after: 9000 }, { after: 500 }])
      const priced = makeHedge(always)(chatPrice(perToken, "m")(attempt(model.complete)))
      const [, receipt] = yield* inTime(record(priced)(request()))
      assert.deepStrictEqual(
        receipt.events
          .flatMap((event) => (event._tag === "Cost" ? [[event.usd, event.estimated === true]] : []))
          .sort(),
        [
          [120, true],
          [30, false]
        ]
      )
    })
  )

  it.effect("whoever fails leaves the call to the other, and a hopeless error ends both", () =>
    Effect.gen(function* () {
      const ask = (first: Parameters<typeof scripted>[0][0], second: Parameters<typeof scripted>[0][0]) => {
        const { model, seen } = scripted([first, second])
        return Effect.map(inTime(Effect.result(makeHedge(always)(model.complete)(request()))), (result) => ({
          result: Result.isSuccess(result) ? "ok" : result.failure.reason._tag,
          calls: seen.calls,
          running: seen.running
        }))
      }
      const saved = { result: "ok", calls: 2, running: 0 }
      assert.deepStrictEqual(yield* ask({ after: 1500, fails: broken }, { after: 2000 }), saved)
      assert.deepStrictEqual(yield* ask({ after: 3000 }, { after: 100, fails: broken }), saved)
      assert.deepStrictEqual(yield* ask({ after: 1500, fails: broken }, { after: 2000, fails: limited() }), {
        result: "RateLimited",
        calls: 2,
        running: 0
      })
      assert.deepStrictEqual(yield* ask({ after: 9000 }, { after: 100, fails: refused }), {
        result: "InvalidRequest",
        calls: 2,
        running: 0
      })
      // A failure before it is late is the retry's business.
      assert.deepStrictEqual(yield* ask({ after: 500, fails: broken }, {}), {
        result: "ServerError",
        calls: 1,
        running: 0
      })
    })
  )

  it.effect("learns what is late, and waiting for a permit is not", () =>
    Effect.gen(function* () {
      const hedge = makeHedge({ atLeast: 20, share: 1 })
      let takes = 100
      let calls = 0
      const vendor = (_: string) =>
        Effect.suspend(() => {
          calls++
          return Effect.as(Effect.sleep(takes), "yes")
        })
      const call = hedge(makeConcurrency({ permits: 2 })(vendor))
      // The last of these waits for a second.
      yield* inTime(Effect.forEach(Array.from({ length: 20 }), () => call("q"), { concurrency: "unbounded" }))
      yield* inTime(Effect.forEach(Array.from({ length: 20 }), () => call("q"), { concurrency: "unbounded" }))
      assert.strictEqual(calls, 40)
      takes = 1000
      yield* inTime(call("q"))
      assert.strictEqual(calls, 42)
    })
  )

  const latencies = Arbitrary.array(
    Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1000 }))),
    { minLength: 1, maxLength: 300 }
  )
  it.effect.prop("never makes more extra attempts than its share of the calls, at any time", [latencies], ([list]) =>
    Effect.gen(function* () {
      const hedge = makeHedge({ atLeast: 5 })
      let made = 0
      let calls = 0
      const call = hedge((millis: number) =>
        Effect.suspend(() => {
          made++
          assert.isAtMost(made - calls, calls * 0.1 + 1e-6)
          return Effect.sleep(millis)
        })
      )
      yield* inTime(
        Effect.forEach(
          list,
          (millis, index) =>
            Effect.andThen(
              Effect.sleep(index * 10),
              Effect.suspend(() => {
                calls++
                return call(millis)
              })
            ),
          { concurrency: "unbounded", discard: true }
        )
      )
    })
  )

  it.effect("a stream that speaks is left alone; one that is late to speak is raced, and says its text once", () =>
    Effect.gen(function* () {
      const speaking = scripted([{ after: 700, text: "a b c d" }])
      const one = wrap(speaking.model, makeHedge(always)).stream(request())
      assert.strictEqual((yield* inTime(Stream.runCollect(one))).length, 5)
      assert.strictEqual(speaking.seen.calls, 1)
      const late = scripted([
        { after: 1500, text: "a b" },
        { after: 300, text: "c d" }
      ])
      const parts = yield* inTime(Stream.runCollect(wrap(late.model, makeHedge(always)).stream(request())))
      assert.deepStrictEqual(
        parts.map((part) => (part._tag === "Text" ? part.delta : part._tag)),
        ["c", "d", "Done"]
      )
      assert.deepStrictEqual([late.seen.calls, late.seen.running], [2, 0])
    })
  )

  it.effect("an interrupted call interrupts both attempts", () =>
    Effect.gen(function* () {
      const { model, seen } = scripted([{ after: 9000 }])
      const fiber = yield* Effect.forkChild(makeHedge(always)(model.complete)(request()))
      yield* TestClock.adjust(1500)
      assert.strictEqual(seen.running, 2)
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(seen.running, 0)
    })
  )

  it("refuses parts that are none", () => {
    assert.throws(() => makeHedge({ quantile: 1 }), RangeError)
    assert.throws(() => makeHedge({ share: -0.1 }), RangeError)
  })
})
