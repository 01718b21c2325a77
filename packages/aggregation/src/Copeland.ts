/** Copeland: how many of the others a candidate beats, however narrowly. */
import type { Pooled } from "./Pairs.js"

/** A pooled preference this near to 0.5 is a tie. */
export const tieBand = 0.02

/** 1 where the row's candidate is preferred, 0 where the column's is, 0.5 for a tie. */
export const duel = ({ n, preference }: Pooled, a: number, b: number): number => {
  const lead = (preference[a * n + b] as number) - 0.5
  // Weighted means land on the band's edge only up to rounding.
  return lead > tieBand + 1e-12 ? 1 : lead < -tieBand - 1e-12 ? 0 : 0.5
}

/** The share of the others that it beats, a tie for half, 0 to 1. */
export const scores = (pooled: Pooled): Float64Array => {
  const { n } = pooled
  const out = new Float64Array(n)
  for (let a = 0; a < n; a++) {
    let sum = 0
    for (let b = 0; b < n; b++) if (b !== a) sum += duel(pooled, a, b)
    out[a] = n === 1 ? 1 : sum / (n - 1)
  }
  return out
}
