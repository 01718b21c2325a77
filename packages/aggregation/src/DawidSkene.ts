/**
 * How accurate judges are, without labels, from how they agree: the one-coin model of Dawid & Skene 1979 on pairs, ties
 * uninformative, by expectation and maximisation. Where most judges share an error it calls the good ones bad; it comes
 * with warnings, and is never used unless it is asked for.
 */
import { logit, sigmoid } from "./internal/linear.js"
import { rowsOf } from "./internal/labelled.js"
import { warningsOf } from "./internal/warnings.js"
import type { Votes } from "./Votes.js"
import { of, type Weights } from "./Weights.js"

export interface DawidSkene {
  /** Each judge's accuracy on a pair, 0.05 to 0.97, by id. */
  readonly accuracies: ReadonlyMap<string, number>
  /** Its logit, 0 for a judge that seems worse than chance, for the rule `log-odds`. */
  readonly weights: Weights
  /** What speaks against trusting it here, in sentences; never empty. */
  readonly warnings: ReadonlyArray<string>
}

const limits = { rounds: 40, low: 0.05, high: 0.97, start: 0.02 } as const
const inside = (p: number, low: number, high: number): number => Math.min(high, Math.max(low, p))

export const fit = (votes: Votes): DawidSkene => {
  const judges = votes.judges.length
  const { x, rows } = rowsOf(votes, false)
  const first = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    let sum = 0
    let size = 0
    for (let j = 0; j < judges; j++) {
      sum += x[row * judges + j] as number
      size += Math.abs(x[row * judges + j] as number)
    }
    first[row] = inside((sum / Math.max(size, 1e-9) + 1) / 2, limits.start, 1 - limits.start)
  }
  const accuracy = new Float64Array(judges)
  for (let round = 0; round < limits.rounds; round++) {
    for (let j = 0; j < judges; j++) {
      let agree = 2
      let said = 4
      for (let row = 0; row < rows; row++) {
        const value = x[row * judges + j] as number
        const strength = Math.abs(value)
        agree += strength * (value > 0 ? (first[row] as number) : 1 - (first[row] as number))
        said += strength
      }
      accuracy[j] = inside(agree / said, limits.low, limits.high)
    }
    for (let row = 0; row < rows; row++) {
      let odds = 0
      for (let j = 0; j < judges; j++) odds += (x[row * judges + j] as number) * logit(accuracy[j] as number)
      first[row] = sigmoid(odds)
    }
  }
  const accuracies = new Map(votes.judges.map((judge, j) => [judge, accuracy[j] as number]))
  return {
    accuracies,
    weights: of(
      votes.judges,
      accuracy.map((p) => Math.max(0, logit(p)))
    ),
    warnings: warningsOf(votes, accuracy, (p) => p <= limits.low || p >= limits.high)
  }
}
