import { Halted } from "@consortium/core/Call"
import { Deadline } from "@consortium/core/Deadline"
import type { Embedder } from "@consortium/core/Embedder"
import { type Receipt, record } from "@consortium/core/Receipt"
import { makeBudget } from "@consortium/middleware/Budget"
import { CircuitOpen } from "@consortium/middleware/CircuitBreaker"
import { makeConcurrency } from "@consortium/middleware/Concurrency"
import { makeLanes } from "@consortium/middleware/Lane"
import { chatEstimate, makeRateLimiter } from "@consortium/middleware/RateLimit"
import { type ChatOptions, chatStack, embedStack } from "@consortium/middleware/Stack"
import { TimedOut } from "@consortium/middleware/Timeout"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import { completion, inTime, limited, memory, overloaded, request, scripted } from "./Synthetic.js"

const once = Schedule.recurs(0)

describe("chatStack", () => {
  it.effect("answers with everything that the call took on its receipt, and a second time for nothing", () =>
    Effect.gen(function* () {
      const { store } = memory()
      const { model, seen } = scripted([
        { after: 100, fails: limited(3000) },
        { after: 200, text: "yes" }
      ])
      const stacked = chatStack({
        journal: store,
        concurrency: makeConcurrency({ permits: 2 }),
        rateLimit: makeRateLimiter({ key: "synthetic", requestsPerMinute: 600 })
      })(model)
      const [answer, receipt] = yield* inTime(record(stacked.complete)(request()))
      assert.deepStrictEqual(answer, Result.succeed(completion("yes")))
      assert.deepStrictEqual(
        receipt.events.map((event) =>
          event._tag === "Waited"
            ? `waited on ${event.on} ${event.millis}`
            : event._tag === "Attempt"
              ? event.outcome
              : event._tag
        ),
        ["ModelError", "waited on retry 3000", "ok", "Cost"]
      )
      assert.deepStrictEqual(
        { attempts: receipt.attempts, waited: receipt.waitedMillis, usd: receipt.usd, millis: receipt.millis },
        { attempts: 2, waited: 3000, usd: 0.5, millis: 3300 }
      )
      const [again, free] = yield* record(stacked.complete)(request())
      assert.deepStrictEqual(again, answer)
      assert.deepStrictEqual([free.attempts, free.cached, free.usd], [0, true, undefined])
      const parts = yield* Stream.runCollect(stacked.stream(request()))
      assert.deepStrictEqual(
        parts.map((part) => part._tag),
        ["Text", "Done"]
      )
      assert.strictEqual(seen.calls, 2)
    })
  )

  it.effect("repeats a refused stream before its first part, and keeps what it said", () =>
    Effect.gen(function* () {
      const { store, seen: kept } = memory()
      const { model } = scripted([{ fails: limited() }, { text: "one two" }])
      const stacked = chatStack({ journal: store })(model)
      const [parts, receipt] = yield* inTime(record(() => Stream.runCollect(stacked.stream(request())))(undefined))
      assert.deepStrictEqual(Result.isSuccess(parts) && parts.success.map((part) => part._tag), [
        "Text",
        "Text",
        "Done"
      ])
      assert.deepStrictEqual([receipt.attempts, receipt.usd, kept.puts], [2, 0.5, 1])
    })
  )

  it.effect("does not count waiting for a permit or for the rate as slowness", () =>
    Effect.gen(function* () {
      const { model } = scripted([{ after: 900 }])
      const stacked = chatStack({
        timeout: "1 second",
        retry: once,
        concurrency: makeConcurrency({ permits: 1 }),
        rateLimit: makeRateLimiter({ key: "synthetic", requestsPerMinute: 20, burst: 0 })
      })(model)
      const results = yield* inTime(
        Effect.forEach([1, 2, 3], () => record(stacked.complete)(request()), { concurrency: "unbounded" })
      )
      assert.deepStrictEqual(
        results.map(([result]) => result._tag),
        ["Success", "Success", "Success"]
      )
      assert.deepStrictEqual(
        results.map(([, receipt]) =>
          receipt.events.flatMap((event) => (event._tag === "Waited" ? [[event.on, event.millis]] : []))
        ),
        [
          [],
          [
            ["concurrency", 900],
            ["rate-limit", 2100]
          ],
          [
            ["concurrency", 3900],
            ["rate-limit", 2100]
          ]
        ]
      )
    })
  )

  it.effect("holds no permit while it backs off", () =>
    Effect.gen(function* () {
      const shared = makeConcurrency({ permits: 1 })
      const failing = chatStack({ concurrency: shared })(scripted([{ fails: limited(60_000) }, {}]).model)
      const other = chatStack({ concurrency: shared })(scripted([{ after: 100 }]).model)
      const ended: Array<string> = []
      yield* inTime(
        Effect.all(
          [
            Effect.andThen(
              failing.complete(request()),
              Effect.sync(() => ended.push("failing"))
            ),
            Effect.andThen(
              other.complete(request()),
              Effect.sync(() => ended.push("other"))
            )
          ],
          { concurrency: 2 }
        )
      )
      assert.deepStrictEqual(ended, ["other", "failing"])
    })
  )

  it.effect("asks the rate for every attempt", () =>
    Effect.gen(function* () {
      const limiter = makeRateLimiter({ key: "synthetic", tokensPerMinute: 6000, burst: 0 })
      const { model } = scripted([{ fails: overloaded }, { fails: overloaded }, {}])
      const stacked = chatStack({ rateLimit: limiter, retry: Schedule.recurs(4) })(model)
      const [, receipt] = yield* inTime(record(stacked.complete)(request()))
      const estimate = chatEstimate(request())
      assert.strictEqual(receipt.attempts, 3)
      assert.strictEqual(receipt.waitedMillis, 2 * estimate * 10)
    })
  )

  it.effect("limits attempts, streams and questions in time", () =>
    Effect.gen(function* () {
      const slow = chatStack({ timeout: "1 second", retry: once })(scripted([{ after: 5000 }]).model)
      assert.instanceOf(yield* inTime(Effect.flip(slow.complete(request()))), TimedOut)
      const mute = chatStack({ firstPart: "1 second", retry: once })(scripted([{ after: 5000, text: "a b" }]).model)
      assert.instanceOf(yield* inTime(Effect.flip(Stream.runDrain(mute.stream(request())))), TimedOut)
      const stuck = chatStack({ silence: "1 second" })(scripted([{ after: 5000, text: "a b" }]).model)
      const [result, receipt] = yield* inTime(record(() => Stream.runDrain(stuck.stream(request())))(undefined))
      assert.isTrue(Result.isFailure(result) && result.failure instanceof TimedOut)
      assert.strictEqual(receipt.attempts, 1)
      const now = yield* Clock.currentTimeMillis
      const waiting = chatStack({ concurrency: makeConcurrency({ permits: 1 }) })(scripted([{ after: 60_000 }]).model)
      const fiber = yield* Effect.forkChild(waiting.complete(request()))
      const halted = yield* inTime(Effect.provideService(Effect.flip(waiting.complete(request())), Deadline, now + 500))
      assert.isTrue(halted instanceof Halted && halted.why === "deadline")
      yield* Fiber.join(fiber)
    })
  )

  const cuts = Arbitrary.array(Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3000 }))), {
    minLength: 1,
    maxLength: 12
  })

  it.effect.prop("leaks nothing when calls are interrupted at any point, whole or streamed", [cuts], ([list]) =>
    Effect.gen(function* () {
      const { store } = memory(Effect.sleep(20))
      const { model, seen } = scripted([
        { after: 300, fails: limited(400) },
        { after: 150, text: "a b c" },
        { after: 500, text: "d" }
      ])
      const stacked = chatStack({
        journal: store,
        concurrency: makeConcurrency({ permits: 2 }),
        rateLimit: makeRateLimiter({ key: "synthetic", requestsPerMinute: 120, burst: 0 })
      })(model)
      const fibers = yield* Effect.forEach(list, (cut, index) =>
        Effect.forkChild(
          Effect.timeoutOption(
            Effect.asVoid(
              index % 2 === 0
                ? stacked.complete(request(`${index % 3}`))
                : Stream.runDrain(stacked.stream(request(`${index % 3}`)))
            ),
            cut
          )
        )
      )
      yield* inTime(Fiber.awaitAll(fibers))
      assert.strictEqual(seen.running, 0)
      assert.isAtMost(seen.most, 2)
      // Every door still opens, for both permits at once.
      const [one, two] = yield* inTime(
        Effect.all([stacked.complete(request("after")), stacked.complete(request("that"))], { concurrency: 2 })
      )
      assert.deepStrictEqual([one?.finish.kind, two?.finish.kind], ["stop", "stop"])
      assert.isAtMost(seen.most, 2)
    })
  )
})

describe("the parts of a stack", () => {
  const priced = {
    usd: (_: string, usage: { inputTokens?: number; outputTokens?: number }) =>
      ((usage.inputTokens ?? 0) + (usage.outputTokens ?? 0)) / 1000
  }
  const told = (receipt: Receipt) =>
    receipt.events.map((event) => {
      switch (event._tag) {
        case "Attempt":
          return event.outcome
        case "Waited":
          return `${event.on} ${event.millis}`
        case "Cost":
          return event.estimated === true ? "cost at most" : "cost"
        case "Note":
          return event.source
        default:
          return event._tag
      }
    })

  it.effect("every part at once: each does its work, in its place", () =>
    Effect.gen(function* () {
      const { model, seen } = scripted([{ fails: overloaded }, { after: 9000 }, { after: 200, text: "hedged" }])
      const { store } = memory()
      const budget = makeBudget({ calls: 3 })
      const lanes = makeLanes({
        hedge: { delay: 999, share: 1 },
        breaker: {},
        rateLimit: { requestsPerMinute: 60, burst: 0 }
      })
      const stacked = chatStack({ lanes, budget, journal: store, prices: priced, retry: Schedule.recurs(3) })(model)
      const [answer, receipt] = yield* inTime(record(stacked.complete)(request()))
      assert.deepStrictEqual(answer, Result.succeed(completion("hedged")))
      // Waiting for the rate is not slowness: the second attempt is hedged 1 s after it has its place.
      assert.deepStrictEqual(told(receipt), [
        "ModelError",
        "rate-limit 1000",
        "ok",
        "cost",
        "hedge",
        "interrupted",
        "cost at most"
      ])
      assert.deepStrictEqual([receipt.millis, receipt.attempts], [2200, 3])
      assert.strictEqual(budget.spent().calls, 3)
      // A hit needs no budget; anything else has none left.
      assert.deepStrictEqual(yield* stacked.complete(request()), completion("hedged"))
      const halted = yield* Effect.flip(stacked.complete(request("more")))
      assert.isTrue(halted instanceof Halted && halted.why === "budget")
      assert.strictEqual(seen.calls, 3)
    })
  )

  it.effect("stacks on the same lanes share a model's doors, and other models have their own", () =>
    Effect.gen(function* () {
      const lanes = makeLanes({ concurrency: { start: 1, max: 1 } })
      const { model } = scripted([{ after: 1000 }])
      const asMember = chatStack({ lanes })(model)
      const asJudge = chatStack({ lanes })(model)
      const other = chatStack({ lanes })({ ...model, ref: "synthetic/other" })
      const waits = yield* inTime(
        Effect.forEach([asMember, asJudge, other], (one) => record(one.complete)(request()), { concurrency: 3 })
      )
      assert.deepStrictEqual(
        waits.map(([, receipt]) => receipt.waitedMillis),
        [0, 1000, 0]
      )
    })
  )

  it.effect("falls back to another model, whole and streamed, which has a lane of its own", () =>
    Effect.gen(function* () {
      const down = scripted([{ fails: overloaded }])
      const well = scripted([{ text: "a b" }])
      const stacked = chatStack({
        retry: Schedule.recurs(1),
        fallback: [{ ...well.model, ref: "other/synthetic-1" }]
      })(down.model)
      const [answer, receipt] = yield* inTime(record(stacked.complete)(request()))
      assert.deepStrictEqual(answer, Result.succeed(completion("a b")))
      assert.deepStrictEqual(told(receipt), ["ModelError", "ModelError", "fallback", "ok", "cost"])
      const parts = yield* inTime(Stream.runCollect(stacked.stream(request())))
      assert.deepStrictEqual(
        parts.map((part) => part._tag),
        ["Text", "Text", "Done"]
      )
      assert.strictEqual(stacked.ref, down.model.ref)
    })
  )

  it.effect("an open breaker ends calls at once", () =>
    Effect.gen(function* () {
      const { model, seen } = scripted([{ fails: overloaded }])
      const stacked = chatStack({
        retry: once,
        lanes: makeLanes({ breaker: { window: 4, atLeast: 4 } })
      })(model)
      for (let i = 0; i < 4; i++) yield* Effect.flip(stacked.complete(request()))
      assert.instanceOf(yield* Effect.flip(stacked.complete(request())), CircuitOpen)
      assert.strictEqual(seen.calls, 4)
    })
  )

  it.effect("makes spans only when it is told to", () =>
    Effect.gen(function* () {
      const names: Array<string> = []
      const tracer = Tracer.make({
        span: (options) => {
          names.push(options.name)
          return new Tracer.NativeSpan(options)
        }
      })
      const asks = (options: ChatOptions) =>
        Effect.provideService(chatStack(options)(scripted([{}]).model).complete(request()), Tracer.Tracer, tracer)
      yield* asks({})
      assert.deepStrictEqual(names, [])
      yield* asks({ trace: {} })
      assert.deepStrictEqual(names, ["chat synthetic-1", "attempt"])
    })
  )
})

describe("embedStack", () => {
  const flaky = (local: boolean) => {
    const seen = { calls: 0 }
    const embedder: Embedder<typeof overloaded> = {
      ref: "synthetic/embedder",
      maxBatch: 4,
      local,
      embed: (texts) =>
        Effect.suspend(() =>
          seen.calls++ === 0
            ? Effect.fail(overloaded)
            : Effect.succeed({
                space: { model: "m", dimension: 1 },
                data: new Float32Array(texts.length).fill(1),
                inputTokens: 2
              })
        )
    }
    return { embedder, seen }
  }
  const prices = { usd: () => 0.25 }

  it.effect("repeats, prices and keeps batches", () =>
    Effect.gen(function* () {
      const { store } = memory()
      const { embedder, seen } = flaky(false)
      const stacked = embedStack({ journal: store, prices })(embedder)
      const [batch, receipt] = yield* inTime(record(stacked.embed)(["a"]))
      assert.isTrue(Result.isSuccess(batch))
      assert.deepStrictEqual([receipt.attempts, receipt.usd, receipt.cached], [2, 0.25, false])
      const [, free] = yield* record(stacked.embed)(["a"])
      assert.deepStrictEqual([free.attempts, free.usd, free.cached], [0, undefined, true])
      assert.strictEqual(seen.calls, 2)
      assert.deepStrictEqual([stacked.ref, stacked.maxBatch], ["synthetic/embedder", 4])
    })
  )

  it.effect("keeps nothing of a local embedder", () =>
    Effect.gen(function* () {
      const { store, seen: kept } = memory()
      const stacked = embedStack({ journal: store })(flaky(true).embedder)
      yield* inTime(stacked.embed(["a"]))
      assert.deepStrictEqual(kept, { gets: 0, puts: 0 })
    })
  )
})
