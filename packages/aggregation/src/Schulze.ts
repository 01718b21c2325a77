/**
 * Schulze's beat-path method: a candidate stands above another where its strongest path of won duels is the stronger
 * one. Source: Schulze 2011, "A new monotonic, clone-independent, reversal symmetric, and Condorcet-consistent
 * single-winner election method"; strength is the winner's share of the weight, paths by Floyd and Warshall.
 */
import type { Pooled } from "./Pairs.js"

const close = 1e-12

/** The strength of the strongest path from the row's candidate to the column's, `n × n`; 0 where there is none. */
export const paths = ({ n, preference }: Pooled, out: Float64Array = new Float64Array(n * n)): Float64Array => {
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < n; b++) {
      const p = preference[a * n + b] as number
      out[a * n + b] = a !== b && p > (preference[b * n + a] as number) + close ? p : 0
    }
  }
  for (let via = 0; via < n; via++) {
    for (let a = 0; a < n; a++) {
      const first = out[a * n + via] as number
      if (a === via || first === 0) continue
      for (let b = 0; b < n; b++) {
        if (b === a) continue
        const through = Math.min(first, out[via * n + b] as number)
        if (through > (out[a * n + b] as number)) out[a * n + b] = through
      }
    }
  }
  return out
}

/** The share of the others that it stands above, a tie for half, 0 to 1. */
export const scores = (
  pooled: Pooled,
  out: Float64Array = new Float64Array(pooled.n),
  to = 0,
  scratch?: Float64Array
): Float64Array => {
  const { n } = pooled
  const strength = paths(pooled, scratch)
  for (let a = 0; a < n; a++) {
    let sum = 0
    for (let b = 0; b < n; b++) {
      if (b === a) continue
      const lead = (strength[a * n + b] as number) - (strength[b * n + a] as number)
      sum += lead > close ? 1 : lead < -close ? 0 : 0.5
    }
    out[to + a] = n === 1 ? 1 : sum / (n - 1)
  }
  return out
}
