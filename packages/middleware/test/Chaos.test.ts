import { Halted } from "@consortium/core/Call"
import type { ChatRequest } from "@consortium/core/ChatModel"
import { text as textIn } from "@consortium/core/Completion"
import { Deadline } from "@consortium/core/Deadline"
import { ModelError } from "@consortium/core/ModelError"
import { message } from "@consortium/core/Prompt"
import { record } from "@consortium/core/Receipt"
import { hash, Seed } from "@consortium/core/Seed"
import { makeBudget } from "@consortium/middleware/Budget"
import { makeLanes } from "@consortium/middleware/Lane"
import { backoff } from "@consortium/middleware/Retry"
import { type ChatOptions, chatStack } from "@consortium/middleware/Stack"
import { TimedOut } from "@consortium/middleware/Timeout"
import * as HttpClients from "@consortium/wire/HttpClients"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { faulty, model } from "./Faulty.js"

const seed = Seed.make(1)
const request = (text: string): ChatRequest => ({ messages: [message("user", text)], maxTokens: 100 })
const prices = {
  usd: (_: string, usage: { inputTokens?: number; outputTokens?: number }) =>
    ((usage.inputTokens ?? 0) + (usage.outputTokens ?? 0)) / 1000
}
const quick: ChatOptions = {
  timeout: 400,
  silence: 200,
  retry: backoff({ first: 20, cap: 40, times: 2 }),
  prices
}

const reasonOf = (error: unknown): string => {
  if (error instanceof ModelError) return error.reason._tag
  if (error instanceof TimedOut) return `${error._tag} ${error.missing}`
  return error instanceof Halted ? `Halted ${error.why}` : "no typed error"
}

/** Asks once, whole, and says everything that the call came to. */
const ask = (url: string, text: string, options: ChatOptions = {}) =>
  Effect.gen(function* () {
    const budget = makeBudget({ usd: 1000, tokens: 1e9, calls: 1000 })
    const sturdy = chatStack({ ...quick, budget, ...options })(yield* model(url))
    const [outcome, receipt] = yield* record(sturdy.complete)(request(text))
    // Nothing is counted twice, and nothing is held for ever.
    assert.strictEqual(budget.spent().calls, receipt.attempts)
    assert.approximately(budget.spent().usd, receipt.usd ?? 0, 1e-6)
    assert.deepStrictEqual(budget.reserved(), { usd: 0, tokens: 0, calls: 0 })
    return {
      answer: Result.isSuccess(outcome) ? textIn(outcome.success) : reasonOf(outcome.failure),
      attempts: receipt.attempts,
      millis: receipt.millis,
      receipt
    }
  })

const live = <A, E>(
  name: string,
  body: () => Effect.Effect<A, E, HttpClients.HttpClient | Scope.Scope>,
  millis?: number
) => it.live(name, () => Effect.provide(body(), HttpClients.layerDirect), millis)

describe("a call whose vendor goes wrong", () => {
  for (const [word, reason, atMost] of [
    ["reset", "Network", 1500],
    ["silent", "TimedOut answer", 2500],
    ["drip", "TimedOut answer", 2500],
    ["truncated", "MalformedOutput", 1500],
    ["short", "Network", 1500],
    ["html", "MalformedOutput", 1500],
    ["empty", "MalformedOutput", 1500],
    ["busy", "RateLimited", 1500],
    ["broken", "Overloaded", 1500]
  ] as const) {
    live(`${word}: ${reason} after 3 attempts, in time; and an answer if the next attempt is well`, () =>
      Effect.gen(function* () {
        const { seen, url } = yield* faulty()
        const lost = yield* ask(url, `question | ${word}`)
        assert.deepStrictEqual([lost.answer, lost.attempts, seen.arrived], [reason, 3, 3])
        assert.isBelow(lost.millis, atMost)
        const saved = yield* ask(url, `other question | ${word} ok`)
        assert.deepStrictEqual([saved.answer, saved.attempts], [`other question | ${word} ok`, 2])
      })
    )
  }

  live("a port that refuses and a name that nobody knows are Network, three times and soon", () =>
    Effect.gen(function* () {
      const closed = yield* Effect.scoped(Effect.map(faulty(), ({ url }) => url))
      for (const url of [closed, "http://nobody.invalid"]) {
        const { answer, attempts, millis } = yield* ask(url, "question", { timeout: 3000 })
        assert.deepStrictEqual([answer, attempts], ["Network", 3])
        assert.isBelow(millis, 12_000)
      }
    })
  )

  live("a storm of 429 that says how long: nobody asks before, and everybody is answered", () =>
    Effect.gen(function* () {
      const { seen, url } = yield* faulty()
      const sturdy = chatStack({ ...quick, lanes: makeLanes({ concurrency: { start: 20, max: 20 } }) })(
        yield* model(url)
      )
      const from = yield* Clock.currentTimeMillis
      const answers = yield* Effect.forEach(
        Array.from({ length: 20 }, (_, i) => `question ${i} | wait ok`),
        (text) => Effect.result(sturdy.complete(request(text))),
        { concurrency: "unbounded" }
      )
      assert.isTrue(answers.every(Result.isSuccess))
      assert.strictEqual(seen.arrived, 40)
      assert.isAtLeast((yield* Clock.currentTimeMillis) - from, 150)
    })
  )

  live("a stream cut in the middle fails once, after its words, and is not said twice", () =>
    Effect.gen(function* () {
      const { seen, url } = yield* faulty()
      const sturdy = chatStack(quick)(yield* model(url))
      for (const [word, reason] of [
        ["cut", "Network"],
        ["stuck", "TimedOut next part"]
      ] as const) {
        const heard: Array<string> = []
        const error = yield* sturdy.stream(request(`stream | ${word}`)).pipe(
          Stream.runForEach((part) => Effect.sync(() => heard.push(part._tag === "Text" ? part.delta : part._tag))),
          Effect.flip
        )
        assert.strictEqual(reasonOf(error), reason)
        assert.deepStrictEqual(heard, word === "cut" ? ["one ", "two "] : ["one "])
      }
      assert.strictEqual(seen.arrived, 2)
      const parts = yield* Stream.runCollect(sturdy.stream(request("a b | broken stream")))
      assert.strictEqual(parts.length, 5 + 1)
    })
  )

  live("answers out of order reach who asked", () =>
    Effect.gen(function* () {
      const { url } = yield* faulty()
      const sturdy = chatStack({ ...quick, lanes: makeLanes({ concurrency: { start: 50, max: 50 } }) })(
        yield* model(url)
      )
      const texts = Array.from({ length: 50 }, (_, i) => `question ${i} | ${i % 3 === 0 ? "broken ok" : "ok"}`)
      const answers = yield* Effect.forEach(texts, (text) => Effect.map(sturdy.complete(request(text)), textIn), {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(answers, texts)
    })
  )

  live("a clock that is moved, a day on or back, moves no limit", () =>
    Effect.gen(function* () {
      const { url } = yield* faulty()
      const real = yield* Clock.Clock
      let off = 0
      const moved: Clock.Clock = {
        ...real,
        currentTimeMillisUnsafe: () => real.currentTimeMillisUnsafe() + off,
        currentTimeMillis: Effect.sync(() => real.currentTimeMillisUnsafe() + off),
        currentTimeNanosUnsafe: () => real.currentTimeNanosUnsafe() + BigInt(off) * 1_000_000n,
        monotonicTimeNanosUnsafe: () => real.monotonicTimeNanosUnsafe(),
        sleep: (duration) => real.sleep(duration)
      }
      const sturdy = chatStack({
        ...quick,
        lanes: makeLanes({ rateLimit: { requestsPerMinute: 1200, burst: 0 }, breaker: {}, hedge: { delay: 300 } })
      })(yield* model(url))
      const from = real.monotonicTimeNanosUnsafe()
      yield* Effect.forEach(
        Array.from({ length: 12 }, (_, i) => i),
        (i) =>
          Effect.gen(function* () {
            off = (i % 3) * 86_400_000 - 86_400_000
            yield* sturdy.complete(request(`question ${i} | broken ok`))
          }),
        { discard: true }
      ).pipe(Effect.provideService(Clock.Clock, moved))
      assert.isBelow(Number(real.monotonicTimeNanosUnsafe() - from) / 1e6, 4000)
    })
  )

  live("the deadline ends whatever goes on", () =>
    Effect.gen(function* () {
      const { url } = yield* faulty()
      const now = yield* Clock.currentTimeMillis
      const { answer, millis } = yield* Effect.provideService(ask(url, "question | silent"), Deadline, now + 600)
      assert.strictEqual(answer, "Halted deadline")
      assert.isBelow(millis, 1000)
    })
  )
})

describe("ten thousand calls through everything that goes wrong", () => {
  const words = ["ok", "ok", "ok", "ok", "ok", "ok", "reset", "truncated", "html", "busy", "broken", "short", "drip"]
  const plan = (text: string, attempt: number): string => {
    const draw = hash(seed, text, attempt)
    // One in five hundred hangs, so that the test need not.
    if (draw % 500 === 0) return "silent"
    return draw % 8 < 6 ? "ok" : (words[draw % words.length] ?? "ok")
  }

  live(
    "none hangs, none is lost, none is answered with another's answer, none is paid for without a record",
    () =>
      Effect.gen(function* () {
        const { arrivals, connections, seen, url } = yield* faulty(plan)
        const budget = makeBudget({ usd: 1e6, tokens: 1e12, calls: 1e6 })
        const sturdy = chatStack({
          ...quick,
          budget,
          retry: backoff({ first: 5, cap: 20, times: 4 }),
          lanes: makeLanes({ concurrency: { start: 64, max: 64 }, retryBudget: { share: 1 }, hedge: {} })
        })(yield* model(url))
        const sum = { attempts: 0, usd: 0, ok: 0, failed: 0 }
        yield* Effect.forEach(
          Array.from({ length: 10_000 }, (_, i) => `question ${i}`),
          (text) =>
            Effect.map(record(sturdy.complete)(request(text)), ([outcome, receipt]) => {
              sum.attempts += receipt.attempts
              sum.usd += receipt.usd ?? 0
              if (Result.isSuccess(outcome)) {
                sum.ok++
                assert.strictEqual(textIn(outcome.success), text)
              } else {
                sum.failed++
                assert.notStrictEqual(reasonOf(outcome.failure), "no typed error")
              }
            }),
          { concurrency: 200, discard: true }
        )
        assert.strictEqual(sum.ok + sum.failed, 10_000)
        assert.isAtLeast(sum.ok, 9900)
        const arrived = [...arrivals.values()].reduce((total, one) => total + one, 0)
        // What reached the vendor is on record, and what it finished is paid for.
        assert.isAtLeast(sum.attempts, arrived)
        assert.strictEqual(budget.spent().calls, sum.attempts)
        assert.approximately(budget.spent().usd, sum.usd, 1e-3)
        assert.isAtLeast(sum.usd + 1e-3, seen.answered * 0.015)
        assert.deepStrictEqual(budget.reserved(), { usd: 0, tokens: 0, calls: 0 })
        yield* Effect.sleep(50)
        assert.strictEqual(seen.open, 0)
        assert.isAtMost(yield* connections, 128)
      }),
    60_000
  )
})

describe("interrupted anywhere", () => {
  live(
    "two hundred calls cut off at any point leave no request, no reserve and no timer behind",
    () =>
      Effect.gen(function* () {
        const { seen, url } = yield* faulty()
        const budget = makeBudget({ usd: 1e6, tokens: 1e12, calls: 1e6 })
        const sturdy = chatStack({
          ...quick,
          budget,
          lanes: makeLanes({ concurrency: { start: 4, max: 16 }, hedge: { delay: 15 } })
        })(yield* model(url))
        yield* sturdy.complete(request("warm"))
        const timers = () => process.getActiveResourcesInfo().filter((one) => one === "Timeout").length
        yield* Effect.sleep(50)
        const before = timers()
        yield* Effect.forEach(
          Array.from({ length: 200 }, (_, i) => i),
          (i) =>
            Effect.gen(function* () {
              const text = `question ${i} | ${["ok", "broken ok", "silent", "drip", "busy"][i % 5]}`
              const fiber = yield* Effect.forkChild(
                i % 4 === 0
                  ? Stream.runDrain(sturdy.stream(request(`words ${i} | ${i % 8 === 0 ? "stream" : "stuck"}`)))
                  : Effect.asVoid(sturdy.complete(request(text)))
              )
              yield* Effect.sleep(hash(seed, "cut", i) % 60)
              yield* Fiber.interrupt(fiber)
            }),
          { concurrency: 20, discard: true }
        )
        assert.deepStrictEqual(budget.reserved(), { usd: 0, tokens: 0, calls: 0 })
        yield* Effect.sleep(100)
        assert.strictEqual(seen.open, 0)
        assert.isAtMost(timers(), before + 1)
        // Every door still opens.
        assert.strictEqual(textIn(yield* sturdy.complete(request("after"))), "after")
      }),
    30_000
  )
})
