/**
 * Pooled log-odds: each judge's preference times its weight, summed, is how likely one candidate is the better one.
 * The rule for weights that mean something in logits, as stacking, flip-rate and accuracy weights do. Source: Nitzan &
 * Paroush 1982, Shapley & Grofman 1984 (weights logit(accuracy) are optimal for independent judges).
 */
import type { Scorer } from "./internal/group.js"
import { logit, sigmoid } from "./internal/linear.js"
import { accuracies } from "./internal/labelled.js"
import type { Votes } from "./Votes.js"
import { type Weights, of } from "./Weights.js"

/** A scorer: the mean over the others of σ(Σ weight · (2 preference − 1)), 0 to 1. */
export const scorer = (): Scorer => (group, out, to) => {
  const { n, preference, heard, weights } = group
  for (let a = 0; a < n; a++) {
    let sum = 0
    for (let b = 0; b < n; b++) {
      if (b === a) continue
      let odds = 0
      for (let j = 0; j < group.judges; j++) {
        const cell = group.at + (j * n + a) * n + b
        if ((heard[cell] as number) > 0) odds += (weights[j] as number) * (2 * (preference[cell] as number) - 1)
      }
      sum += sigmoid(odds)
    }
    out[to + a] = n === 1 ? 1 : sum / (n - 1)
  }
}

const limits = { low: 0.05, high: 0.97 } as const

/**
 * Weights from labels: the logit of each judge's accuracy on decided pairs (four right and four wrong added, inside
 * 0.05 to 0.97), 0 for one that is worse than chance. They take judges for independent: prefer stacking.
 */
export const weights = (votes: Votes): Weights =>
  of(
    votes.judges,
    accuracies(votes).map(({ right, pairs }) =>
      Math.max(0, logit(Math.min(limits.high, Math.max(limits.low, (right + 4) / (pairs + 8)))))
    )
  )
