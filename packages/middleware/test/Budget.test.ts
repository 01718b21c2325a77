import { type CallFailure, Halted } from "@consortium/core/Call"
import { wrap } from "@consortium/core/ChatModel"
import { Deadline } from "@consortium/core/Deadline"
import { stated } from "@consortium/core/PriceBook"
import { attempt, record } from "@consortium/core/Receipt"
import { budget, makeBudget } from "@consortium/middleware/Budget"
import { makeHedge } from "@consortium/middleware/Hedge"
import { chatPrice } from "@consortium/middleware/Price"
import { backoff, retry } from "@consortium/middleware/Retry"
import { timeout } from "@consortium/middleware/Timeout"
import { chatMetering, type Metering } from "@consortium/middleware/Worst"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/testing/TestClock"
import { broken, inTime, limited, overloaded, request, scripted } from "./Synthetic.js"

const int = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

/** An attempt of the law: how long it takes, the part of its worst case that it really takes, and how it ends. */
const Try = Schema.Struct({
  millis: int(0, 400),
  part: int(0, 10),
  ends: Schema.Literals(["ok", "ok", "ok", "silent", "refused", "broken"])
})
const Job = Schema.Struct({
  at: int(0, 500),
  worst: int(1, 40),
  cut: Schema.NullOr(int(0, 600)),
  tries: Schema.NonEmptyArray(Try)
})
const jobs = Arbitrary.array(Arbitrary.schema(Job), { minLength: 1, maxLength: 40 })
const limitsOf = Arbitrary.schema(
  Schema.Struct({ usd: int(0, 300), tokens: int(0, 40_000), calls: int(0, 60), hedged: Schema.Boolean })
)

type Job = typeof Job.Type
interface Said {
  readonly usd: number
  readonly silent: boolean
}
const cents: Metering<Job, Said> = {
  worst: (job) => ({ usd: job.worst / 100, tokens: job.worst * 100 }),
  actual: (said) => (said.silent ? {} : { usd: said.usd, tokens: Math.ceil(said.usd * 10_000) })
}

describe("budget", () => {
  it.effect.prop(
    "is never exceeded, whatever runs at once, is hedged, repeated, cut off or fails, and halts only what does not fit",
    [jobs, limitsOf],
    ([list, { calls, hedged, tokens, usd }]) =>
      Effect.gen(function* () {
        const purse = makeBudget({ usd: usd / 100, tokens, calls })
        const paid = { usd: 0, tokens: 0, calls: 0 }
        let running = 0
        /** The vendor's own books: it bills at the latest when the attempt ends, and for one that was cut off up to the worst case. */
        const vendor = (job: Job) => {
          const state = { made: 0 }
          return Effect.suspend((): Effect.Effect<Said, CallFailure> => {
            const one = job.tries[state.made++ % job.tries.length] ?? job.tries[0]
            const most = job.worst / 100
            running++
            paid.calls++
            const bill = (part: number) => {
              paid.usd += most * part
              paid.tokens += job.worst * 100 * part
            }
            return Effect.suspend((): Effect.Effect<Said, CallFailure> => {
              if (one.ends === "refused") return Effect.fail(limited())
              bill(one.part / 10)
              if (one.ends === "broken") return Effect.fail(new Broken())
              return Effect.succeed({ usd: (most * one.part) / 10, silent: one.ends === "silent" })
            }).pipe(
              Effect.delay(one.millis),
              Effect.onInterrupt(() => Effect.sync(() => bill(1))),
              Effect.ensuring(Effect.sync(() => running--))
            )
          })
        }
        const books = () => {
          const [gone, held] = [purse.spent(), purse.reserved()]
          assert.isAtMost(gone.usd + held.usd, usd / 100 + 1e-9)
          assert.isAtMost(gone.tokens + held.tokens, tokens)
          assert.isAtMost(gone.calls + held.calls, calls)
          assert.isAtMost(paid.usd, usd / 100 + 1e-6)
          assert.isAtMost(paid.tokens, tokens + 1e-3)
          assert.isAtMost(paid.calls, calls)
        }
        const hedge = makeHedge({ share: 1, atLeast: 1000, delay: 100 })
        const each = (job: Job) => {
          const metered = budget(purse, cents)(() => Effect.andThen(Effect.sync(books), attempts))
          const attempts = vendor(job)
          const around = retry(backoff({ first: 50, cap: 100, times: 2 }))
          return around(hedged ? hedge(metered) : metered)(job)
        }
        const exits = yield* inTime(
          Effect.forEach(
            list,
            (job) =>
              Effect.gen(function* () {
                yield* Effect.sleep(job.at)
                const fiber = yield* Effect.forkChild(each(job))
                if (job.cut !== null) {
                  yield* Effect.sleep(job.cut)
                  yield* Fiber.interrupt(fiber)
                }
                const exit = yield* Fiber.await(fiber)
                books()
                return exit
              }),
            { concurrency: "unbounded" }
          )
        )
        assert.strictEqual(exits.length, list.length)
        assert.strictEqual(running, 0)
        assert.deepStrictEqual(purse.reserved(), { usd: 0, tokens: 0, calls: 0 })
        // What the vendor billed is on our books, or less.
        const gone = purse.spent()
        assert.isAtLeast(gone.usd + 1e-6, paid.usd)
        assert.isAtLeast(gone.tokens + 1e-3, paid.tokens)
        assert.strictEqual(gone.calls, paid.calls)
      })
  )

  it.effect("waits while attempts in flight may give back enough, in order, and halts when they can't any more", () =>
    Effect.gen(function* () {
      const purse = makeBudget({ calls: 100, tokens: 1000 })
      const order: Array<string> = []
      const metering: Metering<string, number> = {
        worst: () => ({ tokens: 600 }),
        actual: (tokens) => ({ tokens })
      }
      const call = (takes: number, after: number) =>
        budget(
          purse,
          metering
        )((name: string) =>
          Effect.map(Effect.sleep(after), () => {
            order.push(name)
            return takes
          })
        )
      const [a, b, c, d] = yield* inTime(
        Effect.all(
          [
            record(call(100, 1000))("a"),
            record(call(250, 500))("b"),
            record(call(500, 100))("c"),
            record(call(1, 1))("d")
          ],
          { concurrency: "unbounded" }
        )
      )
      assert.deepStrictEqual(order, ["a", "b", "c"])
      assert.deepStrictEqual(
        [a, b, c, d].map(([, receipt]) => receipt.waitedMillis),
        [0, 1000, 1500, 1600]
      )
      const refused = d[0]
      assert.isTrue(Result.isFailure(refused))
      if (Result.isFailure(refused)) {
        assert.instanceOf(refused.failure, Halted)
        assert.strictEqual(
          refused.failure.message,
          "stopped (budget): 850 of 1000 tokens are spent and the next attempt may take 600; raise the limit, ask for shorter answers, or go on later"
        )
      }
      assert.deepStrictEqual(purse.spent(), { usd: 0, tokens: 850, calls: 3 })
    })
  )

  it.effect("loses nothing in flight when it is reached, and goes on from what was spent before", () =>
    Effect.gen(function* () {
      const { model } = scripted([{ after: 1000 }])
      const purse = makeBudget({ calls: 5, spent: { calls: 3 } })
      const call = budget(purse, chatMetering(stated, model.ref))(model.complete)
      const results = yield* inTime(
        Effect.forEach([1, 2, 3], () => Effect.result(call(request())), { concurrency: "unbounded" })
      )
      assert.deepStrictEqual(
        results.map((one) => one._tag),
        ["Success", "Success", "Failure"]
      )
      assert.strictEqual(purse.spent().calls, 5)
    })
  )

  it.effect("a limit in money refuses what has no price, unless it is told one", () =>
    Effect.gen(function* () {
      const { model, seen } = scripted([{}])
      const refused = yield* Effect.flip(
        budget(makeBudget({ usd: 100 }), chatMetering(stated, model.ref))(model.complete)(request())
      )
      assert.isTrue(refused instanceof Halted && refused.why === "budget")
      assert.strictEqual(seen.calls, 0)
      const purse = makeBudget({ usd: 100 })
      yield* budget(purse, chatMetering(stated, model.ref, { unknownUsd: 2 }))(model.complete)(request())
      // The answer states 0.5.
      assert.strictEqual(purse.spent().usd, 0.5)
      const silent = makeBudget({ usd: 3 })
      const dumb = chatMetering({ usd: () => undefined }, model.ref, { unknownUsd: 2 })
      yield* budget(silent, dumb)(model.complete)(request())
      assert.strictEqual(silent.spent().usd, 2)
      assert.instanceOf(yield* Effect.flip(budget(silent, dumb)(model.complete)(request())), Halted)
    })
  )

  it.effect("receipts and the budget agree on every attempt: answered, refused, broken, cut off", () =>
    Effect.gen(function* () {
      const perToken = {
        usd: (_: string, usage: { inputTokens?: number; outputTokens?: number }) =>
          ((usage.inputTokens ?? 0) + (usage.outputTokens ?? 0)) / 1000
      }
      const metering = chatMetering(perToken, "m")
      const worst = metering.worst(request()).usd ?? 0
      const { model } = scripted([{ fails: overloaded }, { after: 5000 }, { text: "yes" }])
      const purse = makeBudget({ usd: 1000 })
      const sturdy = wrap(model, (call) =>
        retry(backoff({ first: 1, cap: 1, times: 5 }))(
          budget(purse, metering)(timeout("1 second")(chatPrice(perToken, "m")(attempt(call))))
        )
      )
      const [, receipt] = yield* inTime(record(sturdy.complete)(request()))
      assert.deepStrictEqual(
        receipt.events.filter((event) => event._tag === "Cost"),
        [
          { _tag: "Cost", usd: worst, estimated: true },
          { _tag: "Cost", usd: 0.03 }
        ]
      )
      assert.strictEqual(receipt.estimatedUsd, worst)
      assert.approximately(purse.spent().usd, receipt.usd ?? 0, 1e-8)
      assert.strictEqual(purse.spent().calls, receipt.attempts)
    })
  )

  it.effect("makes and counts no attempt after the deadline", () =>
    Effect.gen(function* () {
      yield* TestClock.adjust(10)
      const purse = makeBudget({ calls: 5 })
      const { model, seen } = scripted([{ fails: broken }])
      const now = yield* Clock.currentTimeMillis
      const call = budget(purse, chatMetering(stated, model.ref))(model.complete)
      const error = yield* Effect.flip(Effect.provideService(call(request()), Deadline, now))
      assert.isTrue(error instanceof Halted && error.why === "deadline")
      assert.deepStrictEqual([seen.calls, purse.spent().calls], [0, 0])
    })
  )

  it("refuses a limit that is none", () => {
    assert.throws(() => makeBudget({ usd: Number.NaN }), RangeError)
    assert.throws(() => makeBudget({ calls: -1 }), RangeError)
  })
})

class Broken extends Schema.TaggedError<Broken>()("Broken", {}) {
  readonly isRetryable = true
  override get message(): string {
    return "broke in the middle"
  }
}
