import { fromText } from "@consortium/core/Prompt"
import { planDataset } from "@consortium/pipeline/BuildDataset"
import { rankConfig } from "@consortium/pipeline/RankCandidates"
import * as CheckRule from "@consortium/sampling/CheckRule"
import { Seed } from "@consortium/core/Seed"
import * as Fakes from "@consortium/testing/Fakes"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type { Prompt } from "@consortium/core/Prompt"
import { folder, run, services, sourceOf } from "./road.js"

const row = (id: string, candidates: Schema.Json, more: Prompt["carried"] = {}): Prompt => ({
  ...fromText(id, `Question ${id}?`),
  carried: { ...more, candidates }
})
const rows = [
  row("a", ["short", { text: "rather long", model: "x/long" }, { completion: "longest of them all" }], { topic: "t" }),
  row("b", [{ content: "one alone" }]),
  row("c", ["", "said", "forbidden words, and many of them"])
]
const config = (out: string, prompts: ReadonlyArray<Prompt>) =>
  rankConfig({
    source: sourceOf(prompts),
    out,
    seed: Seed.make(1),
    judges: [{ judge: Fakes.judge() }],
    checks: [CheckRule.fromText("allowed", (text) => !text.includes("forbidden"))]
  })

describe("answers that are given", () => {
  it.live("are checked and ranked, in the order of the input, and nobody is asked for others", () =>
    Effect.gen(function* () {
      const ranked = yield* run(config(`${yield* folder}/run`, rows))
      assert.deepStrictEqual(
        ranked.rows.map(({ completion, id, ranking }) => [
          id,
          completion,
          ranking.map(({ candidates }) => candidates[0])
        ]),
        [
          ["a", "longest of them all", ["a/given/2", "a/given/1", "a/given/0"]],
          ["b", "one alone", ["b/given/0"]],
          ["c", "said", ["c/given/1"]]
        ]
      )
      assert.deepStrictEqual(ranked.rows[0]?.carried, { topic: "t" })
      assert.strictEqual(ranked.rows[0]?.candidates[1]?.model, "x/long")
      assert.deepInclude(ranked.summary.ledger, { rows: 3, selected: 3, examples: 3 })
      const again = yield* run(config(ranked.summary.files[0]?.replace("/dataset.jsonl", "") ?? "", rows))
      assert.deepInclude(again.summary, { calls: 0 })
      assert.strictEqual(again.bytes, ranked.bytes)
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  it.live("are missed by number and field, before anything is asked", () =>
    Effect.gen(function* () {
      const out = yield* folder
      const error = yield* Effect.flip(run(config(`${out}/one`, [...rows, row("d", [])])))
      assert.include(String(error), "memory:4: candidates: there is no answer to rank")
      const none = yield* Effect.flip(run(config(`${out}/two`, [fromText("e", "no answers")])))
      assert.include(String(none), "memory:1: candidates: give the answers as a list")
    }).pipe(Effect.provide(services), Effect.scoped)
  )

  it.live("are counted in the plan: judges only", () =>
    Effect.gen(function* () {
      const model = Fakes.chatModel("fake/judge")
      const base = config(`${yield* folder}/run`, rows)
      const plan = yield* planDataset({ ...base, judges: [{ model, strategy: () => Fakes.judge("fake/judge") }] })
      assert.deepStrictEqual(
        plan.lines.map(({ purpose }) => purpose),
        ["judge"]
      )
      assert.deepInclude(plan.lines[0]?.calls, { low: 3 })
      assert.strictEqual(model.asked.length, 0)
    }).pipe(Effect.provide(services), Effect.scoped)
  )
})
