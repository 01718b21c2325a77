/** Copeland: how many of the others a candidate beats, however narrowly. Source: Copeland 1951, ties for half. */
import type { Pooled } from "./Pairs.js"

/** A pooled preference this near to 0.5 is a tie. */
export const tieBand = 0.02

/** 1 where the row's candidate is preferred, 0 where the column's is, 0.5 for a tie. */
export const duel = ({ n, preference }: Pooled, a: number, b: number, band = tieBand): number => {
  const lead = (preference[a * n + b] as number) - 0.5
  // Weighted means land on the band's edge only up to rounding.
  return lead > band + 1e-12 ? 1 : lead < -band - 1e-12 ? 0 : 0.5
}

/** The share of the others that it beats, a tie for half, 0 to 1. @param band see `tieBand` */
export const scores = (
  pooled: Pooled,
  band = tieBand,
  out: Float64Array = new Float64Array(pooled.n),
  to = 0
): Float64Array => {
  const { n } = pooled
  for (let a = 0; a < n; a++) {
    let sum = 0
    for (let b = 0; b < n; b++) if (b !== a) sum += duel(pooled, a, b, band)
    out[to + a] = n === 1 ? 1 : sum / (n - 1)
  }
  return out
}
