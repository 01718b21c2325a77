/**
 * How often a judge's two orders of a pair do not name the same strict winner, and weights from that: no labels needed.
 * Of the ways without labels it is the one that did not fail on recorded judges (see docs/aggregation.md).
 */
import { cellOf, forPairs } from "./internal/labelled.js"
import { logit } from "./internal/linear.js"
import type { Votes } from "./Votes.js"
import { of, type Weights } from "./Weights.js"

export interface FlipRate {
  readonly judge: string
  /** Pairs with two verdicts or more. */
  readonly pairs: number
  /** The share of those without one strict winner, 0 to 1; 0 where there are none. */
  readonly instability: number
}

/** A mean of four verdicts of which one differs, or a win and a tie, is no strict winner. */
const strict = 0.3

/** Each judge's rate. */
export const rates = (votes: Votes): ReadonlyArray<FlipRate> => {
  const judges = votes.judges.length
  const pairs = new Float64Array(judges)
  const flips = new Float64Array(judges)
  forPairs(votes, (group, _, __, n, truthCell) => {
    for (let j = 0; j < judges; j++) {
      const cell = cellOf(votes, group, j, n, truthCell)
      if ((votes.heard[cell] as number) < 2) continue
      pairs[j] = (pairs[j] as number) + 1
      if (Math.abs((votes.preference[cell] as number) - 0.5) < strict) flips[j] = (flips[j] as number) + 1
    }
  })
  return votes.judges.map((judge, j) => ({
    judge,
    pairs: pairs[j] as number,
    instability: (flips[j] as number) / Math.max(1, pairs[j] as number)
  }))
}

const limits = { low: 0.52, high: 0.97 } as const

/**
 * logit(1 − instability), inside 0.52 to 0.97, for the rule `log-odds`. A judge that was never asked twice has the
 * mean of the others, and all weigh 1 where none was.
 */
export const weights = (votes: Votes): Weights => {
  const found = rates(votes).map(({ pairs, instability }) =>
    pairs === 0 ? undefined : logit(Math.min(limits.high, Math.max(limits.low, 1 - instability)))
  )
  const known = found.filter((weight) => weight !== undefined)
  const mean = known.length === 0 ? 1 : known.reduce((sum, weight) => sum + weight, 0) / known.length
  return of(
    votes.judges,
    found.map((weight) => weight ?? mean)
  )
}
