/** How many verdicts the panel saves by stopping when it is sure, and what that costs; real verdicts, the real panel. */
import { make as aggregator, stopConfidence } from "@consortium/aggregation/Aggregate"
import * as Calibration from "@consortium/aggregation/Calibration"
import * as FlipRate from "@consortium/aggregation/FlipRate"
import * as Stacking from "@consortium/aggregation/Stacking"
import * as Votes from "@consortium/aggregation/Votes"
import * as Weights from "@consortium/aggregation/Weights"
import { Key, seal } from "@consortium/core/Blind"
import { type Candidate, Candidates } from "@consortium/core/Candidates"
import { candidateId, MemberId, PromptId } from "@consortium/core/Ids"
import * as Core from "@consortium/core/Judge"
import type { Ballots, Judge } from "@consortium/core/Judge"
import { isNonEmpty, map, type NonEmpty } from "@consortium/core/NonEmpty"
import { fromText } from "@consortium/core/Prompt"
import type { Weighting } from "@consortium/core/Ranking"
import { fromEvents } from "@consortium/core/Receipt"
import { hash, Seed } from "@consortium/core/Seed"
import { surfaceFor } from "@consortium/judge-strategies/Surface"
import * as Panel from "@consortium/panel/Panel"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { afterAll, describe, expect, it } from "vitest"
import { pairwisePanel } from "./internal/pairwisePanel.js"
import { sharedFile } from "./internal/places.js"
import { type Item, judgeOf, listOf, read } from "./internal/recording.js"
import { print } from "./internal/table.js"
import { mean, measure } from "./internal/truth.js"

const prd = sharedFile("data/judging/prd_vicuna80.dev.jsonl.gz")
const llmbar = sharedFile("data/judging/llmbar.dev.jsonl.gz")
const seed = Seed.make(7)

const sealed = (item: Item) => {
  const prompt = fromText(item.id, item.prompt)
  const all = item.candidates.map(
    (one): Candidate => ({
      id: candidateId(PromptId.make(item.id), MemberId.make(one.id), 0),
      member: MemberId.make(one.id),
      sample: 0,
      outcome: Result.succeed({
        parts: [{ _tag: "Text", text: one.text }],
        finish: { kind: "stop", raw: null },
        usage: {},
        model: one.id
      }),
      checks: [],
      receipt: fromEvents([], 0, 0)
    })
  )
  if (!isNonEmpty(all)) throw new Error(`${item.id}: no candidates`)
  return seal(Result.getOrThrow(Candidates.make(prompt, all)), seed, surfaceFor(prompt))
}

type Judging = Omit<Panel.Options, "judges" | "seed">

/** What the panel said of each item, and the scores of its candidates by that. */
type Said = ReadonlyMap<string, { readonly ballots: Ballots; readonly scores: ReadonlyArray<number> }>

const scoresOf = (item: Item, key: Key, ballots: Ballots, weighting?: Weighting): ReadonlyArray<number> => {
  const ranked = aggregator({ seed }).aggregate(ballots, weighting)
  const scores = new Map(
    Result.isFailure(ranked)
      ? []
      : ranked.success.places.flatMap(({ label, score }) => Key.open(key, label).map((id) => [String(id), score]))
  )
  return item.candidates.map((one) => scores.get(`${item.id}/${one.id}/0`) ?? 0.5)
}

const judged = async (
  items: ReadonlyArray<Item>,
  judges: NonEmpty<Judge>,
  optionsOf: (item: Item) => Judging
): Promise<Said> => {
  const out = new Map<string, { readonly ballots: Ballots; readonly scores: ReadonlyArray<number> }>()
  for (const item of items) {
    const [sheet, key] = sealed(item)
    const options = optionsOf(item)
    const panel = Panel.make({ ask: "one-by-one", playOff: false, ...options, judges, seed })
    const ballots = await Effect.runPromise(panel.judge(sheet))
    out.set(item.id, { ballots, scores: scoresOf(item, key, ballots, options.weighting) })
  }
  return out
}

const summed = (items: ReadonlyArray<Item>, said: Said) => ({
  ...measure(items, (item) => said.get(item.id)?.scores ?? []),
  verdicts: mean(items.map((item) => said.get(item.id)?.ballots.votes.length ?? 0))
})

const rows: Array<ReadonlyArray<string | number>> = []
afterAll(() =>
  print(
    "verdicts saved by stopping when sure",
    ["set", "weights, rule", "verdicts of", "all", "saved", "accuracy", "Δ", "regret", "Δ "],
    rows
  )
)
const compared = (set: string, how: string, items: ReadonlyArray<Item>, all: Said, early: Said) => {
  const [whole, some] = [summed(items, all), summed(items, early)]
  const saved = 1 - some.verdicts / whole.verdicts
  const lost = { accuracy: some.accuracy - whole.accuracy, regret: some.regret - whole.regret }
  rows.push([set, how, some.verdicts, whole.verdicts, saved, some.accuracy, lost.accuracy, some.regret, lost.regret])
  return { saved, ...lost }
}

const never = 2

describe.skipIf(prd === undefined)("five answers, judge by judge (PRD)", () => {
  const names: NonEmpty<string> = ["gpt4", "claude", "gpt35", "bard", "vicuna-13b"]

  it("in pairs, at .7, saves a quarter of the verdicts, and the picks stay as good", async () => {
    const items = read(prd ?? "")
    const judges = map(names, (name) => judgeOf(items, name))
    const inPairs = async (stopAt: number): Promise<Said> => {
      const out = new Map<string, { readonly ballots: Ballots; readonly scores: ReadonlyArray<number> }>()
      for (const item of items) {
        const [sheet, key] = sealed(item)
        let ballots: Ballots = { promptId: sheet.promptId, labels: map(sheet.options, ({ label }) => label), votes: [] }
        for (const judge of judges) {
          const one = await Effect.runPromise(
            Effect.provide(
              Core.Panel.use((panel) => panel.judge(sheet)),
              pairwisePanel([judge], seed)
            )
          )
          ballots = { ...ballots, votes: [...ballots.votes, ...one.votes] }
          if (stopConfidence(ballots, { seed }) >= stopAt) break
        }
        out.set(item.id, { ballots, scores: scoresOf(item, key, ballots) })
      }
      return out
    }
    const whole = await inPairs(never)
    for (const stopAt of [0.6, 0.7, 0.8, 0.9]) {
      const { regret, saved } = compared(
        "PRD best of 5, pairs",
        `alike, ${stopAt}`,
        items,
        whole,
        await inPairs(stopAt)
      )
      if (stopAt !== 0.7) continue
      expect(saved).toBeGreaterThanOrEqual(0.25)
      expect(regret).toBeLessThanOrEqual(0.01)
    }
  })

  it("in lists, by the panel", async () => {
    const items = read(prd ?? "")
    const judges = map(names, (name) => listOf(items, name))
    const whole = await judged(items, judges, () => ({ maxPasses: 1, stopAt: never }))
    for (const stopAt of [0.6, 0.7, 0.75, 0.8, 0.9]) {
      const early = await judged(items, judges, () => ({ maxPasses: 1, stopAt }))
      const { saved } = compared("PRD best of 5, lists", `alike, ${stopAt}`, items, whole, early)
      if (stopAt === 0.75) expect(saved).toBeGreaterThanOrEqual(0.25)
    }
  })
})

const folds = 5
const foldOf = (item: Item): number => hash(seed, item.id) % folds

/** Orders by label with the truth beside them. */
const votesOf = (items: ReadonlyArray<Item>, said: Said): Votes.Votes =>
  Result.getOrThrow(
    Votes.make(
      items.flatMap((item) => {
        const heard = said.get(item.id)
        if (heard === undefined) return []
        const [, key] = sealed(item)
        const right = item.truth.pairs[0]?.[2] === 1 ? 0 : 1
        const labels = heard.ballots.labels
        const best = labels.find((label) =>
          Key.open(key, label).some((id) => id.includes(`/${item.candidates[right]?.id}/`))
        )
        return [
          {
            candidates: labels,
            votes: heard.ballots.votes.flatMap(({ judge, order, outcome }) =>
              Result.isFailure(outcome) ? [] : [{ judge, order: outcome.success.tiers, shown: order }]
            ),
            ...(best !== undefined && {
              truth: [{ judge: "truth", order: [[best], labels.filter((label) => label !== best)] }]
            })
          }
        ]
      })
    )
  )

const weighed = (weights: Weights.Weights) => ({ weighting: { weight: (judge: string) => weights.get(judge) ?? 0 } })

describe.skipIf(llmbar === undefined)("two answers, six judges in both orders (LLMBar)", () => {
  const names: NonEmpty<string> = ["GPT-4", "PaLM2", "ChatGPT", "ChatGPT-0301", "LLaMA2", "Falcon"]
  it.each([
    ["Metrics_Reference", true],
    ["CoT", false],
    ["Vanilla", false]
  ] as const)(
    "%s: with weights and a temperature from labels of other prompts",
    async (protocol, isPromised) => {
      const items = read(llmbar ?? "").map((item) => ({
        ...item,
        judgments: item.judgments.filter(({ s }) => s === protocol)
      }))
      const [first, ...rest] = names.map((name) => judgeOf(items, name))
      const judges: NonEmpty<Judge> = [first as Judge, ...rest]
      const raw = await judged(items, judges, () => ({ maxPasses: 2, stopAt: never }))

      // Nothing of a prompt's own fold decides how it is judged.
      const learnt = Array.from({ length: folds }, (_, fold) => {
        const others = items.filter((item) => foldOf(item) !== fold)
        const votes = votesOf(others, raw)
        const flips = FlipRate.weights(votes)
        const fitted = Weights.scaled(Stacking.weights(votes, { prior: Weights.scaled(flips, 1.5) }), names.length)
        const outcomes = others.map((item) => {
          const heard = raw.get(item.id)
          if (heard === undefined) throw new Error(item.id)
          const certainty = stopConfidence(heard.ballots, { seed, ...weighed(fitted) })
          const scores = Result.getOrThrow(aggregator({ seed }).aggregate(heard.ballots, weighed(fitted).weighting))
          const [, key] = sealed(item)
          const right = item.candidates[item.truth.pairs[0]?.[2] === 1 ? 0 : 1]?.id
          const isRight = Key.open(key, scores.places[0].label).some((id) => id.includes(`/${right}/`))
          return { certainty, right: isRight ? 1 : 0 }
        })
        return {
          fitted,
          flips: Weights.scaled(flips, names.length),
          calibration: Result.getOrThrow(Calibration.fit(outcomes))
        }
      })
      const of = (item: Item) => {
        const one = learnt[foldOf(item)]
        if (one === undefined) throw new Error(item.id)
        return one
      }
      const set = `LLMBar ${protocol}`
      const wholeBy = (weights: (item: Item) => Weights.Weights) =>
        judged(items, judges, (item) => ({ maxPasses: 2, stopAt: never, ...weighed(weights(item)) }))

      const whole = await wholeBy((item) => of(item).fitted)
      const early = await judged(items, judges, (item) => ({
        maxPasses: 2,
        calibration: of(item).calibration,
        ...weighed(of(item).fitted)
      }))
      const { accuracy, saved } = compared(set, "labels, .85 calibrated", items, whole, early)

      const flipped = await wholeBy((item) => of(item).flips)
      for (const stopAt of [0.75, 0.85]) {
        const some = await judged(items, judges, (item) => ({ maxPasses: 2, stopAt, ...weighed(of(item).flips) }))
        compared(set, `flips, ${stopAt}`, items, flipped, some)
        const alike = await judged(items, judges, () => ({ maxPasses: 2, stopAt }))
        compared(set, `alike, ${stopAt}`, items, raw, alike)
      }
      if (isPromised) {
        expect(saved).toBeGreaterThanOrEqual(0.4)
        expect(accuracy).toBeGreaterThanOrEqual(-0.015)
      }
    },
    300_000
  )
})
