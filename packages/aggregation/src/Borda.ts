/**
 * Weighted Borda: how strongly, on average, a candidate is preferred to each other one. Source: Borda 1784, with each
 * judge's points divided by the number of the others (Emerson 2013 for ties and gaps).
 */
import type { Pooled } from "./Pairs.js"

/** Mean pooled preference over the others that it was compared with, 0 to 1; 0.5 where it never was, 1 alone. */
export const scores = (
  { n, preference, weight }: Pooled,
  out: Float64Array = new Float64Array(n),
  to = 0
): Float64Array => {
  for (let a = 0; a < n; a++) {
    let sum = 0
    let count = 0
    for (let b = 0; b < n; b++) {
      if (b === a || weight[a * n + b] === 0) continue
      sum += preference[a * n + b] as number
      count++
    }
    out[to + a] = n === 1 ? 1 : count === 0 ? 0.5 : sum / count
  }
  return out
}
