/**
 * Rankings of candidates by plain ids: scores by a rule, a strength with its interval, the chance of being best, and an
 * order in which ties are broken by duels, first places, the heaviest judge and the order of the candidates.
 */
import { map, type NonEmpty } from "@consortium/core/NonEmpty"
import { draws, Seed } from "@consortium/core/Seed"
import * as BradleyTerry from "./BradleyTerry.js"
import { type Calibration, scaleAll } from "./Calibration.js"
import * as Certainty from "./Certainty.js"
import { emptyPool, pool } from "./internal/group.js"
import { firsts, orderOf, tieBandOf } from "./internal/order.js"
import { type Interval, quantile } from "./Interval.js"
import { exactUpTo } from "./Kemeny.js"
import { type Rule, scorer } from "./Rule.js"
import * as Votes from "./Votes.js"
import type { Weights } from "./Weights.js"

export interface Options {
  /** @default "borda" */
  readonly rule?: Rule
  /** Judges' weights; one that isn't named weighs 1. @default all alike */
  readonly weights?: Weights
  /** What a judge counts for in `pBest` and `strength`. @default 0.6 */
  readonly effectiveVotes?: number
  /** Learnt from labels; with it places have `calibrated`. */
  readonly calibration?: Calibration
  /** How often `strength`'s interval should hold the truth. @default 0.95 */
  readonly level?: number
  /** For the draws behind `pBest`, a 32-bit integer. @default 1 */
  readonly seed?: number
}

export const defaults = { rule: "borda", effectiveVotes: Certainty.effectiveVotes, level: 0.95, seed: 1 } as const

export interface Place {
  readonly id: string
  /** The rule's score, 0 to 1. */
  readonly score: number
  /** Bradley–Terry's strength in log-odds with its Laplace interval, at effective votes. */
  readonly strength: Interval
  /** The chance of being the best at effective votes; the places' sum is 1. Not calibrated. */
  readonly pBest: number
  /** The chance of being the best after temperature scaling on labels; absent without a calibration. */
  readonly calibrated?: number
}

export interface Ranking {
  /** Best first. */
  readonly places: NonEmpty<Place>
  /** Judges with weight that gave a verdict. */
  readonly judges: number
  /** How many of those put the winner first, alone or tied. */
  readonly agree: number
  /** The leader's chance with whole weights, for stopping rules: higher than `pBest`, and not for showing. */
  readonly stopConfidence: number
  /** False only for Kemeny's heuristic, above eight candidates. */
  readonly exact: boolean
}

/** The rankings of all groups, in their order. */
export const all = (votes: Votes.Votes, options: Options = {}): ReadonlyArray<Ranking> => {
  const score = scorer(options.rule ?? defaults.rule)
  const view = Votes.cursor(votes, options.weights)
  return Array.from({ length: Votes.size(votes) }, (_, group) =>
    one(votes, group, Votes.seek(votes, group, view), score, options)
  )
}

const one = (
  votes: Votes.Votes,
  index: number,
  group: ReturnType<typeof Votes.cursor>,
  score: ReturnType<typeof scorer>,
  options: Options
): Ranking => {
  const { rule, effectiveVotes, level, calibration, seed } = { ...defaults, ...options }
  const { n } = group
  const word = Seed.make(seed)
  const scores = new Float64Array(n)
  score(group, scores, 0)
  const pooled = pool(group, emptyPool(n))
  const fit = BradleyTerry.fit(pooled, effectiveVotes)
  const strengths = BradleyTerry.intervals(fit, level)
  const pBest = Array.from(BradleyTerry.bestShares(fit, word, String(index)))
  const calibrated = calibration === undefined ? undefined : scaleAll(pBest, calibration)
  const order = orderOf(group, pooled, scores, new Array<boolean>(n).fill(true), tieBandOf(rule, n))
  const spoke = heardJudges(group)
  return {
    places: map(order, (a) => ({
      id: votes.candidates[(votes.starts[index] as number) + a] as string,
      score: scores[a] as number,
      strength: strengths[a] as Interval,
      pBest: pBest[a] as number,
      ...(calibrated !== undefined && { calibrated: calibrated[a] as number })
    })),
    judges: spoke.length,
    agree: spoke.filter((judge) => firsts(group, judge)[order[0]]).length,
    stopConfidence: Certainty.stopConfidence(pooled, word, String(index)),
    exact: rule !== "kemeny" || n <= exactUpTo
  }
}

const heardJudges = (group: ReturnType<typeof Votes.cursor>): ReadonlyArray<number> => {
  const spoke = new Set<number>()
  for (let order = 0; order < group.orders; order++) {
    const judge = group.judgeOf[group.firstOrder + order] as number
    const at = group.levelsAt + order * group.n
    const said = group.levels.subarray(at, at + group.n).some((level) => level >= 0)
    if (said && (group.weights[judge] as number) > 0) spoke.add(judge)
  }
  return [...spoke]
}

/** Scores of all candidates of all groups, laid out as `votes.candidates`; no objects, for many groups at once. */
export const scores = (votes: Votes.Votes, rule: Rule = defaults.rule, weights?: Weights): Float64Array => {
  const out = new Float64Array(votes.candidates.length)
  const score = scorer(rule)
  const view = Votes.cursor(votes, weights)
  for (let g = 0; g < Votes.size(votes); g++) score(Votes.seek(votes, g, view), out, votes.starts[g] as number)
  return out
}

/**
 * Scores with intervals by resampling judges (bootstrap over judges, Efron 1979), laid out as `votes.candidates`. Few
 * judges say little about their own spread: three that agree have an interval of no width.
 */
export const bootstrap = (
  votes: Votes.Votes,
  options: Pick<Options, "rule" | "weights" | "level" | "seed"> & {
    /** @default 400 */
    readonly draws?: number
  } = {}
): ReadonlyArray<Interval> => {
  const { rule, level, seed, draws: rounds = 400, weights } = { ...defaults, ...options }
  const score = scorer(rule)
  const view = Votes.cursor(votes, weights)
  const whole = view.weights.slice()
  const draw = draws(Seed.make(seed), "bootstrap", rule)
  const values = scores(votes, rule, weights)
  const samples = Array.from(values, () => new Float64Array(rounds))
  const out = new Float64Array(values.length)
  for (let round = 0; round < rounds; round++) {
    view.weights.fill(0)
    for (let j = 0; j < whole.length; j++) {
      const judge = Math.floor(draw() * whole.length)
      view.weights[judge] = (view.weights[judge] as number) + (whole[judge] as number)
    }
    for (let g = 0; g < Votes.size(votes); g++) score(Votes.seek(votes, g, view), out, votes.starts[g] as number)
    for (const [at, sample] of samples.entries()) sample[round] = out[at] as number
  }
  return Array.from(values, (value, at) => {
    const sorted = (samples[at] as Float64Array).sort()
    return { value, low: quantile(sorted, (1 - level) / 2), high: quantile(sorted, (1 + level) / 2) }
  })
}
