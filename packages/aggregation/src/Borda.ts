/** Weighted Borda: how strongly, on average, a candidate is preferred to each other one. */
import type { Pooled } from "./Pairs.js"

/** Mean pooled preference over the others that it was compared with, 0 to 1; 0.5 where it never was. */
export const scores = ({ n, preference, weight }: Pooled): Float64Array => {
  const out = new Float64Array(n)
  for (let a = 0; a < n; a++) {
    let sum = 0
    let count = 0
    for (let b = 0; b < n; b++) {
      if (b === a || weight[a * n + b] === 0) continue
      sum += preference[a * n + b] as number
      count++
    }
    out[a] = count === 0 ? 0.5 : sum / count
  }
  return out
}
