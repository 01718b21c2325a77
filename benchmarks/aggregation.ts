/**
 * Replays recorded judge verdicts through the rules and weightings, against human or objective truth. Learnt weights are
 * cross-fitted: from one random half of the prompts, used on the other, mean over 20 draws of the halves. Intervals are
 * bootstraps over prompts. Data: `CONSORTIUM_SHARED`, or `../shared` beside the checkout.
 * Run: `node benchmarks/aggregation.ts`
 */
import * as Calibration from "@consortium/aggregation/Calibration"
import * as DawidSkene from "@consortium/aggregation/DawidSkene"
import * as EffectiveVotes from "@consortium/aggregation/EffectiveVotes"
import * as FlipRate from "@consortium/aggregation/FlipRate"
import * as Interval from "@consortium/aggregation/Interval"
import * as JudgeAware from "@consortium/aggregation/JudgeAware"
import * as Krippendorff from "@consortium/aggregation/Krippendorff"
import * as LogOdds from "@consortium/aggregation/LogOdds"
import * as PositionAudit from "@consortium/aggregation/PositionAudit"
import * as Rank from "@consortium/aggregation/Rank"
import * as SelfPreference from "@consortium/aggregation/SelfPreference"
import * as Stacking from "@consortium/aggregation/Stacking"
import * as Votes from "@consortium/aggregation/Votes"
import type { Weights } from "@consortium/aggregation/Weights"
import * as Seed from "@consortium/core/Seed"
import { type Dataset, dataset, fileOf, load, meanOf, measure, type Metrics, votesOf } from "./internal/judging.ts"

const seed = Seed.Seed.make(20261123)
const folds = 20
const say = (line: string) => process.stdout.write(`${line}\n`)
const f3 = (value: number) => (Number.isNaN(value) ? "–" : value.toFixed(3))
const withInterval = ({ value, low, high }: Interval.Interval) => `${f3(value)} [${f3(low)}, ${f3(high)}]`
const meanInterval = (values: Float64Array) => withInterval(Interval.ofMean(values, { seed, draws: 1000 }))

/** How a row's scores come about; `learn` sees the other half only. */
interface Method {
  readonly name: string
  readonly scores: (votes: Votes.Votes) => Float64Array
}
interface Learnt {
  readonly name: string
  readonly learn: (votes: Votes.Votes) => (votes: Votes.Votes) => Float64Array
}

const fixed = (rule: Parameters<typeof Rank.scores>[1] & string): Method => ({
  name: rule,
  scores: (votes) => Rank.scores(votes, rule)
})
const weighted = (name: string, weights: (votes: Votes.Votes) => Weights): Learnt => ({
  name,
  learn: (votes) => {
    const learnt = weights(votes)
    return (others) => Rank.scores(others, "log-odds", learnt)
  }
})
const rules = [
  fixed("majority"),
  fixed("borda"),
  fixed("copeland"),
  fixed("schulze"),
  fixed("kemeny"),
  fixed("bradley-terry"),
  fixed("plackett-luce"),
  fixed("mean-rank"),
  fixed("reciprocal-rank")
]
const stacking = weighted("stacking (labels)", (votes) => Stacking.weights(votes))
const flipRate = weighted("flip-rate", FlipRate.weights)
const learnt: ReadonlyArray<Learnt> = [
  flipRate,
  stacking,
  weighted("log-odds (labels)", LogOdds.weights),
  weighted("dawid-skene", (votes) => DawidSkene.fit(votes).weights),
  {
    name: "judge-aware bt",
    learn: (votes) => {
      const { discriminations } = JudgeAware.fit(votes)
      return (others) => JudgeAware.strengths(others, discriminations)
    }
  }
]

const halves = (groups: number, draw: number): readonly [ReadonlyArray<number>, ReadonlyArray<number>] => {
  const [first, ...rest] = Array.from({ length: groups }, (_, g) => g)
  const mixed = Seed.shuffle([first ?? 0, ...rest], seed, "halves", draw)
  return [mixed.slice(0, groups >> 1), mixed.slice(groups >> 1)]
}

/** Scores of all prompts, each from what was learnt on the half without it. */
const crossFit = (votes: Votes.Votes, { learn }: Learnt, draw: number): Float64Array => {
  const out = new Float64Array(votes.candidates.length)
  const [one, other] = halves(Votes.size(votes), draw)
  for (const [from, to] of [
    [one, other],
    [other, one]
  ] as const) {
    const scores = learn(Votes.pick(votes, from))(Votes.pick(votes, to))
    let at = 0
    for (const g of to)
      for (let a = votes.starts[g] ?? 0; a < (votes.starts[g + 1] ?? 0); a++) out[a] = scores[at++] ?? 0
  }
  return out
}
const replay = (votes: Votes.Votes, data: Dataset, method: Learnt, draws = folds): Metrics =>
  meanOf(Array.from({ length: draws }, (_, draw) => measure(votes, data, crossFit(votes, method, draw))))

/** The calibration error over all pairs, with intervals over prompts. */
const calibrationError = ({ outcomes }: Metrics): string =>
  withInterval(
    Interval.bootstrap(
      outcomes.length,
      (counts) =>
        Calibration.error(outcomes.flatMap((one, g) => Array.from({ length: counts[g] ?? 0 }, () => one).flat())),
      { seed, draws: 100 }
    )
  )
const columns = (metrics: Metrics, lists: boolean, probability: boolean): string =>
  [
    meanInterval(metrics.accuracy),
    ...(lists ? [meanInterval(metrics.regret), meanInterval(metrics.tau)] : []),
    probability ? calibrationError(metrics) : "–"
  ].join(" | ")

const table = (title: string, data: Dataset): void => {
  const votes = votesOf(data)
  const lists = data.worth.some((worth) => worth.length > 2)
  say(`\n### ${title}: ${data.sheets.length} prompts, ${votes.judges.length} judges\n`)
  say(`| | accuracy |${lists ? " regret | tau |" : ""} calibration error |`)
  say(`|---|---|${lists ? "---|---|" : ""}---|`)
  for (const judge of votes.judges) {
    const alone = measure(
      votes,
      data,
      Rank.scores(votes, "borda", new Map(votes.judges.map((one) => [one, one === judge ? 1 : 0])))
    )
    say(`| judge ${judge} | ${columns(alone, lists, true)} |`)
  }
  for (const { name, scores } of rules) {
    if (!lists && !["majority", "borda", "bradley-terry"].includes(name)) continue
    say(`| ${name} | ${columns(measure(votes, data, scores(votes)), lists, true)} |`)
  }
  for (const method of learnt)
    say(`| ${method.name} | ${columns(replay(votes, data, method), lists, method.name !== "judge-aware bt")} |`)
  say(`| longest answer | ${columns(measure(votes, data, data.lengths.flat()), lists, false)} |`)
  const { correlation, votes: effective } = EffectiveVotes.measure(votes)
  say(
    `\neffective votes: ${effective.toFixed(2)} of ${votes.judges.length} (error correlation ${correlation.toFixed(2)})`
  )
  for (const { judge, first, reverses } of PositionAudit.audit(votes, seed)) {
    say(`position, ${judge}: prefers the first shown ${withInterval(first)}, reverses ${withInterval(reverses)}`)
  }
}

const combinations = (items: ReadonlyArray<string>, k: number): ReadonlyArray<ReadonlyArray<string>> =>
  k === 0 ? [[]] : items.flatMap((item, at) => combinations(items.slice(at + 1), k - 1).map((rest) => [item, ...rest]))

/** The mean over all sub-panels of a size. */
const panels = (title: string, data: Dataset): void => {
  const judges = votesOf(data).judges
  const sizes = [1, 2, 3, 4, 5, 6].filter((k) => k <= judges.length)
  say(`\n### ${title}: accuracy by panel size\n`)
  say(`| | ${sizes.map((k) => `${k}`).join(" | ")} |\n|---|${sizes.map(() => "---|").join("")}`)
  const subPanels = sizes.map((k) => combinations(judges, k).map((some) => votesOf(data, some)))
  const row = (name: string, of: (votes: Votes.Votes) => Metrics) =>
    say(`| ${name} | ${subPanels.map((all) => meanInterval(meanOf(all.map(of)).accuracy)).join(" | ")} |`)
  for (const method of rules.slice(0, 2)) row(method.name, (votes) => measure(votes, data, method.scores(votes)))
  for (const method of [flipRate, stacking]) row(method.name, (votes) => replay(votes, data, method, 5))
}

const prd = load("prd_vicuna80")
if (prd === undefined) say(`skipped: no data at ${fileOf("prd_vicuna80")}; set CONSORTIUM_SHARED`)
else {
  const data = dataset(prd)
  table("PRD", data)
  const votes = votesOf(data)
  for (const { judge, pairs, excess } of SelfPreference.audit(votes, (one, candidate) => one === candidate, seed)) {
    say(`self-preference, ${judge}: ${withInterval(excess)} over ${pairs} pairs`)
  }
  panels("PRD", data)
}
const llmbar = load("llmbar")
if (llmbar === undefined) say(`skipped: no data at ${fileOf("llmbar")}; set CONSORTIUM_SHARED`)
else {
  for (const protocol of ["Vanilla", "CoT", "Metrics_Reference"]) table(`LLMBar ${protocol}`, dataset(llmbar, protocol))
  panels("LLMBar CoT", dataset(llmbar, "CoT"))
}
const human = load("mtbench_human")
if (human === undefined) say(`skipped: no data at ${fileOf("mtbench_human")}; set CONSORTIUM_SHARED`)
else {
  // No judges here: how far do humans agree on one pair of answers?
  const units = human.flatMap((row) => {
    const pairs = new Map<string, Array<number>>()
    for (const [, a, b, winner] of row.human_votes ?? []) {
      const [low, high] = a < b ? [a, b] : [b, a]
      const key = `${low} ${high}`
      pairs.set(key, [...(pairs.get(key) ?? []), winner === -1 ? 0 : winner === low ? 1 : 2])
    }
    return [...pairs.values()]
  })
  const twice = units.filter((unit) => unit.length > 1)
  let [same, all] = [0, 0]
  for (const unit of twice)
    for (const [i, x] of unit.entries())
      for (const y of unit.slice(i + 1)) {
        all++
        same += x === y ? 1 : 0
      }
  say(
    `\n### MT-Bench, humans: ${human.length} prompts, ${units.length} pairs voted on, ${twice.length} more than once\n`
  )
  say(
    `two humans say the same of a pair (with ties): ${f3(same / all)}; Krippendorff's alpha ${f3(Krippendorff.alpha(units))}`
  )
}
