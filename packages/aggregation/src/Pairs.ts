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
import { addOrder, average as averagePasses, emptyPool, type Group, pool as poolGroup } from "./internal/group.js"
import { usable } from "./Weights.js"

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
  /** `judges × n`: the share of the judge's orders that call the label unacceptable. */
  readonly rejected: Float64Array
  /** Each order's judge, and `orders × n` tiers, 0 for the best, -1 for no verdict. */
  readonly judgeOf: Uint16Array
  readonly levels: Int16Array
}

/** Preferences of all judges together. */
export interface Pooled {
  readonly n: number
  /** `n × n`: weighted mean preference for the row's label over the column's; 0.5 where nobody said. */
  readonly preference: Float64Array
  /** `n × n`: the weight of the judges that said something. */
  readonly weight: Float64Array
}

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

/** Writes the tier of each label: unacceptable ones below all others and tied. */
const writeLevels = (ballot: Ballot, index: ReadonlyMap<Label, number>, levels: Int16Array, from: number): void => {
  const put = (label: Label, level: number) => {
    const at = index.get(label)
    if (at !== undefined) levels[from + at] = level
  }
  for (const [level, tier] of ballot.tiers.entries()) for (const label of tier) put(label, level)
  for (const label of ballot.unacceptable) put(label, ballot.tiers.length)
}

/** Averages the orders of each judge to pair preferences, lowered by the judge's offsets. */
export const make = (ballots: Ballots, weighting: Weighting = {}): Pairs => {
  const { labels } = ballots
  const n = labels.length
  const index = new Map(labels.map((label, at) => [label, at]))
  const orders = ordersByJudge(ballots).filter(([judge]) => usable(weighting.weight?.(judge) ?? 1) > 0)
  const count = orders.reduce((sum, [, own]) => sum + own.length, 0)
  const pairs: Pairs = {
    labels,
    judges: orders.map(([judge]) => judge),
    weights: Float64Array.from(orders, ([judge]) => usable(weighting.weight?.(judge) ?? 1)),
    preference: new Float64Array(orders.length * n * n),
    heard: new Uint16Array(orders.length * n * n),
    rejected: new Float64Array(orders.length * n),
    judgeOf: new Uint16Array(count),
    levels: new Int16Array(count * n).fill(-1)
  }
  let order = 0
  for (const [j, [, own]] of orders.entries()) {
    for (const ballot of own) {
      writeLevels(ballot, index, pairs.levels, order * n)
      pairs.judgeOf[order] = j
      addOrder(pairs.preference, pairs.heard, j * n * n, n, pairs.levels, order * n)
      for (const label of ballot.unacceptable) {
        const at = index.get(label)
        if (at !== undefined) pairs.rejected[j * n + at] = (pairs.rejected[j * n + at] as number) + 1 / own.length
      }
      order++
    }
  }
  averagePasses(pairs.preference, pairs.heard)
  if (weighting.offset !== undefined) lower(pairs, weighting.offset)
  return pairs
}

const lower = (
  { labels, judges, preference, heard }: Pairs,
  offset: (judge: JudgeId, label: Label) => number
): void => {
  const n = labels.length
  for (const [j, judge] of judges.entries()) {
    const offsets = labels.map((label) => offset(judge, label))
    for (let a = 0; a < n; a++) {
      for (let b = 0; b < n; b++) {
        const at = (j * n + a) * n + b
        if (heard[at] === 0) continue
        const shifted = (preference[at] as number) - (offsets[a] as number) + (offsets[b] as number)
        preference[at] = Math.min(1, Math.max(0, shifted))
      }
    }
  }
}

/** As a group that rules can score. */
export const groupOf = (pairs: Pairs): Group => ({
  n: pairs.labels.length,
  judges: pairs.judges.length,
  at: 0,
  preference: pairs.preference,
  heard: pairs.heard,
  weights: pairs.weights,
  orders: pairs.judgeOf.length,
  firstOrder: 0,
  levelsAt: 0,
  judgeOf: pairs.judgeOf,
  levels: pairs.levels
})

/** The weighted mean over judges. */
export const pool = (pairs: Pairs): Pooled => poolGroup(groupOf(pairs), emptyPool(pairs.labels.length))

/** The share of the judges' weight that calls each label unacceptable. */
export const rejection = ({ labels, judges, weights, rejected }: Pairs): Float64Array => {
  const n = labels.length
  const share = new Float64Array(n)
  const total = weights.reduce((sum, w) => sum + w, 0)
  for (let j = 0; j < judges.length; j++) {
    for (let a = 0; a < n; a++)
      share[a] = (share[a] as number) + ((weights[j] as number) / total) * (rejected[j * n + a] as number)
  }
  return share
}
