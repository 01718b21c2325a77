import { Halted } from "@consortium/core/Call"
import { isNonEmpty } from "@consortium/core/NonEmpty"
import { type Options, quorum, TooFewAnswers } from "@consortium/middleware/Quorum"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { inTime, overloaded } from "./Synthetic.js"

const seats = (plan: ReadonlyArray<readonly [millis: number, ends: "ok" | "fails" | "halts"]>) => {
  const seen = { running: 0 }
  const calls = plan.map(([millis, ends], index) => ({
    ref: `seat-${index}`,
    call: (question: string): Effect.Effect<string, typeof overloaded | Halted> =>
      Effect.acquireUseRelease(
        Effect.sync(() => seen.running++),
        () =>
          Effect.andThen(
            Effect.sleep(millis),
            ends === "ok"
              ? Effect.succeed(`${question} ${index}`)
              : Effect.fail(ends === "fails" ? overloaded : new Halted({ why: "budget", detail: "" }))
          ),
        () => Effect.sync(() => seen.running--)
      )
  }))
  if (!isNonEmpty(calls)) throw new Error("no seats")
  return { calls, seen }
}

const ask = (plan: Parameters<typeof seats>[0], options?: Options) =>
  Effect.gen(function* () {
    const { calls, seen } = seats(plan)
    const from = yield* Clock.currentTimeMillis
    const [result, at] = yield* inTime(
      Effect.all([Effect.result(quorum(calls, options)("q")), Clock.currentTimeMillis])
    )
    return { result, millis: at - from, running: seen.running }
  })

describe("quorum", () => {
  it.effect("answers when enough have and the grace is over; the late one is named and interrupted", () =>
    Effect.gen(function* () {
      const { millis, result, running } = yield* ask(
        [
          [400, "ok"],
          [9000, "ok"],
          [200, "ok"],
          [450, "ok"]
        ],
        { enough: 2, grace: { partOfElapsed: 0.25 } }
      )
      assert.deepStrictEqual(
        result,
        Result.succeed({
          answered: [
            { ref: "seat-0", answer: "q 0" },
            { ref: "seat-2", answer: "q 2" },
            { ref: "seat-3", answer: "q 3" }
          ],
          failed: [],
          late: ["seat-1"]
        })
      )
      assert.deepStrictEqual([millis, running], [500, 0])
    })
  )

  it.effect("ends as soon as all are there, and by default waits for all", () =>
    Effect.gen(function* () {
      const early = yield* ask(
        [
          [400, "ok"],
          [450, "ok"]
        ],
        { enough: 1, grace: "1 minute" }
      )
      assert.strictEqual(early.millis, 450)
      const all = yield* ask([
        [100, "ok"],
        [8000, "fails"],
        [9000, "ok"]
      ])
      assert.strictEqual(all.millis, 8000)
      assert.isTrue(Result.isFailure(all.result) && all.result.failure instanceof TooFewAnswers)
    })
  )

  it.effect("fails as soon as enough can't come any more, saying why, and stops the others", () =>
    Effect.gen(function* () {
      const { millis, result, running } = yield* ask(
        [
          [100, "fails"],
          [200, "fails"],
          [5000, "ok"]
        ],
        { enough: 2 }
      )
      assert.deepStrictEqual([millis, running], [200, 0])
      const error = Result.isFailure(result) ? result.failure : undefined
      assert.instanceOf(error, TooFewAnswers)
      assert.isTrue(error.isRetryable)
      assert.match(error.message, /^0 answers where 2 are needed \(seat-0: .*; seat-1: .*\); ask more/)
    })
  )

  it.effect("stops at once where one is halted", () =>
    Effect.gen(function* () {
      const { millis, result, running } = yield* ask(
        [
          [100, "halts"],
          [5000, "ok"]
        ],
        { enough: 1 }
      )
      assert.isTrue(Result.isFailure(result) && result.failure instanceof Halted)
      assert.deepStrictEqual([millis, running], [100, 0])
    })
  )

  it.effect("interrupts all of them when it is interrupted", () =>
    Effect.gen(function* () {
      const { calls, seen } = seats([
        [1000, "ok"],
        [1000, "ok"]
      ])
      const fiber = yield* Effect.forkChild(quorum(calls)("q"))
      yield* TestClock.adjust(500)
      assert.strictEqual(seen.running, 2)
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(seen.running, 0)
    })
  )

  const plans = Arbitrary.array(
    Arbitrary.schema(
      Schema.Struct({
        millis: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1000 })),
        ends: Schema.Literals(["ok", "ok", "fails"])
      })
    ),
    { minLength: 1, maxLength: 6 }
  )
  it.effect.prop(
    "every call is in exactly one of the three, and nobody runs on",
    [
      plans,
      Arbitrary.schema(Schema.Struct({ enough: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 6 })) }))
    ],
    ([plan, { enough }]) =>
      Effect.gen(function* () {
        const needed = Math.min(enough, plan.length)
        const { result, running } = yield* ask(
          plan.map(({ ends, millis }) => [millis, ends] as const),
          { enough: needed, grace: 100 }
        )
        assert.strictEqual(running, 0)
        const good = plan.filter((one) => one.ends === "ok").length
        assert.strictEqual(Result.isSuccess(result), good >= needed)
        if (Result.isFailure(result)) return
        const { answered, failed, late } = result.success
        assert.isAtLeast(answered.length, needed)
        assert.deepStrictEqual(
          [...answered.map((one) => one.ref), ...failed.map((one) => one.ref), ...late].sort(),
          plan.map((_, index) => `seat-${index}`).sort()
        )
      })
  )

  it("refuses a number that can't be met", () => {
    assert.throws(() => quorum(seats([[1, "ok"]]).calls, { enough: 2 }), RangeError)
    assert.throws(() => quorum(seats([[1, "ok"]]).calls, { enough: 0 }), RangeError)
  })
})
