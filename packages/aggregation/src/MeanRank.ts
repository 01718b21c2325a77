/**
 * Mean rank and reciprocal rank fusion: each judge's own order first, then a mean over judges. A judge's order is by its
 * mean preference over all others, where no verdict counts as a half; equal ones share the mean of their ranks.
 * Source: Cormack, Clarke & Büttcher 2009 for the fusion, with their k of 60.
 */
import type { Group, Scorer } from "./internal/group.js"
import { bySize } from "./internal/group.js"

const close = 1e-9

/** A judge's ranks of the candidates, 1 for the best, into `ranks`; false where it said nothing. */
const ranksOf = (group: Group, judge: number, own: Float64Array, ranks: Float64Array): boolean => {
  const { n, preference, heard } = group
  const block = group.at + judge * n * n
  let any = false
  for (let a = 0; a < n; a++) {
    own[a] = 0
    for (let b = 0; b < n; b++) {
      if (b === a) continue
      const said = (heard[block + a * n + b] as number) > 0
      any ||= said
      own[a] = (own[a] as number) + (said ? (preference[block + a * n + b] as number) : 0.5)
    }
  }
  for (let a = 0; a < n; a++) {
    let rank = 1
    for (let b = 0; b < n; b++) {
      if (b === a) continue
      const lead = (own[b] as number) - (own[a] as number)
      rank += lead > close ? 1 : lead > -close ? 0.5 : 0
    }
    ranks[a] = rank
  }
  return any
}

/** A scorer by the weighted mean over judges of what a rank is worth, stretched to 0 (always last) to 1 (always first). */
const byRanks = (worth: (rank: number) => number): Scorer => {
  const scratch = bySize((n) => [new Float64Array(n), new Float64Array(n)] as const)
  return (group, out, to) => {
    const { n } = group
    const [own, ranks] = scratch(n)
    let total = 0
    for (let a = 0; a < n; a++) out[to + a] = 0
    for (let j = 0; j < group.judges; j++) {
      const w = group.weights[j] as number
      if (w === 0 || !ranksOf(group, j, own, ranks)) continue
      total += w
      for (let a = 0; a < n; a++) out[to + a] = (out[to + a] as number) + w * worth(ranks[a] as number)
    }
    const low = worth(n)
    const high = worth(1)
    for (let a = 0; a < n; a++) {
      out[to + a] = n === 1 ? 1 : total === 0 ? 0.5 : ((out[to + a] as number) / total - low) / (high - low)
    }
  }
}

/** How far reciprocal rank fusion looks past the first place. */
export const defaults = { k: 60 } as const

/** A scorer by mean rank. */
export const meanRank = (): Scorer => byRanks((rank) => -rank)

/** A scorer by the mean of `1 / (k + rank)`. @param k @default 60 */
export const reciprocalRank = (k: number = defaults.k): Scorer => byRanks((rank) => 1 / (k + rank))
