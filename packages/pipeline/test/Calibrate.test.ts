import type { Option } from "@consortium/core/Blind"
import { map } from "@consortium/core/NonEmpty"
import { draws, Seed } from "@consortium/core/Seed"
import { calibrate } from "@consortium/pipeline/Calibrate"
import { layerOf } from "@consortium/pipeline/Inspect"
import * as Fakes from "@consortium/testing/Fakes"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { fakeConfig, folder, memberOf, promptsOf, run, services, sourceOf } from "./road.js"

const count = 120
const worthOf = ({ text }: Option) => Number.parseInt(text, 10)
const seed = Seed.make(9)

/** A judge who sees the worth, one who mostly does, and one who draws. */
const judges = [
  { judge: Fakes.judge("sharp", worthOf) },
  {
    judge: Fakes.judge(
      "blurred",
      (option, sheet) => worthOf(option) + 60 * draws(seed, "b", sheet.promptId, option.text)()
    )
  },
  { judge: Fakes.judge("blind", (option, sheet) => draws(seed, "c", sheet.promptId, option.text)()) }
] as const

const worths = (prompt: number) => {
  const draw = draws(seed, "worth", prompt)
  return [0, 1, 2].map(() => Math.floor(100 * draw()))
}
const config = (out: string) =>
  fakeConfig(out, {
    source: sourceOf(promptsOf(count)),
    stop: { targetSize: count },
    judges,
    members: map([0, 1, 2], (at) =>
      memberOf(
        Fakes.chatModel(`fake/m${at}`, ({ messages: [first] }) => {
          const [, number = "0"] = /Question (\d+)/.exec(JSON.stringify(first)) ?? []
          return `${worths(Number(number))[at]} points, says ${at}`
        })
      )
    )
  })
const best = (prompt: number) => {
  const of = worths(prompt)
  return `fake/m${of.indexOf(Math.max(...of))}`
}

describe("picks", () => {
  it.live("say which judges to trust and what their certainty is worth; the run uses both without a call", () =>
    Effect.gen(function* () {
      const out = `${yield* folder}/run`
      const plain = yield* run(config(out))
      const picks = plain.rows.map(({ id }) => ({ id, pick: best(Number(id.slice(1))) }))
      const learnt = yield* Effect.provide(calibrate(picks), layerOf(out))
      assert.strictEqual(learnt.labels, count)
      const { blind = 0, blurred = 0, sharp = 0 } = learnt.weights
      assert.isAbove(sharp, blurred)
      assert.isAbove(blurred, blind)
      assert.closeTo(sharp + blurred + blind, 3, 1e-9)
      assert.isAbove(learnt.accuracy.fitted, learnt.accuracy.equal)
      assert.isNotNull(learnt.temperature)
      assert.isBelow(learnt.error?.after ?? 1, learnt.error?.before ?? 0)

      const { temperature } = learnt
      const weighted = yield* run({
        ...config(out),
        weights: new Map(Object.entries(learnt.weights)),
        ...(temperature !== null && { temperature })
      })
      assert.strictEqual(weighted.summary.calls, 0)
      const hits = (rows: typeof plain.rows) =>
        rows.filter(({ chosen, id }) => chosen.member === best(Number(id.slice(1)))).length
      assert.isAbove(hits(weighted.rows), hits(plain.rows))
      assert.isTrue(weighted.rows.every(({ pBest }) => pBest.calibrated))
      assert.isTrue(plain.rows.every(({ pBest }) => !pBest.calibrated))
      const back = yield* run(config(out))
      assert.strictEqual(back.bytes, plain.bytes)
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  it.live("that name nobody, or are too few, are told what to do", () =>
    Effect.gen(function* () {
      const out = `${yield* folder}/run`
      yield* run(config(out))
      const detail = (picks: Parameters<typeof calibrate>[0]) =>
        Effect.map(Effect.flip(Effect.provide(calibrate(picks), layerOf(out))), ({ message }) => message)
      assert.include(yield* detail([{ id: "other", pick: "fake/m0" }]), "the run has no such prompt")
      assert.include(yield* detail([{ id: "q1", pick: "fake/m7" }]), "q1: fake/m7 is none of its candidates")
      assert.include(yield* detail([{ id: "q1", pick: "fake/m0" }]), "1 picks are for prompts that judges ranked")
    }).pipe(Effect.provide(services), Effect.scoped)
  )
})
