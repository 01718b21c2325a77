import { type CallFailure, Halted } from "@consortium/core/Call"
import { wrap } from "@consortium/core/ChatModel"
import { Deadline } from "@consortium/core/Deadline"
import { InvalidRequest, ModelError } from "@consortium/core/ModelError"
import { attempt, record } from "@consortium/core/Receipt"
import { backoff, makeRetryBudget, retry } from "@consortium/middleware/Retry"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { inTime, limited, overloaded, request, scripted } from "./Synthetic.js"

const refused = new ModelError({ vendor: "synthetic", model: "m", reason: new InvalidRequest({}), detail: "" })

/** Plays outcomes one after the other: yes, no but again, or no for good. */
const playing = (outcomes: ReadonlyArray<"yes" | "again" | "never">) => {
  const seen = { calls: 0 }
  const call = (_: string): Effect.Effect<string, ModelError> =>
    Effect.suspend(() => {
      const outcome = outcomes[seen.calls++] ?? "again"
      return outcome === "yes" ? Effect.succeed("yes") : Effect.fail(outcome === "again" ? overloaded : refused)
    })
  return { call, seen }
}

const outcomes = Arbitrary.array(Arbitrary.schema(Schema.Literals(["yes", "again", "again", "again", "never"])), {
  maxLength: 12
})

describe("retry", () => {
  it.effect.prop(
    "makes 5 attempts at most, stops at the first answer or hopeless error, and waits within the policy",
    [outcomes],
    ([script]) =>
      Effect.gen(function* () {
        const { call, seen } = playing(script)
        const [outcome, receipt] = yield* inTime(record(retry()(attempt(call)))("q"))
        const end = [...script, ..."again ".repeat(20).trim().split(" ")].findIndex((one) => one !== "again")
        const expected = end < 0 ? 5 : Math.min(5, end + 1)
        assert.strictEqual(seen.calls, expected)
        assert.strictEqual(receipt.attempts, expected)
        assert.strictEqual(Result.isSuccess(outcome), script[expected - 1] === "yes")
        const waits = receipt.events.flatMap((event) => (event._tag === "Waited" ? [event.millis] : []))
        assert.isAtMost(waits.length, expected - 1)
        // 0.5 + 1 + 2 + 4 seconds are the caps of the four waits.
        assert.isAtMost(receipt.waitedMillis, 7500)
      })
  )

  it.effect("draws its waits from Random: the same seed waits the same", () =>
    Effect.gen(function* () {
      const waits = (seed: string) =>
        Effect.map(
          inTime(Random.withSeed(record(retry()(attempt(playing([]).call)))("q"), seed)),
          ([, receipt]) => receipt.waitedMillis
        )
      const first = yield* waits("one")
      assert.strictEqual(yield* waits("one"), first)
      assert.notStrictEqual(yield* waits("two"), first)
    })
  )

  it.effect("waits at least `retryAfter`, and tells the wait that there was", () =>
    Effect.gen(function* () {
      const { model, seen } = scripted([{ fails: limited(12_345) }, { text: "yes" }])
      const [outcome, receipt] = yield* inTime(record(retry()(attempt(model.complete)))(request()))
      assert.isTrue(Result.isSuccess(outcome))
      assert.strictEqual(seen.calls, 2)
      assert.deepStrictEqual(
        receipt.events.filter((event) => event._tag === "Waited"),
        [{ _tag: "Waited", on: "retry", millis: 12_345 }]
      )
    })
  )

  it.effect("gives up with the last error when the wait would pass the deadline", () =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const { model, seen } = scripted([{ fails: limited(10_000) }])
      const [outcome, receipt] = yield* Effect.provideService(
        record(retry()(model.complete))(request()),
        Deadline,
        now + 10_000
      )
      assert.deepStrictEqual(Result.isFailure(outcome) && outcome.failure, limited(10_000))
      assert.strictEqual(seen.calls, 1)
      assert.strictEqual(receipt.waitedMillis, 0)
    })
  )

  it.effect("never repeats what is halted", () =>
    Effect.gen(function* () {
      let calls = 0
      const halted = new Halted({ why: "budget", detail: "" })
      const call = (_: string): Effect.Effect<string, CallFailure> =>
        Effect.suspend(() => {
          calls++
          return Effect.fail(halted)
        })
      const error = yield* Effect.flip(retry(Schedule.forever)(call)("q"))
      assert.strictEqual(error, halted)
      assert.strictEqual(calls, 1)
    })
  )

  it.effect("follows another policy", () =>
    Effect.gen(function* () {
      const { call, seen } = playing([])
      yield* inTime(Effect.flip(retry(backoff({ first: "1 second", cap: "2 seconds", times: 9 }))(call)("q")))
      assert.strictEqual(seen.calls, 10)
      const once = playing([])
      yield* Effect.flip(retry(Schedule.recurs(0))(once.call)("q"))
      assert.strictEqual(once.seen.calls, 1)
    })
  )

  it.effect("makes no further call when it is interrupted while it waits, and has told the wait so far", () =>
    Effect.gen(function* () {
      const { model, seen } = scripted([{ fails: limited(10_000) }])
      let told = 0
      const [, receipt] = yield* inTime(
        record((_: string) =>
          Effect.gen(function* () {
            const fiber = yield* Effect.forkChild(retry()(model.complete)(request()))
            yield* Effect.sleep("4 seconds")
            yield* Fiber.interrupt(fiber)
          })
        )("q")
      )
      told = receipt.waitedMillis
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(seen.calls, 1)
      assert.strictEqual(told, 4000)
    })
  )
})

describe("the budget of repeats", () => {
  const rounds = Arbitrary.array(
    Arbitrary.schema(
      Schema.Struct({
        calls: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 60 })),
        pause: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 4000 }))
      })
    ),
    { minLength: 1, maxLength: 12 }
  )
  it.effect.prop(
    "an outage meets the calls, a share of them again, and the floor: never all of them five times",
    [rounds],
    ([list]) =>
      Effect.gen(function* () {
        const budget = makeRetryBudget({ share: 0.2, perSecond: 2 })
        const start = yield* Clock.currentTimeMillis
        let attempts = 0
        let calls = 0
        const call = retry(
          backoff({ first: 100, cap: 100, times: 4 }),
          budget
        )((_: string) =>
          Effect.flatMap(Clock.currentTimeMillis, (now) => {
            attempts++
            assert.isAtMost(attempts - calls, 0.2 * calls + 2 * (10 + (now - start) / 1000) + 1e-6)
            return Effect.fail(overloaded)
          })
        )
        yield* inTime(
          Effect.forEach(
            list,
            (round) =>
              Effect.gen(function* () {
                calls += round.calls
                yield* Effect.forkChild(
                  Effect.forEach(Array.from({ length: round.calls }), () => Effect.ignore(call("q")), {
                    concurrency: "unbounded",
                    discard: true
                  })
                )
                yield* Effect.sleep(round.pause)
              }),
            { discard: true }
          )
        )
      })
  )

  it.effect("is shared by what shares the value; an empty one ends the call with its error, and says so", () =>
    Effect.gen(function* () {
      const budget = makeRetryBudget({ share: 0, perSecond: 0.1 })
      const one = playing([])
      const two = playing([])
      yield* inTime(Effect.flip(retry(Schedule.recurs(1), budget)(one.call)("q")))
      assert.strictEqual(one.seen.calls, 2)
      // The day that `inTime` lets pass brings one repeat back, and no more than was there at first.
      yield* inTime(Effect.flip(retry(Schedule.recurs(1), budget)(two.call)("q")))
      const [outcome, receipt] = yield* inTime(record(retry(Schedule.recurs(4), budget)(attempt(two.call)))("q"))
      assert.isTrue(Result.isFailure(outcome))
      assert.deepStrictEqual(
        receipt.events.filter((event) => event._tag === "Note"),
        [{ _tag: "Note", source: "retry", data: { budget: "empty" } }]
      )
      assert.strictEqual(receipt.attempts, 2)
    })
  )

  it.effect("lets the usual failures of a busy client through", () =>
    Effect.gen(function* () {
      const budget = makeRetryBudget()
      let made = 0
      const call = retry(
        backoff({ first: 10, cap: 10, times: 4 }),
        budget
      )((_: string) => Effect.suspend(() => (made++ % 10 === 0 ? Effect.fail(overloaded) : Effect.succeed("yes"))))
      const results = yield* inTime(
        Effect.forEach(Array.from({ length: 5000 }), () => Effect.result(call("q")), { concurrency: 50 })
      )
      assert.isTrue(results.every(Result.isSuccess))
    })
  )

  it("refuses numbers that are none", () => {
    assert.throws(() => makeRetryBudget({ share: -1 }), RangeError)
  })
})

describe("retry of a stream", () => {
  it.effect("repeats a refusal before the first part: the reader sees one clean stream", () =>
    Effect.gen(function* () {
      const { model } = scripted([{ fails: limited() }, { fails: limited() }, { text: "one two" }])
      const streamed = wrap(model, (call) => retry()(attempt(call)))
      const [outcome, receipt] = yield* inTime(record(() => Stream.runCollect(streamed.stream(request())))(undefined))
      const tags = Result.isSuccess(outcome) ? outcome.success.map((part) => part._tag) : []
      assert.deepStrictEqual(tags, ["Text", "Text", "Done"])
      assert.strictEqual(receipt.attempts, 3)
    })
  )

  it.effect("does not repeat a stream that broke after a part", () =>
    Effect.gen(function* () {
      const { model, seen } = scripted([{ text: "one two three", words: 2, fails: overloaded }, { text: "again" }])
      const heard: Array<string> = []
      const error = yield* inTime(
        wrap(model, retry())
          .stream(request())
          .pipe(
            Stream.runForEach((part) => Effect.sync(() => heard.push(part._tag === "Text" ? part.delta : part._tag))),
            Effect.flip
          )
      )
      assert.strictEqual(error, overloaded)
      assert.deepStrictEqual(heard, ["one", "two"])
      assert.strictEqual(seen.calls, 1)
    })
  )
})
