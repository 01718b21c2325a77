import { Halted } from "@consortium/core/Call"
import { callKey } from "@consortium/core/CallJournal"
import { wrap } from "@consortium/core/ChatModel"
import type { Batch, Embedder } from "@consortium/core/Embedder"
import type { NonEmpty } from "@consortium/core/NonEmpty"
import { attempt, record } from "@consortium/core/Receipt"
import { chatCalls, chatJournal, embedJournal, journal } from "@consortium/middleware/Journal"
import { retry } from "@consortium/middleware/Retry"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { broken, completion, inTime, limited, memory, request, scripted } from "./Synthetic.js"

describe("journal", () => {
  it.effect("keeps an answer and serves it: no second call, and the receipt says so", () =>
    Effect.gen(function* () {
      const { store, seen } = memory()
      const { model, seen: calls } = scripted([{ text: "first" }, { text: "second" }])
      const kept = chatJournal(store)(wrap(model, attempt))
      const [one, paid] = yield* record(kept.complete)(request())
      const [two, free] = yield* record(kept.complete)(request())
      assert.deepStrictEqual(one, Result.succeed(completion("first")))
      assert.deepStrictEqual(two, Result.succeed(completion("first")))
      assert.deepStrictEqual([paid.attempts, paid.cached, free.attempts, free.cached], [1, false, 0, true])
      assert.isUndefined(free.usd)
      assert.strictEqual(calls.calls, 1)
      assert.deepStrictEqual(seen, { gets: 2, puts: 1 })
      const [other] = yield* record(kept.complete)({ ...request(), sample: 1 })
      assert.deepStrictEqual(other, Result.succeed(completion("second")))
    })
  )

  it.effect("is one journal for whole and streamed answers: a hit streams its text and Done", () =>
    Effect.gen(function* () {
      const { store } = memory()
      const { model, seen } = scripted([{ text: "one two" }])
      const kept = chatJournal(store)(model)
      const streamed = yield* Stream.runCollect(kept.stream(request()))
      assert.deepStrictEqual(
        streamed.map((part) => part._tag),
        ["Text", "Text", "Done"]
      )
      assert.deepStrictEqual(yield* kept.complete(request()), completion("one two"))
      assert.deepStrictEqual(yield* Stream.runCollect(kept.stream(request())), [
        { _tag: "Text", delta: "one two" },
        { _tag: "Done", completion: completion("one two") }
      ])
      assert.strictEqual(seen.calls, 1)
    })
  )

  it.effect("stores an answer before anyone sees it", () =>
    Effect.gen(function* () {
      const order: Array<string> = []
      const { store } = memory(
        Effect.andThen(
          Effect.sleep(100),
          Effect.sync(() => order.push("put"))
        )
      )
      const kept = chatJournal(store)(scripted([{}]).model)
      yield* inTime(
        Effect.andThen(
          kept.complete(request()),
          Effect.sync(() => order.push("seen"))
        )
      )
      assert.deepStrictEqual(order, ["put", "seen"])
    })
  )

  it.effect("keeps what was answered even if the caller goes away while it is stored", () =>
    Effect.gen(function* () {
      const { store, seen } = memory(Effect.sleep(100))
      const kept = chatJournal(store)(scripted([{ after: 10 }]).model)
      const fiber = yield* Effect.forkChild(kept.complete(request()))
      yield* TestClock.adjust(50)
      const going = yield* Effect.forkChild(Fiber.interrupt(fiber))
      yield* TestClock.adjust(100)
      yield* Fiber.join(going)
      assert.strictEqual(seen.puts, 1)
    })
  )

  it.effect("halts when the store can't keep the answer, and retry leaves that alone", () =>
    Effect.gen(function* () {
      const halted = new Halted({ why: "store", detail: "made for a test" })
      const { store } = memory(Effect.fail(halted))
      const { model, seen } = scripted([{}])
      const error = yield* Effect.flip(retry(Schedule.recurs(3))(chatJournal(store)(model).complete)(request()))
      assert.strictEqual(error, halted)
      assert.strictEqual(seen.calls, 1)
    })
  )

  it.effect("takes an entry that it can't read as absent, says so and replaces it", () =>
    Effect.gen(function* () {
      const { store, entries } = memory()
      const { model, seen } = scripted([{ text: "fresh" }])
      const kept = chatJournal(store)(model)
      const key = callKey("chat", "synthetic", "synthetic/synthetic-1", request())
      entries.set(key, { json: '{"parts":"rubbish"}' })
      const [answer, receipt] = yield* record(kept.complete)(request())
      assert.deepStrictEqual(answer, Result.succeed(completion("fresh")))
      assert.isFalse(receipt.cached)
      assert.deepStrictEqual(
        receipt.events.map((event) => event._tag === "Note" && event.source),
        ["journal"]
      )
      assert.deepStrictEqual(yield* kept.complete(request()), completion("fresh"))
      assert.strictEqual(seen.calls, 1)
    })
  )
})

describe("single flight", () => {
  const askers = Arbitrary.array(
    Arbitrary.schema(
      Schema.Struct({
        question: Schema.Literals(["a", "b"]),
        at: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 300 })),
        cut: Schema.NullOr(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 200 })))
      })
    ),
    { minLength: 1, maxLength: 20 }
  )

  it.effect.prop(
    "never makes two equal calls at once, makes an answered one once, and answers whoever stays",
    [askers],
    ([list]) =>
      Effect.gen(function* () {
        const { store, seen } = memory(Effect.sleep(5))
        const running = new Map<string, number>()
        const answered = new Map<string, number>()
        let most = 0
        const call = journal<string, string>(store, {
          ref: "a/b",
          key: (question) => callKey("chat", "synthetic", "m", question),
          encode: (json) => ({ json }),
          decode: (entry) => Result.succeed(entry.json)
        })((question: string) =>
          Effect.acquireUseRelease(
            Effect.sync(() => {
              running.set(question, (running.get(question) ?? 0) + 1)
              most = Math.max(most, running.get(question) ?? 0)
            }),
            () =>
              Effect.map(Effect.sleep(100), () => {
                answered.set(question, (answered.get(question) ?? 0) + 1)
                return `answer to ${question}`
              }),
            () => Effect.sync(() => running.set(question, (running.get(question) ?? 0) - 1))
          )
        )
        const exits = yield* inTime(
          Effect.forEach(
            list,
            (one) =>
              Effect.gen(function* () {
                yield* Effect.sleep(one.at)
                const fiber = yield* Effect.forkChild(call(one.question))
                if (one.cut !== null) {
                  yield* Effect.sleep(one.cut)
                  yield* Fiber.interrupt(fiber)
                }
                return { one, exit: yield* Fiber.await(fiber) }
              }),
            { concurrency: "unbounded" }
          )
        )
        assert.isAtMost(most, 1)
        for (const { one, exit } of exits) {
          if (one.cut === null) assert.isTrue(exit._tag === "Success" && exit.value === `answer to ${one.question}`)
        }
        for (const count of answered.values()) assert.strictEqual(count, 1)
        assert.strictEqual(seen.puts, answered.size)
        for (const count of running.values()) assert.strictEqual(count, 0)
      })
  )

  it.effect("the second of two equal calls waits for the first one's stored answer, over two wraps of one model", () =>
    Effect.gen(function* () {
      const { store } = memory()
      const { model, seen } = scripted([{ after: 700, text: "once" }])
      const asMember = chatJournal(store)(model)
      const asJudge = wrap(model, chatCalls(store, model))
      const [one, two] = yield* inTime(
        Effect.all([record(asMember.complete)(request()), record(asJudge.complete)(request())], { concurrency: 2 })
      )
      assert.deepStrictEqual(one[0], two[0])
      assert.strictEqual(seen.calls, 1)
      assert.deepStrictEqual(
        two[1].events.map((event) => event._tag),
        ["Waited", "CacheHit"]
      )
      assert.strictEqual(two[1].waitedMillis, 700)
    })
  )

  it.effect("if the first fails, the next tries itself", () =>
    Effect.gen(function* () {
      const { store } = memory()
      const { model, seen } = scripted([
        { after: 100, fails: broken },
        { after: 100, text: "second try" }
      ])
      const kept = chatJournal(store)(model)
      const results = yield* inTime(
        Effect.forEach([1, 2, 3], () => Effect.result(kept.complete(request())), { concurrency: 3 })
      )
      assert.deepStrictEqual(results, [
        Result.fail(broken),
        Result.succeed(completion("second try")),
        Result.succeed(completion("second try"))
      ])
      assert.strictEqual(seen.calls, 2)
      assert.strictEqual(seen.most, 1)
    })
  )

  it.effect("outside of retry, the others wait for all its attempts", () =>
    Effect.gen(function* () {
      const { store } = memory()
      const { model, seen } = scripted([{ fails: limited(2000) }, { text: "yes" }])
      const kept = wrap(model, (call) => chatCalls(store, model)(retry()(call)))
      yield* inTime(Effect.all([kept.complete(request()), kept.complete(request())], { concurrency: 2 }))
      assert.strictEqual(seen.calls, 2)
    })
  )
})

describe("embedJournal", () => {
  const embedder = (local?: boolean) => {
    const seen = { calls: 0 }
    const value: Embedder<never> = {
      ref: "synthetic/embedder",
      maxBatch: 8,
      ...(local !== undefined && { local }),
      embed: (texts) =>
        Effect.sync((): Batch => {
          seen.calls++
          const data = new Float32Array(texts.length * 3)
          for (let i = 0; i < data.length; i++) data[i] = Math.fround((texts[Math.floor(i / 3)]?.length ?? 0) / (i + 3))
          return { space: { model: "synthetic", dimension: 3, variant: "query" }, data, inputTokens: 4 }
        })
    }
    return { value, seen }
  }
  const texts: NonEmpty<string> = ["a", "bb"]

  it.effect("keeps embedders of one name apart by their wire", () =>
    Effect.gen(function* () {
      const { store } = memory()
      const { value, seen } = embedder()
      for (const wire of ["w/256", "w/512", "w/256"]) yield* embedJournal(store)({ ...value, wire }).embed(texts)
      assert.strictEqual(seen.calls, 2)
    })
  )

  it.effect("gives the same batch again, bit for bit, from bytes and never from JSON", () =>
    Effect.gen(function* () {
      const { store, entries } = memory()
      const { value, seen } = embedder()
      const kept = embedJournal(store)(value)
      const first = yield* kept.embed(texts)
      const second = yield* kept.embed(texts)
      assert.deepStrictEqual(second, first)
      assert.strictEqual(seen.calls, 1)
      const [entry] = entries.values()
      assert.deepStrictEqual(JSON.parse(entry?.json ?? ""), {
        space: { model: "synthetic", dimension: 3, variant: "query" },
        inputTokens: 4
      })
      assert.strictEqual(entry?.bytes?.byteLength, 24)
      // Little-endian: 1/3 as float32 is 0x3eaaaaab.
      assert.deepStrictEqual([...(entry?.bytes?.slice(0, 4) ?? [])], [0xab, 0xaa, 0xaa, 0x3e])
    })
  )

  it.effect("takes bytes of another length as absent", () =>
    Effect.gen(function* () {
      const { store, entries } = memory()
      const { value, seen } = embedder()
      const kept = embedJournal(store)(value)
      yield* kept.embed(texts)
      for (const [key, entry] of entries) entries.set(key, { json: entry.json, bytes: new Uint8Array(20) })
      yield* kept.embed(texts)
      assert.strictEqual(seen.calls, 2)
    })
  )

  it("leaves a local embedder as it is", () => {
    const { value } = embedder(true)
    assert.strictEqual(embedJournal(memory().store)(value), value)
  })
})
