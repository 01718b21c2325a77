/**
 * Bradley–Terry with a ridge: strengths θ with P(a beats b) = σ(θa − θb), a tie as half a win of each. The posterior's
 * mode by Newton's method, intervals and the chance of being best by Laplace's approximation. Source: Bradley & Terry
 * 1952; the ridge is a normal prior.
 */
import { draws, type Seed } from "@consortium/core/Seed"
import { backward, cholesky, forward, inverseDiagonal, sigmoid } from "./internal/linear.js"
import { normalQuantile } from "./internal/normal.js"
import type { Interval } from "./Interval.js"
import type { Pooled } from "./Pairs.js"

/** The prior's precision. */
export const ridge = 0.3

/** A strength of each candidate, with how well it is known. */
export interface Fit {
  readonly strengths: Float64Array
  /** `n × n`, row-major: the negative Hessian of the log posterior at the mode. */
  readonly precision: Float64Array
}

const limits = { steps: 50, step: 2, enough: 1e-10 } as const

/** Gradient and negative Hessian of the log posterior. */
const slope = (
  { n, preference, weight }: Pooled,
  scale: number,
  prior: number,
  theta: Float64Array,
  gradient: Float64Array,
  precision: Float64Array
) => {
  for (let a = 0; a < n; a++) {
    gradient[a] = -prior * (theta[a] as number)
    precision[a * n + a] = prior
  }
  for (let a = 0; a < n; a++) {
    for (let b = a + 1; b < n; b++) {
      const w = scale * (weight[a * n + b] as number)
      const p = w === 0 ? 0 : sigmoid((theta[a] as number) - (theta[b] as number))
      // The other direction says the same: preferences and chances sum to 1.
      const pull = w * ((preference[a * n + b] as number) - p)
      const curve = w * p * (1 - p)
      gradient[a] = (gradient[a] as number) + pull
      gradient[b] = (gradient[b] as number) - pull
      precision[a * n + a] = (precision[a * n + a] as number) + curve
      precision[b * n + b] = (precision[b * n + b] as number) + curve
      precision[a * n + b] = -curve
      precision[b * n + a] = -curve
    }
  }
}

/** Fits of one size in the same arrays: each overwrites the last one's. @param prior the ridge @default 0.3 */
export const solver = (n: number, prior: number = ridge): ((pooled: Pooled, scale?: number) => Fit) => {
  const strengths = new Float64Array(n)
  const precision = new Float64Array(n * n)
  const lower = new Float64Array(n * n)
  const step = new Float64Array(n)
  const fit: Fit = { strengths, precision }
  return (pooled, scale = 1) => {
    strengths.fill(0)
    for (let round = 0; round < limits.steps; round++) {
      slope(pooled, scale, prior, strengths, step, precision)
      cholesky(precision, n, lower)
      forward(lower, n, step)
      backward(lower, n, step)
      let moved = 0
      for (let a = 0; a < n; a++) {
        const by = Math.min(limits.step, Math.max(-limits.step, step[a] as number))
        strengths[a] = (strengths[a] as number) + by
        moved = Math.max(moved, Math.abs(by))
      }
      if (moved < limits.enough) break
    }
    slope(pooled, scale, prior, strengths, step, precision)
    return fit
  }
}

/** The posterior's mode. @param scale multiplies all weights @default 1 @param prior the ridge @default 0.3 */
export const fit = (pooled: Pooled, scale = 1, prior: number = ridge): Fit => solver(pooled.n, prior)(pooled, scale)

/**
 * Laplace intervals of the strengths around their mean, in log-odds: only differences mean anything, so the prior's doubt
 * about the common level is left out. @param level how often they should hold the truth @default 0.95
 */
export const intervals = ({ strengths, precision }: Fit, level = 0.95): ReadonlyArray<Interval> => {
  const n = strengths.length
  const z = normalQuantile(0.5 + level / 2)
  // The level is an eigenvector, with the ridge for its value: fix it by adding 1 to all cells, then take it out.
  const prior = precision.subarray(0, n).reduce((sum, cell) => sum + cell, 0)
  const variance = inverseDiagonal(
    cholesky(
      precision.map((cell) => cell + 1),
      n
    ),
    n
  )
  return Array.from(strengths, (value, a) => {
    const half = z * Math.sqrt(Math.max(0, (variance[a] as number) - 1 / (n * (prior + n))))
    return { value, low: value - half, high: value + half }
  })
}

/** Draws from the posterior of which the shares of wins are taken. */
export const defaults = { draws: 400 } as const

/** How often each candidate is the strongest in seeded draws from N(mode, precision⁻¹); the shares' sum is 1. */
export const bestShares = ({ strengths, precision }: Fit, seed: Seed, word: string): Float64Array => {
  const n = strengths.length
  const lower = cholesky(precision, n)
  const draw = draws(seed, "best", word)
  const noise = new Float64Array(n)
  const wins = new Float64Array(n)
  for (let i = 0; i < defaults.draws; i++) {
    // Box–Muller; 1 − u keeps the logarithm finite.
    for (let a = 0; a < n; a++) noise[a] = Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw())
    backward(lower, n, noise)
    let best = 0
    for (let a = 1; a < n; a++) {
      if ((strengths[a] as number) + (noise[a] as number) > (strengths[best] as number) + (noise[best] as number))
        best = a
    }
    wins[best] = (wins[best] as number) + 1
  }
  return wins.map((count) => count / defaults.draws)
}
