/**
 * What a run's own votes teach about its judges, without labels: weights by how seldom they reverse themselves, who is
 * too unstable to be heard, and what their preference for their own answers is lowered by. Sources and measurements:
 * docs/aggregation.md.
 */
import * as FlipRate from "./FlipRate.js"
import { cellOf, forPairs } from "./internal/labelled.js"
import * as SelfPreference from "./SelfPreference.js"
import { size, type Votes } from "./Votes.js"
import { equal, scaled, type Weights } from "./Weights.js"

export interface Options {
  /** Weights from labels: they are taken as they are, and nothing but offsets is learnt. */
  readonly weights?: Weights
  /** Which candidates are a judge's own. @default none is */
  readonly own?: SelfPreference.Own
}

export interface Learnt {
  /** Where the weights come from. */
  readonly from: "equal" | "flip-rate" | "labels"
  /** Their mean is 1; 0 for those who are removed. */
  readonly weights: Weights
  /** Judges whose two orders of a pair too often do not name the same strict winner. */
  readonly removed: ReadonlyArray<string>
  /** By judge, in preference units. */
  readonly offsets: ReadonlyMap<string, number>
}

/** Groups that were judged in two orders, before anything is learnt from them; and what instability is too much. */
export const defaults = { groups: 30, instability: 0.6 } as const

/** For each judge the groups in which it spoke twice or more on some pair. */
const groupsTwice = (votes: Votes): ReadonlyArray<number> => {
  const seen = votes.judges.map(() => new Set<number>())
  forPairs(votes, (group, _, __, n, truthCell) => {
    for (const [j, groups] of seen.entries()) {
      if ((votes.heard[cellOf(votes, group, j, n, truthCell)] as number) > 1) groups.add(group)
    }
  })
  return seen.map((groups) => groups.size)
}

const unstable = (votes: Votes, twice: ReadonlyArray<number>): ReadonlyArray<string> => {
  const found = FlipRate.rates(votes).flatMap(({ instability, judge }, j) =>
    (twice[j] as number) >= defaults.groups && instability > defaults.instability ? [judge] : []
  )
  // Somebody has to be heard.
  return found.length < votes.judges.length ? found : []
}

/** Weights with a mean of 1 over those who are heard. */
const levelled = (weights: Weights, removed: ReadonlyArray<string>): Weights => {
  const heard = new Map([...weights].filter(([judge]) => !removed.includes(judge)))
  const even = scaled(heard, heard.size)
  return new Map([...weights.keys()].map((judge) => [judge, even.get(judge) ?? 0]))
}

/** Learns from all votes of a run. Fewer than 30 groups in two orders teach nothing about weights. */
export const learn = (votes: Votes, options: Options = {}): Learnt => {
  const offsets = options.own === undefined ? new Map<string, number>() : SelfPreference.offsets(votes, options.own)
  if (options.weights !== undefined) return { from: "labels", weights: options.weights, removed: [], offsets }
  const twice = groupsTwice(votes)
  if (size(votes) === 0 || Math.max(0, ...twice) < defaults.groups) {
    return { from: "equal", weights: equal(votes.judges), removed: [], offsets }
  }
  const removed = unstable(votes, twice)
  return { from: "flip-rate", weights: levelled(FlipRate.weights(votes), removed), removed, offsets }
}
