/**
 * Judge-aware Bradley–Terry: P(judge says a before b) = σ(α (θa − θb)) with a discrimination α of each judge, learnt
 * together with the strengths and without labels. Source: the discrimination of Birnbaum's two-parameter model (1968) on
 * pairs, as in arXiv 2602.16610 and 2601.21817. It rewards consistency, and may crown a consistently wrong judge: it
 * comes with warnings, and is never used unless it is asked for.
 */
import { backward, cholesky, forward, sigmoid } from "./internal/linear.js"
import { bySize } from "./internal/group.js"
import { warningsOf } from "./internal/warnings.js"
import type { Votes } from "./Votes.js"

export interface JudgeAware {
  /** By id, above 0; the mean of their logarithms is drawn to 0. */
  readonly discriminations: ReadonlyMap<string, number>
  /** Strengths of all candidates, laid out as `votes.candidates`. */
  readonly strengths: Float64Array
  /** What speaks against trusting it here, in sentences; never empty. */
  readonly warnings: ReadonlyArray<string>
}

const limits = { rounds: 12, inner: 3, ridge: 1, spread: 0.7, bound: 3, steps: 25, enough: 1e-9 } as const
const clip = (x: number, bound: number): number => Math.min(bound, Math.max(-bound, x))

interface Room {
  readonly step: Float64Array
  readonly precision: Float64Array
}

const room = bySize((n): Room => ({ step: new Float64Array(n), precision: new Float64Array(n * n) }))

const slope = (
  votes: Votes,
  group: number,
  n: number,
  alpha: Float64Array,
  theta: Float64Array,
  { step, precision }: Room
) => {
  const judges = votes.judges.length
  precision.fill(0)
  for (let a = 0; a < n; a++) {
    step[a] = -limits.ridge * (theta[a] as number)
    precision[a * n + a] = limits.ridge
  }
  for (let j = 0; j < judges; j++) {
    const at = judges * (votes.blocks[group] as number) + j * n * n
    const k = alpha[j] as number
    for (let a = 0; a < n; a++) {
      for (let b = a + 1; b < n; b++) {
        if (votes.heard[at + a * n + b] === 0) continue
        const p = sigmoid(k * ((theta[a] as number) - (theta[b] as number)))
        const pull = k * ((votes.preference[at + a * n + b] as number) - p)
        const curve = k * k * p * (1 - p)
        step[a] = (step[a] as number) + pull
        step[b] = (step[b] as number) - pull
        precision[a * n + a] = (precision[a * n + a] as number) + curve
        precision[b * n + b] = (precision[b * n + b] as number) + curve
        precision[a * n + b] = (precision[a * n + b] as number) - curve
        precision[b * n + a] = (precision[b * n + a] as number) - curve
      }
    }
  }
}

/** Strengths of all candidates at given discriminations (by judge, in `votes.judges`' order). */
export const strengths = (votes: Votes, discriminations: ReadonlyMap<string, number>): Float64Array => {
  const alpha = Float64Array.from(votes.judges, (judge) => discriminations.get(judge) ?? 1)
  const out = new Float64Array(votes.candidates.length)
  for (let g = 0; g + 1 < votes.starts.length; g++) {
    const theta = out.subarray(votes.starts[g], votes.starts[g + 1])
    const n = theta.length
    const mine = room(n)
    for (let round = 0; round < limits.steps; round++) {
      slope(votes, g, n, alpha, theta, mine)
      cholesky(mine.precision, n, mine.precision)
      forward(mine.precision, n, mine.step)
      backward(mine.precision, n, mine.step)
      let moved = 0
      for (let a = 0; a < n; a++) {
        const by = clip(mine.step[a] as number, 2)
        theta[a] = (theta[a] as number) + by
        moved = Math.max(moved, Math.abs(by))
      }
      if (moved < limits.enough) break
    }
  }
  return out
}

/** One Newton step of each judge's log α under a normal prior of spread 0.7. */
const improve = (votes: Votes, theta: Float64Array, logAlpha: Float64Array): void => {
  const judges = votes.judges.length
  const prior = 1 / limits.spread ** 2
  for (let j = 0; j < judges; j++) {
    const k = Math.exp(logAlpha[j] as number)
    let pull = -prior * (logAlpha[j] as number)
    let curve = prior
    for (let g = 0; g + 1 < votes.starts.length; g++) {
      const start = votes.starts[g] as number
      const n = (votes.starts[g + 1] as number) - start
      const at = judges * (votes.blocks[g] as number) + j * n * n
      for (let a = 0; a < n; a++) {
        for (let b = a + 1; b < n; b++) {
          if (votes.heard[at + a * n + b] === 0) continue
          const reach = k * ((theta[start + a] as number) - (theta[start + b] as number))
          const p = sigmoid(reach)
          pull += ((votes.preference[at + a * n + b] as number) - p) * reach
          curve += p * (1 - p) * reach * reach
        }
      }
    }
    logAlpha[j] = clip((logAlpha[j] as number) + clip(pull / curve, 0.5), limits.bound)
  }
}

/** Learns discriminations and strengths in turns. */
export const fit = (votes: Votes): JudgeAware => {
  const logAlpha = new Float64Array(votes.judges.length)
  const named = () => new Map(votes.judges.map((judge, j) => [judge, Math.exp(logAlpha[j] as number)]))
  for (let round = 0; round < limits.rounds; round++) {
    const theta = strengths(votes, named())
    for (let inner = 0; inner < limits.inner; inner++) improve(votes, theta, logAlpha)
    const mean = logAlpha.reduce((sum, value) => sum + value, 0) / Math.max(1, logAlpha.length)
    for (let j = 0; j < logAlpha.length; j++) logAlpha[j] = (logAlpha[j] as number) - mean / 2
  }
  const discriminations = named()
  return {
    discriminations,
    strengths: strengths(votes, discriminations),
    warnings: warningsOf(votes, logAlpha, (value) => Math.abs(value) >= limits.bound - 0.5)
  }
}
