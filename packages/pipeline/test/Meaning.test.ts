import { EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import { PromptId } from "@consortium/core/Ids"
import { fromText } from "@consortium/core/Prompt"
import { SourceError } from "@consortium/core/PromptSource"
import { layerOf } from "@consortium/pipeline/Inspect"
import { withoutLeaks } from "@consortium/pipeline/Meaning"
import { RunStore } from "@consortium/store/RunStore"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { angles, fakeConfig, folder, run, services, sourceOf } from "./road.js"

const prompts = [0, 1, 40, 41, 90, 120, 121].map((angle) => fromText(`a${angle}`, `angle ${angle}`))
const held = sourceOf([fromText("h", "held 89 out")])
const config = (out: string) =>
  fakeConfig(out, { source: sourceOf(prompts), stop: { targetSize: 7 }, embedder: angles, guard: 0.99 })

const details = (out: string) =>
  RunStore.use(({ rows }) =>
    Effect.forEach(prompts, ({ id }) =>
      Effect.map(rows.find(id), (place) => {
        const { detail, state } = Option.getOrThrow(place)
        return [id, state, detail] as const
      })
    )
  ).pipe(Effect.provide(layerOf(out)))

describe("what the vectors say besides the selection", () => {
  it.live("rows that repeat a chosen one say which, and leaks of held-out prompts are left out", () =>
    Effect.gen(function* () {
      const out = `${yield* folder}/run`
      const built = yield* run({ ...config(out), heldOut: { sources: [held], cosine: 0.999 } })
      const all = yield* details(out)
      const state = (of: string) => all.filter(([, one]) => one === of).map(([id]) => String(id))
      assert.deepStrictEqual(state("dropped"), ["a90"])
      assert.include(all[4]?.[2], "leak of memory:1, cosine 1.000")
      assert.lengthOf(state("selected"), 3)
      for (const [id, , detail] of all.filter(([, one]) => one === "not-selected")) {
        const of = /^repeats (\S+), cosine 1\.000$/.exec(detail ?? "")?.[1] ?? ""
        assert.include(state("selected"), of, id)
        assert.isAtMost(Math.abs(Number(of.slice(1)) - Number(id.slice(1))), 1)
      }
      assert.deepInclude(built.summary.ledger, { rows: 7, selected: 3, notSelected: 3, dropped: 1 })
      assert.strictEqual(built.summary.stoppedBy, "guarded")
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  it.live("a leak is only noted where that is said", () =>
    Effect.gen(function* () {
      const out = `${yield* folder}/run`
      yield* run({ ...config(out), guard: "off", heldOut: { sources: [held], cosine: 0.999, onLeak: "report" } })
      const all = yield* details(out)
      assert.isTrue(all.every(([, state]) => state === "selected"))
      assert.deepStrictEqual(
        all.flatMap(([id, , detail]) => (detail === null ? [] : [`${id} ${detail}`])),
        ["a90 leak of memory:1, cosine 1.000"]
      )
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  it.live("a run that grows leaves new leaks out too, keeps what it had chosen, and says a thing once", () =>
    Effect.gen(function* () {
      const out = `${yield* folder}/run`
      const heldOut = { sources: [held], cosine: 0.999 }
      yield* run({ ...config(out), stop: { targetSize: 2 } })
      const first = yield* details(out)
      const chosen = first.flatMap(([id, state]) => (state === "selected" ? [id] : []))
      const more = { stop: { targetSize: 7 }, grow: true }
      yield* run({ ...config(out), ...more, heldOut })
      const grown = yield* details(out)
      assert.deepStrictEqual([grown[4]?.[1], grown[4]?.[2]], ["dropped", "leak of memory:1, cosine 1.000"])
      for (const [id, state] of grown) if (chosen.includes(id)) assert.strictEqual(state, "selected")
      for (const [id, , detail] of grown) assert.isAtMost(detail?.match(/repeats/g)?.length ?? 0, 1, `${id} ${detail}`)
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  it.live("a leak that was chosen before stays, and is noted", () =>
    Effect.gen(function* () {
      const out = `${yield* folder}/run`
      const all = { ...config(out), guard: "off", stop: { targetSize: 3 } } as const
      yield* run(all)
      const near = sourceOf([fromText("h", "held 0 out"), fromText("i", "held 90 out"), fromText("j", "held 41 out")])
      const before = yield* details(out)
      yield* run({ ...all, stop: { targetSize: 7 }, grow: true, heldOut: { sources: [near], cosine: 0.99999 } })
      for (const [at, [id, state, detail]] of (yield* details(out)).entries()) {
        const isLeak = ["a0", "a90", "a41"].includes(id)
        const wasChosen = before[at]?.[1] === "selected"
        assert.strictEqual(state, wasChosen || !isLeak ? "selected" : "dropped", id)
        assert.strictEqual(/leak of memory:\d, cosine 1\.000/.test(detail ?? ""), isLeak, id)
      }
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  it.live("the guard that nobody named names repeated rows too", () =>
    Effect.gen(function* () {
      const out = `${yield* folder}/run`
      const { guard: _, ...plain } = config(out)
      yield* run(plain)
      const all = yield* details(out)
      const passed = all.filter(([, state]) => state === "not-selected")
      assert.isNotEmpty(passed)
      for (const [id, , detail] of passed) assert.match(detail ?? "", /^repeats a\d+, cosine \d\.\d{3}$/, id)
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  it.effect("a held-out row that can't be read stops it, rather than being passed over", () =>
    Effect.gen(function* () {
      const batch = yield* angles.embed(["10"])
      const matrix = Result.getOrThrow(EmbeddingMatrix.make(batch.space, [PromptId.make("a")], batch.data))
      const error = new SourceError({ file: "held.jsonl", line: 1, reason: "broken" })
      const broken = { name: "held.jsonl", stream: Stream.succeed({ _tag: "Invalid", number: 1, error } as const) }
      assert.strictEqual(yield* Effect.flip(withoutLeaks(matrix, angles, { sources: [broken], cosine: 0.9 })), error)
    })
  )

  it.effect("nothing is left where all leak; nothing is held out where the files hold nothing", () =>
    Effect.gen(function* () {
      const batch = yield* angles.embed(["10", "11"])
      const ids = ["a", "b"].map((id) => PromptId.make(id))
      const matrix = Result.getOrThrow(EmbeddingMatrix.make(batch.space, ids, batch.data))
      const near = sourceOf([fromText("h", "10")])
      const error = yield* Effect.flip(withoutLeaks(matrix, angles, { sources: [near], cosine: 0.9 }))
      assert.include(error.message, "every prompt is a leak")
      const none = yield* withoutLeaks(matrix, angles, { sources: [sourceOf([])], cosine: 0.9 })
      assert.strictEqual(none.matrix, matrix)
    })
  )
})
