/** Five real models and the same five as judges, from a recording, down the whole road; compared with people's votes. */
import { readFileSync } from "node:fs"
import { make as aggregator } from "@consortium/aggregation/Aggregate"
import { Ballot } from "@consortium/core/Ballot"
import type { Sheet } from "@consortium/core/Blind"
import { Failure } from "@consortium/core/Call"
import { JudgeId, Label, MemberId, PromptId } from "@consortium/core/Ids"
import type { Vote } from "@consortium/core/Judge"
import { isNonEmpty, map, type NonEmpty } from "@consortium/core/NonEmpty"
import { fromText, message } from "@consortium/core/Prompt"
import type { Ranking } from "@consortium/core/Ranking"
import { fromEvents } from "@consortium/core/Receipt"
import { Seed } from "@consortium/core/Seed"
import { embedder } from "@consortium/embedders-lexical/Lexical"
import { buildDatasetPromise } from "@consortium/pipeline/BuildDataset"
import type { DatasetRow, OrderRow } from "@consortium/pipeline/DatasetFile"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { beforeAll, describe, expect, it } from "vitest"
import { folders, sharedFile } from "./internal/places.js"
import { pairwisePanel } from "./internal/pairwisePanel.js"
import { type Item, judgeOf, modelOf, read } from "./internal/recording.js"
import { print } from "./internal/table.js"
import { type Measured, measure } from "./internal/truth.js"

const file = sharedFile("data/judging/prd_vicuna80.dev.jsonl.gz")
const seed = Seed.make(7)
const names: NonEmpty<string> = ["gpt4", "claude", "gpt35", "bard", "vicuna-13b"]

/** What the study that recorded them found for mean preference on this half of the data. */
const known: Measured = { accuracy: 0.784, regret: 0.096 }
const tolerance = 0.005

/** All judges alike, as in the study. */
const alike = new Map(names.map((name) => [name, 1] as const))

/** @param weights of the judges; without them the run learns its own */
const run = async (
  items: ReadonlyArray<Item>,
  out: string,
  weights?: ReadonlyMap<string, number>
): Promise<ReadonlyArray<DatasetRow>> => {
  const judges = map(names, (name) => judgeOf(items, name))
  const summary = await buildDatasetPromise({
    source: {
      name: "recording",
      stream: Stream.fromIterable(
        items.map((item, at) => ({ _tag: "Prompt", number: at + 1, prompt: fromText(item.id, item.prompt) }) as const)
      )
    },
    out,
    stop: { targetSize: items.length },
    seed,
    embedder,
    members: map(names, (name) => ({ id: MemberId.make(name), model: modelOf(items, name), samples: 1 })),
    judges: map(judges, (judge) => ({ judge })),
    ...(weights !== undefined && { weights }),
    stages: { panel: pairwisePanel(judges, seed) }
  })
  expect(summary.ledger).toMatchObject({
    rows: items.length,
    selected: items.length,
    examples: items.length,
    rejected: 0
  })
  return readFileSync(`${out}/dataset.jsonl`, "utf8")
    .trim()
    .split("\n")
    .map((line): DatasetRow => JSON.parse(line))
}

/** The votes of a row, as they were cast: all that a ranking is made of stands in the dataset. */
const votesOf = (row: DatasetRow, keep: (order: OrderRow) => boolean) => {
  const labels = row.candidates.map((candidate) => Label.make(candidate.id))
  if (!isNonEmpty(labels)) throw new Error("a row without candidates")
  const promptId = PromptId.make(row.id)
  const sheet: Sheet = { promptId, task: [message("user", "")], options: map(labels, (label) => ({ label, text: "" })) }
  const toLabels = (ids: ReadonlyArray<string> = []) => ids.map((id) => Label.make(id))
  const votes = row.judges.filter(keep).map((said): Vote => {
    const shown = toLabels(said.shown)
    return {
      judge: JudgeId.make(said.judge),
      pass: said.pass,
      order: isNonEmpty(shown) ? shown : labels,
      outcome: Result.mapError(
        Ballot.make(sheet, {
          tiers: (said.order ?? []).map(toLabels),
          unranked: toLabels(said.unranked),
          unacceptable: toLabels(said.unacceptable)
        }),
        Failure.from
      ),
      receipt: fromEvents([], 0, 0)
    }
  })
  return { promptId, labels, votes }
}

const rank = (row: DatasetRow, keep: (order: OrderRow) => boolean): Ranking =>
  Result.getOrThrow(aggregator({ seed }).aggregate(votesOf(row, keep)))

describe.skipIf(file === undefined)("five recorded models judge each other", () => {
  const folder = folders()
  let items: ReadonlyArray<Item> = []
  const rows = new Map<string, DatasetRow>()
  const learnt = new Map<string, DatasetRow>()
  beforeAll(async () => {
    items = read(file ?? "")
    for (const row of await run(items, folder(), alike)) rows.set(row.id, row)
    for (const row of await run(items, folder())) learnt.set(row.id, row)
  })

  const rowOf = (item: Item): DatasetRow => {
    const row = rows.get(item.id)
    if (row === undefined) throw new Error(`no example for ${item.id}`)
    return row
  }
  const byCandidate = (item: Item, scores: ReadonlyMap<string, number>) =>
    item.candidates.map((one) => scores.get(`${item.id}/${one.id}/0`) ?? Number.NaN)
  const scoresOf = (item: Item, row: DatasetRow | undefined) =>
    byCandidate(
      item,
      new Map(row?.ranking.flatMap(({ candidates, score }) => candidates.map((id) => [id, score] as const)))
    )
  /** The scores of the dataset as it is. */
  const written = (item: Item) => scoresOf(item, rowOf(item))
  /** The scores of one judge's votes alone. */
  const alone = (name: string) => (item: Item) =>
    byCandidate(
      item,
      new Map(rank(rowOf(item), ({ judge }) => judge === name).places.map(({ label, score }) => [label, score]))
    )
  /** All for the answer that the dataset gives. */
  const chosen = (item: Item) =>
    item.candidates.map((one) => (rowOf(item).chosen.candidate === `${item.id}/${one.id}/0` ? 1 : 0))

  it("every judge saw every pair in both orders, blind", () => {
    for (const item of items) {
      const { judges } = rowOf(item)
      expect(judges).toHaveLength(item.judgments.length)
      for (const { order, unranked, shown } of judges) {
        expect(order?.flat()).toHaveLength(2)
        expect(unranked).toHaveLength(item.candidates.length - 2)
        expect([...(order?.flat() ?? [])].sort()).toEqual([...shown].sort())
      }
      expect(new Set(judges.map(({ judge, shown }) => `${judge} ${shown.join(" ")}`)).size).toBe(judges.length)
    }
  })

  it("the ranking follows from the votes in the dataset, and only from them", () => {
    for (const item of items) {
      const again = new Map(rank(rowOf(item), () => true).places.map(({ label, score }) => [String(label), score]))
      for (const { candidates, score } of rowOf(item).ranking) {
        // The sheet stood in another order, which the last bit of a sum may know.
        for (const id of candidates) expect(again.get(id)).toBeCloseTo(score, 12)
      }
    }
  })

  it("the panel is as good as the study found, and better than its judges on average", () => {
    const panel = measure(items, written)
    const singles = names.map((name) => [name, measure(items, alone(name))] as const)
    const taught = measure(items, (item) => scoresOf(item, learnt.get(item.id)))
    const longest = measure(items, (item) => item.candidates.map((one) => one.text.length))
    const chance = measure(items, (item) => item.candidates.map(() => 0))
    print(
      `people's votes on ${items.length} prompts`,
      ["", "accuracy", "regret"],
      [
        ["panel of five, Borda (the dataset)", panel.accuracy, panel.regret],
        ["with what the run learnt of its judges", taught.accuracy, taught.regret],
        ["the study's Borda", known.accuracy, known.regret],
        ["the answers chosen, ties broken", "", measure(items, chosen).regret],
        ...singles.map(([name, { accuracy, regret }]) => [`judge ${name} alone`, accuracy, regret]),
        ["the longest answer", longest.accuracy, longest.regret],
        ["chance", chance.accuracy, chance.regret]
      ]
    )
    expect(Math.abs(panel.accuracy - known.accuracy)).toBeLessThanOrEqual(tolerance)
    expect(Math.abs(panel.regret - known.regret)).toBeLessThanOrEqual(tolerance)
    expect(taught.accuracy).toBeGreaterThanOrEqual(known.accuracy - tolerance)
    expect(taught.regret).toBeLessThanOrEqual(known.regret + 2 * tolerance)
    for (const [, { accuracy }] of singles) expect(accuracy).toBeGreaterThan(chance.accuracy)
    expect(panel.accuracy).toBeGreaterThan(
      singles.reduce((sum, [, { accuracy }]) => sum + accuracy, 0) / singles.length
    )
  })
})
