import type { Call } from "@consortium/core/Call"
import type { ChatModel } from "@consortium/core/ChatModel"
import { JudgeId } from "@consortium/core/Ids"
import type { Judge } from "@consortium/core/Judge"
import { textOf } from "@consortium/core/Prompt"
import { draws, hash, Seed } from "@consortium/core/Seed"
import { buildDatasetPromise, planDataset } from "@consortium/pipeline/BuildDataset"
import type { RunConfig } from "@consortium/pipeline/RunConfig"
import * as Simulated from "@consortium/simulated/Simulated"
import * as Fakes from "@consortium/testing/Fakes"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { configOn, fakeConfig, folder, memberOf, promptsOf, run, services, sourceOf } from "./road.js"

const live = (name: string, body: () => Effect.Effect<void, unknown, never>) => it.live(name, body, 60_000)

const seed = Seed.make(3)
const points = 20

/** Starts a run and takes it down at one of its events; answers whether it was cut short. */
const cutAt = (config: RunConfig, event: number): Effect.Effect<boolean> => {
  const stop = new AbortController()
  let left = event
  const onEvent = () => Effect.sync(() => left-- === 0 && stop.abort())
  return Effect.promise(() =>
    buildDatasetPromise({ ...config, onEvent: () => Effect.asVoid(onEvent()) }, { signal: stop.signal }).then(
      () => false,
      (error: unknown) => {
        if (stop.signal.aborted) return true
        throw error
      }
    )
  )
}

/** Takes a run down at seeded moments, again and again; answers how often that was before its end. */
const cutAgainAndAgain = Effect.fnUntraced(function* (config: RunConfig, most: number) {
  const draw = draws(seed, "moments")
  let cuts = 0
  for (let point = 0; point < points; point++) if (yield* cutAt(config, Math.floor(draw() * most))) cuts++
  return cuts
})

/** Models, judges and an embedder that take a while, and how often each of their calls was answered. */
const witnessed = () => {
  const answers = new Map<string, number>()
  const slow =
    <I, A, E>(name: string, call: Call<I, A, E>): Call<I, A, E> =>
    (input) => {
      const key = JSON.stringify([name, input])
      return call(input).pipe(
        Effect.delay(`${hash(seed, key) % 4} millis`),
        Effect.tap(() => Effect.sync(() => answers.set(key, (answers.get(key) ?? 0) + 1)))
      )
    }
  const model = (ref: string): ChatModel => {
    const inner = Fakes.chatModel(ref, ({ messages: [first], sample }) => `${ref}, ${sample}: ${textOf(first)}`)
    return { ...inner, complete: slow(ref, inner.complete) }
  }
  const judge = (id: string): Judge => ({
    id: JudgeId.make(id),
    judge: slow(id, Fakes.judge(id, ({ text }) => hash(seed, id, text)).judge)
  })
  const embedder = Fakes.embedder({ maxBatch: 4 })
  const parts = {
    embedder: { ...embedder, embed: slow("embedder", embedder.embed) },
    members: [memberOf(model("fake/a"), 2), memberOf(model("fake/b"))],
    judges: [{ judge: judge("one") }, { judge: judge("two") }],
    source: sourceOf(promptsOf(24)),
    stop: { targetSize: 12 },
    concurrency: 6
  } as const satisfies Partial<RunConfig>
  return { answers, parts }
}

describe("a run that is taken down at random moments", () => {
  live("comes to the same bytes, and no call is answered twice", () =>
    Effect.gen(function* () {
      const calm = witnessed()
      const whole = yield* run(fakeConfig(`${yield* folder}/run`, calm.parts))
      const shot = witnessed()
      const config = fakeConfig(`${yield* folder}/run`, shot.parts)
      assert.isAbove(yield* cutAgainAndAgain(config, 12), points / 2)
      const after = yield* run(config)
      assert.strictEqual(after.bytes, whole.bytes)
      assert.deepStrictEqual(after.summary.ledger, whole.summary.ledger)
      assert.deepStrictEqual([...shot.answers].sort(), [...calm.answers].sort())
      assert.deepStrictEqual(new Set(shot.answers.values()), new Set([1]))
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  live("asks a vendor again at most for what was on its way at each of them", () =>
    Effect.gen(function* () {
      const cast = { members: ["scholar", "sloppy", "brisk"], judges: ["careful", "rambler"] } as const
      const calm = yield* Simulated.server({ seed: 5, latencyScale: 0 })
      const whole = yield* run(yield* configOn(calm.url, `${yield* folder}/run`, cast, promptsOf(16)))
      const shot = yield* Simulated.server({ seed: 5, latencyScale: 0.005, log: true })
      const concurrency = 5
      const config = {
        ...(yield* configOn(shot.url, `${yield* folder}/run`, cast, promptsOf(16))),
        concurrency
      }
      const cuts = yield* cutAgainAndAgain(config, 16)
      assert.isAbove(cuts, points / 2)
      const after = yield* run(config)
      assert.strictEqual(after.bytes, whole.bytes)
      const { calls, log = [] } = yield* shot.stats
      const asked = new Set(log.map((line) => line.digest))
      // The flawless run made each call once.
      assert.strictEqual(asked.size, (yield* calm.stats).calls)
      assert.isAtMost(calls - asked.size, cuts * concurrency)
      assert.deepInclude((yield* run(config)).summary, { calls: 0 })
      assert.strictEqual((yield* shot.stats).calls, calls)
    }).pipe(Effect.provide(services), Effect.scoped)
  )
})

describe("a run that is started again", () => {
  const failing = (calls: { dead: boolean }) =>
    memberOf(
      Fakes.chatModel("fake/moody", ({ messages: [first] }) =>
        calls.dead && textOf(first).includes("rain")
          ? Fakes.modelError()
          : `a moody but long answer to ${textOf(first)}`
      )
    )
  const members = (calls: { dead: boolean }) =>
    [memberOf(Fakes.chatModel("fake/short", () => "short")), failing(calls)] as const

  live("leaves examples as they are, and asks what failed in them when it is told to", () =>
    Effect.gen(function* () {
      const calls = { dead: true }
      const config = fakeConfig(`${yield* folder}/run`, { members: members(calls) })
      const first = yield* run(config)
      assert.strictEqual(first.summary.ledger.examples, 4)
      assert.strictEqual(first.rows.filter(({ candidates }) => candidates.some(({ failure }) => failure)).length, 1)
      calls.dead = false
      const same = yield* run(config)
      assert.strictEqual(same.bytes, first.bytes)
      assert.strictEqual(same.summary.calls, 0)
      const planned = yield* planDataset({ ...config, retryFailed: true })
      assert.deepInclude(planned, { done: 3 })
      const mended = yield* run({ ...config, retryFailed: true })
      // One call of the member, and its judge's new orders.
      assert.isAtMost(mended.summary.calls, 3)
      const undisturbed = yield* run(fakeConfig(`${yield* folder}/run`, { members: members(calls) }))
      assert.strictEqual(mended.bytes, undisturbed.bytes)
      assert.deepInclude((yield* run({ ...config, retryFailed: true })).summary, { calls: 0 })
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  live("counts the stored orders by other weights without a call, and gives the old bytes back", () =>
    Effect.gen(function* () {
      const judges = [
        { judge: Fakes.judge("long") },
        { judge: Fakes.judge("brief", ({ text }) => -text.length) }
      ] as const
      const weights = (long: number, brief: number) =>
        new Map([
          ["long", long],
          ["brief", brief]
        ])
      const config = fakeConfig(`${yield* folder}/run`, { judges })
      const first = yield* run({ ...config, weights: weights(1, 0.2) })
      assert.isTrue(first.rows.every(({ chosen }) => chosen.candidate.includes("fake/long")))
      const other = yield* run({ ...config, weights: weights(0.2, 1) })
      assert.deepInclude(other.summary, { calls: 0 })
      assert.isTrue(other.rows.every(({ chosen }) => chosen.candidate.includes("fake/short")))
      const back = yield* run({ ...config, weights: weights(1, 0.2) })
      assert.deepInclude(back.summary, { calls: 0 })
      assert.strictEqual(back.bytes, first.bytes)
    }).pipe(Effect.provide(services), Effect.scoped)
  )
})
