/**
 * How much more a judge prefers its own answers than the other judges do, and offsets that take it back. Dropping a
 * judge's votes on its own answers loses more than it mends (docs/aggregation.md).
 */
import type { Seed } from "@consortium/core/Seed"
import { cellOf, forPairs } from "./internal/labelled.js"
import { type Interval, ofRatio } from "./Interval.js"
import type { Votes } from "./Votes.js"

/** Whether a candidate is the judge's own answer (or of its family, where that is the question). */
export type Own = (judge: string, candidate: string, group: number) => boolean

export interface SelfPreference {
  readonly judge: string
  /** Pairs of an own answer and another one on which the judge and some other judge spoke. */
  readonly pairs: number
  /** Its preference for its own answer minus the mean of the other judges', with a bootstrap interval over groups. */
  readonly excess: Interval
}

interface Sums {
  readonly excess: Float64Array
  readonly pairs: Float64Array
}

const sumsOf = (votes: Votes, own: Own): ReadonlyArray<Sums> => {
  const judges = votes.judges.length
  const groups = votes.starts.length - 1
  const sums = votes.judges.map(() => ({ excess: new Float64Array(groups), pairs: new Float64Array(groups) }))
  forPairs(votes, (group, a, b, n, truthCell) => {
    const start = votes.starts[group] as number
    for (const [j, judge] of votes.judges.entries()) {
      const mineA = own(judge, votes.candidates[start + a] as string, group)
      const mineB = own(judge, votes.candidates[start + b] as string, group)
      const cell = cellOf(votes, group, j, n, truthCell)
      if (mineA === mineB || votes.heard[cell] === 0) continue
      let others = 0
      let count = 0
      for (let k = 0; k < judges; k++) {
        const other = cellOf(votes, group, k, n, truthCell)
        if (k === j || votes.heard[other] === 0) continue
        others += votes.preference[other] as number
        count++
      }
      if (count === 0) continue
      const lead = (votes.preference[cell] as number) - others / count
      const one = sums[j] as Sums
      one.excess[group] = (one.excess[group] as number) + (mineA ? lead : -lead)
      one.pairs[group] = (one.pairs[group] as number) + 1
    }
  })
  return sums
}

/** The audit; judges without own answers have no pairs and an excess of NaN. */
export const audit = (votes: Votes, own: Own, seed: Seed): ReadonlyArray<SelfPreference> =>
  sumsOf(votes, own).map(({ excess, pairs }, j) => ({
    judge: votes.judges[j] as string,
    pairs: pairs.reduce((sum, count) => sum + count, 0),
    excess: ofRatio(excess, pairs, { seed, word: `self ${votes.judges[j]}` })
  }))

/** An offset is learnt from so many pairs at least, drawn to 0 by as many, and at most `cap` up or down. */
export const defaults = { pairs: 30, cap: 0.15 } as const

/** What each judge's preference for its own answers is to be lowered by; 0 until it has 30 pairs. */
export const offsets = (votes: Votes, own: Own): ReadonlyMap<string, number> =>
  new Map(
    sumsOf(votes, own).map(({ excess, pairs }, j) => {
      const count = pairs.reduce((sum, one) => sum + one, 0)
      const mean = excess.reduce((sum, one) => sum + one, 0) / Math.max(1, count)
      const drawn = (mean * count) / (count + defaults.pairs)
      const capped = Math.min(defaults.cap, Math.max(-defaults.cap, drawn))
      return [votes.judges[j] as string, count < defaults.pairs ? 0 : capped]
    })
  )

/** The same votes with each judge's preference for its own answers lowered by its offset, inside 0 to 1. */
export const corrected = (votes: Votes, own: Own, offset: ReadonlyMap<string, number>): Votes => {
  const preference = votes.preference.slice()
  forPairs(votes, (group, a, b, n, truthCell) => {
    const start = votes.starts[group] as number
    for (const [j, judge] of votes.judges.entries()) {
      const by = offset.get(judge) ?? 0
      const cell = cellOf(votes, group, j, n, truthCell)
      if (by === 0 || votes.heard[cell] === 0) continue
      const shift =
        (own(judge, votes.candidates[start + b] as string, group) ? by : 0) -
        (own(judge, votes.candidates[start + a] as string, group) ? by : 0)
      const first = Math.min(1, Math.max(0, (preference[cell] as number) + shift))
      preference[cell] = first
      preference[cell + (b - a) * (n - 1)] = 1 - first
    }
  })
  return { ...votes, preference }
}
