import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Ballot } from "@consortium/core/Ballot"
import * as ChatModel from "@consortium/core/ChatModel"
import { JudgeId, MemberId } from "@consortium/core/Ids"
import type { Judge } from "@consortium/core/Judge"
import type { NonEmpty } from "@consortium/core/NonEmpty"
import { fromText, textOf } from "@consortium/core/Prompt"
import { Seed } from "@consortium/core/Seed"
import { embedder } from "@consortium/embedders-lexical/Lexical"
import { buildDataset } from "@consortium/pipeline/BuildDataset"
import type { DatasetRow } from "@consortium/pipeline/DatasetFile"
import type { RunConfig } from "@consortium/pipeline/RunConfig"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Stream from "effect/Stream"

/** A member whose answers are worth what its number says. */
const member = (worth: number, family: string): RunConfig["members"][number] => ({
  id: MemberId.make(`m${worth}`),
  samples: 1,
  family,
  model: ChatModel.make({
    ref: `fake/m${worth}`,
    complete: ({ messages }) =>
      Effect.succeed({
        parts: [{ _tag: "Text", text: `${worth} on ${textOf(messages[messages.length - 1] ?? messages[0])}` }],
        finish: { kind: "stop", raw: null },
        usage: {},
        model: `m${worth}`
      })
  })
})
const judge = (id: string, value: (text: string, place: number) => number, family?: string): Judge => ({
  id: JudgeId.make(id),
  ...(family !== undefined && { family }),
  judge: (sheet) => {
    const valued = sheet.options.map((option, place) => ({ option, value: value(option.text, place) }))
    valued.sort((a, b) => b.value - a.value)
    return Effect.fromResult(Ballot.make(sheet, { tiers: valued.map(({ option }) => [option.label]) }))
  }
})
const fair = (text: string) => Number.parseInt(text, 10)
const prompts = Array.from({ length: 40 }, (_, at) => fromText(`p${at}`, `question ${at} about thing ${at * 7}`))

const run = Effect.fnUntraced(function* (out: string, judges: NonEmpty<Judge>, more: Partial<RunConfig> = {}) {
  yield* buildDataset({
    source: {
      name: "made",
      stream: Stream.fromIterable(prompts.map((prompt, at) => ({ _tag: "Prompt", number: at + 1, prompt }) as const))
    },
    out,
    stop: { targetSize: 40 },
    seed: Seed.make(3),
    embedder,
    members: [member(1, "a"), member(2, "b"), member(3, "c")],
    judges: [{ judge: judges[0] }, ...judges.slice(1).map((one) => ({ judge: one }))],
    ...more
  })
  const text = readFileSync(join(out, "dataset.jsonl"), "utf8")
  const rows = text
    .trim()
    .split("\n")
    .map((line): DatasetRow => JSON.parse(line))
  return { text, rows, run: JSON.parse(readFileSync(join(out, "run.json"), "utf8")) }
})
const folder = Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped())
const live = <A, E>(
  name: string,
  effect: Effect.Effect<A, E, NodeServices.NodeServices | import("effect/Scope").Scope>
) => it.live(name, () => Effect.scoped(Effect.provide(effect, NodeServices.layer)))

describe("settle", () => {
  live(
    "finds the judge that follows the order, and counts its votes no more",
    Effect.gen(function* () {
      const judges = [
        judge("a", fair),
        judge("lost", (_, place) => -place),
        judge("turns", (_, place) => -place)
      ] as const
      const out = yield* folder
      const { rows, run: facts, text } = yield* run(out, judges)
      assert.strictEqual(facts.judging.from, "flip-rate")
      const byId = new Map(facts.judging.judges.map((one: { readonly id: string }) => [one.id, one]))
      assert.deepInclude(byId.get("lost"), { removed: true, weight: 0, instability: 1, first: 1 })
      assert.deepInclude(byId.get("a"), { removed: false, weight: 1, instability: 0 })
      for (const row of rows) {
        assert.strictEqual(row.chosen.member, "m3", "the one judge that reads has the last word")
        assert.deepStrictEqual(row.agreement, { first: 1, of: 1 })
        assert.isAtLeast(row.judges.length, 3, "all that was said stays in the row")
      }
      const again = yield* run(out, judges)
      assert.strictEqual(again.text, text, "counted again, the same bytes")
    })
  )

  live(
    "learns nothing from judges who agree, and says so",
    Effect.gen(function* () {
      const { rows, run: facts } = yield* run(yield* folder, [judge("a", fair), judge("b", fair), judge("c", fair)])
      assert.deepStrictEqual([facts.judging.from, facts.judging.changed], ["equal", 0])
      assert.deepStrictEqual(rows[0]?.agreement, { first: 3, of: 3 })
    })
  )

  live(
    "takes weights from labels, in the run and for its rows",
    Effect.gen(function* () {
      const judges = [judge("a", fair), judge("b", (text) => -fair(text))] as const
      const weights = new Map([
        ["a", 0.1],
        ["b", 2]
      ])
      const { rows, run: facts } = yield* run(yield* folder, judges, { weights })
      assert.strictEqual(facts.judging.from, "labels")
      for (const row of rows) assert.strictEqual(row.chosen.member, "m1")
    })
  )

  live(
    "leaves a judge's word on its own family out where it is told to",
    Effect.gen(function* () {
      const vain = (text: string) => (text.startsWith("1") ? 9 : fair(text))
      const judges = [judge("own", vain, "a"), judge("b", fair)] as const
      const weights = new Map([
        ["own", 3],
        ["b", 1]
      ])
      const kept = yield* run(yield* folder, judges, { weights })
      assert.strictEqual(kept.rows[0]?.chosen.member, "m1")
      const { rows, run: facts } = yield* run(yield* folder, judges, { weights, ownAnswers: "exclude-family" })
      for (const row of rows) assert.strictEqual(row.chosen.member, "m3")
      assert.strictEqual(facts.judging.changed, 40)
    })
  )
})
