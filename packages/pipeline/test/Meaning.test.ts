import { EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import { PromptId } from "@consortium/core/Ids"
import { fromText } from "@consortium/core/Prompt"
import { layerOf } from "@consortium/pipeline/Inspect"
import { withoutLeaks } from "@consortium/pipeline/Meaning"
import { RunStore } from "@consortium/store/RunStore"
import { assert, describe, it } from "@effect/vitest"
import type { Embedder } from "@consortium/core/Embedder"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { fakeConfig, folder, run, services, sourceOf } from "./road.js"

/** A text is the angle in degrees that its number says. */
const angles: Embedder<never> = {
  ref: "fake/angles",
  maxBatch: 3,
  local: true,
  embed: (texts) =>
    Effect.succeed({
      space: { model: "fake/angles", dimension: 2 },
      data: Float32Array.from(
        texts.flatMap((text) => {
          const angle = (Number(/\d+/.exec(text)?.[0]) * Math.PI) / 180
          return [Math.cos(angle), Math.sin(angle)]
        })
      )
    })
}
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
