/**
 * Ballots as pair preferences of each judge, in typed arrays; a judge's passes are averaged first, so that a reversal is
 * a tie.
 */
import type { Ballot } from "@consortium/core/Ballot"
import type { JudgeId, Label } from "@consortium/core/Ids"
import type { Ballots } from "@consortium/core/Judge"
import type { NonEmpty } from "@consortium/core/NonEmpty"
import type { Weighting } from "@consortium/core/Ranking"
import * as Result from "effect/Result"

/** What each judge prefers. Judges with a weight of 0 are not in it. */
export interface Pairs {
  readonly labels: NonEmpty<Label>
  /** Judges with at least one order, by id. */
  readonly judges: ReadonlyArray<JudgeId>
  /** Each judge's weight, above 0. */
  readonly weights: Float64Array
  /** `judges × n × n`: preference for the row's label over the column's, 0 to 1; means nothing where `heard` is 0. */
  readonly preference: Float64Array
  /** `judges × n × n`: in how many passes there was a verdict on the pair. */
  readonly heard: Uint16Array
  /** `judges × n`: 1 where the judge ranked the label, or called it unacceptable, in some pass. */
  readonly ranked: Uint8Array
  /** `judges × n`: the share of the judge's orders that call the label unacceptable. */
  readonly rejected: Float64Array
}

/** Preferences of all judges together. */
export interface Pooled {
  readonly n: number
  /** `n × n`: weighted mean preference for the row's label over the column's; 0.5 where nobody said. */
  readonly preference: Float64Array
  /** `n × n`: the weight of the judges that said something. */
  readonly weight: Float64Array
}

const usable = (weight: number): number => (Number.isFinite(weight) && weight > 0 ? weight : 0)

/** Orders by judge, judges by id: so that the order of votes changes nothing, not even in the last bit. */
const ordersByJudge = (ballots: Ballots): ReadonlyArray<readonly [JudgeId, ReadonlyArray<Ballot>]> => {
  const orders = new Map<JudgeId, Array<Ballot>>()
  for (const vote of ballots.votes) {
    if (Result.isFailure(vote.outcome)) continue
    const known = orders.get(vote.judge)
    if (known === undefined) orders.set(vote.judge, [vote.outcome.success])
    else known.push(vote.outcome.success)
  }
  return [...orders].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** The tier of each label: unacceptable ones below all others and tied, -1 for no verdict. */
const levelsOf = (ballot: Ballot, index: ReadonlyMap<Label, number>, levels: Int32Array): Int32Array => {
  levels.fill(-1)
  const put = (label: Label, level: number) => {
    const at = index.get(label)
    if (at !== undefined) levels[at] = level
  }
  for (const [level, tier] of ballot.tiers.entries()) for (const label of tier) put(label, level)
  for (const label of ballot.unacceptable) put(label, ballot.tiers.length)
  return levels
}

/** Averages the orders of each judge to pair preferences, lowered by the judge's offsets. */
export const make = (ballots: Ballots, weighting: Weighting = {}): Pairs => {
  const { labels } = ballots
  const n = labels.length
  const index = new Map(labels.map((label, at) => [label, at]))
  const orders = ordersByJudge(ballots).filter(([judge]) => usable(weighting.weight?.(judge) ?? 1) > 0)
  const pairs: Pairs = {
    labels,
    judges: orders.map(([judge]) => judge),
    weights: Float64Array.from(orders, ([judge]) => usable(weighting.weight?.(judge) ?? 1)),
    preference: new Float64Array(orders.length * n * n),
    heard: new Uint16Array(orders.length * n * n),
    ranked: new Uint8Array(orders.length * n),
    rejected: new Float64Array(orders.length * n)
  }
  const levels = new Int32Array(n)
  for (const [j, [, own]] of orders.entries()) {
    for (const ballot of own) {
      add(pairs, j, n, levelsOf(ballot, index, levels))
      for (const label of ballot.unacceptable) {
        const at = index.get(label)
        if (at !== undefined) pairs.rejected[j * n + at] = (pairs.rejected[j * n + at] as number) + 1 / own.length
      }
    }
  }
  average(pairs, weighting)
  return pairs
}

const add = ({ preference, heard, ranked }: Pairs, judge: number, n: number, levels: Int32Array): void => {
  for (let a = 0; a < n; a++) {
    const mine = levels[a] as number
    if (mine < 0) continue
    ranked[judge * n + a] = 1
    for (let b = 0; b < n; b++) {
      const other = levels[b] as number
      if (b === a || other < 0) continue
      const at = (judge * n + a) * n + b
      preference[at] = (preference[at] as number) + (mine < other ? 1 : mine === other ? 0.5 : 0)
      heard[at] = (heard[at] as number) + 1
    }
  }
}

const average = ({ labels, judges, preference, heard }: Pairs, weighting: Weighting): void => {
  const n = labels.length
  for (const [j, judge] of judges.entries()) {
    const offsets = labels.map((label) => weighting.offset?.(judge, label) ?? 0)
    for (let a = 0; a < n; a++) {
      for (let b = 0; b < n; b++) {
        const at = (j * n + a) * n + b
        const passes = heard[at] as number
        if (passes === 0) continue
        const shifted = (preference[at] as number) / passes - (offsets[a] as number) + (offsets[b] as number)
        preference[at] = Math.min(1, Math.max(0, shifted))
      }
    }
  }
}

/** The weighted mean over judges. */
export const pool = ({ labels, judges, weights, preference, heard }: Pairs): Pooled => {
  const n = labels.length
  const sum = new Float64Array(n * n)
  const weight = new Float64Array(n * n)
  for (let j = 0; j < judges.length; j++) {
    const w = weights[j] as number
    for (let at = 0; at < n * n; at++) {
      if (heard[j * n * n + at] === 0) continue
      sum[at] = (sum[at] as number) + w * (preference[j * n * n + at] as number)
      weight[at] = (weight[at] as number) + w
    }
  }
  for (let at = 0; at < n * n; at++) sum[at] = weight[at] === 0 ? 0.5 : (sum[at] as number) / (weight[at] as number)
  return { n, preference: sum, weight }
}

/** The share of the judges' weight that calls each label unacceptable. */
export const rejection = ({ labels, judges, weights, rejected }: Pairs): Float64Array => {
  const n = labels.length
  const share = new Float64Array(n)
  const total = weights.reduce((sum, w) => sum + w, 0)
  for (let j = 0; j < judges.length; j++) {
    for (let a = 0; a < n; a++) share[a] = (share[a] as number) + ((weights[j] as number) / total) * (rejected[j * n + a] as number)
  }
  return share
}

/** A judge's own score of each label: mean preference over those it compared it with; -1 where it never ranked it. */
export const ownScores = ({ labels, preference, heard, ranked }: Pairs, judge: number): Float64Array => {
  const n = labels.length
  const scores = new Float64Array(n).fill(-1)
  for (let a = 0; a < n; a++) {
    if (ranked[judge * n + a] === 0) continue
    let sum = 0
    let count = 0
    for (let b = 0; b < n; b++) {
      const at = (judge * n + a) * n + b
      if (heard[at] === 0) continue
      sum += preference[at] as number
      count++
    }
    scores[a] = count === 0 ? 0.5 : sum / count
  }
  return scores
}

const closeEnough = 1e-9

/** Whether a judge's averaged order puts each label first, alone or tied. */
export const firsts = (pairs: Pairs, judge: number): ReadonlyArray<boolean> => {
  const scores = ownScores(pairs, judge)
  const best = scores.reduce((high, score) => Math.max(high, score), 0)
  return Array.from(scores, (score) => score >= best - closeEnough)
}
