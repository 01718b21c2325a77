/**
 * Bradley–Terry with a ridge: strengths θ with P(a beats b) = σ(θa − θb), the posterior's mode by Newton's method and
 * the chance of being best by Laplace's approximation. Source: Bradley & Terry 1952; ridge as a normal prior.
 */
import { draws, type Seed } from "@consortium/core/Seed"
import type { Pooled } from "./Pairs.js"

/** The prior's precision. */
export const ridge = 0.3

/** A strength of each candidate, with how well it is known. */
export interface Fit {
  readonly strengths: Float64Array
  /** `n × n`, row-major: the negative Hessian of the log posterior at the mode. */
  readonly precision: Float64Array
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

const limits = { steps: 50, step: 2, enough: 1e-10 } as const

/** Gradient and negative Hessian of the log posterior. */
const slope = ({ n, preference, weight }: Pooled, scale: number, theta: Float64Array, gradient: Float64Array, precision: Float64Array) => {
  precision.fill(0)
  for (let a = 0; a < n; a++) {
    gradient[a] = -ridge * (theta[a] as number)
    precision[a * n + a] = ridge
  }
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < n; b++) {
      const w = scale * (weight[a * n + b] as number)
      if (a === b || w === 0) continue
      const p = sigmoid((theta[a] as number) - (theta[b] as number))
      const curve = w * p * (1 - p)
      gradient[a] = (gradient[a] as number) + w * ((preference[a * n + b] as number) - p)
      precision[a * n + a] = (precision[a * n + a] as number) + curve
      precision[a * n + b] = -curve
    }
  }
}

/** The lower Cholesky factor of a positive definite matrix. */
const cholesky = (matrix: Float64Array, n: number): Float64Array => {
  const lower = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j] as number
      for (let k = 0; k < j; k++) sum -= (lower[i * n + k] as number) * (lower[j * n + k] as number)
      lower[i * n + j] = i === j ? Math.sqrt(sum) : sum / (lower[j * n + j] as number)
    }
  }
  return lower
}

/** Solves `L x = v` in place. */
const forward = (lower: Float64Array, n: number, v: Float64Array): void => {
  for (let i = 0; i < n; i++) {
    let sum = v[i] as number
    for (let k = 0; k < i; k++) sum -= (lower[i * n + k] as number) * (v[k] as number)
    v[i] = sum / (lower[i * n + i] as number)
  }
}

/** Solves `Lᵀ x = v` in place. */
const backward = (lower: Float64Array, n: number, v: Float64Array): void => {
  for (let i = n - 1; i >= 0; i--) {
    let sum = v[i] as number
    for (let k = i + 1; k < n; k++) sum -= (lower[k * n + i] as number) * (v[k] as number)
    v[i] = sum / (lower[i * n + i] as number)
  }
}

/** The posterior's mode. @param scale multiplies all weights @default 1 */
export const fit = (pooled: Pooled, scale = 1): Fit => {
  const { n } = pooled
  const strengths = new Float64Array(n)
  const precision = new Float64Array(n * n)
  const step = new Float64Array(n)
  for (let round = 0; round < limits.steps; round++) {
    slope(pooled, scale, strengths, step, precision)
    const lower = cholesky(precision, n)
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
  slope(pooled, scale, strengths, step, precision)
  return { strengths, precision }
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
      if ((strengths[a] as number) + (noise[a] as number) > (strengths[best] as number) + (noise[best] as number)) best = a
    }
    wins[best] = (wins[best] as number) + 1
  }
  return wins.map((count) => count / defaults.draws)
}
