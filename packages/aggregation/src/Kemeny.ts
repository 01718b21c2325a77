/**
 * Kemeny's consensus: the order that disagrees least with the pooled preferences. Source: Kemeny 1959; exact by dynamic
 * programming over subsets (Betzler et al. 2009), above eight candidates Borda's order improved by single moves
 * (a local optimum under insertion, Schiavinotto & Stützle 2004).
 */
import * as Borda from "./Borda.js"
import { bySize } from "./internal/group.js"
import type { Pooled } from "./Pairs.js"

/** Up to this many candidates the consensus is exact. */
export const exactUpTo = 8

export interface Consensus {
  /** Indices of candidates, best first. */
  readonly order: ReadonlyArray<number>
  /** Weighted disagreement: the sum over pairs of the share that prefers the one placed lower. */
  readonly cost: number
  /** False where only a local optimum is known. */
  readonly exact: boolean
  /** The share of the others placed below, 0 to 1; where several orders are best, the mean over all of them. */
  readonly scores: Float64Array
}

const close = 1e-9

interface Table {
  /** By subset: the least cost of having it on top, the ways to reach that, and the ways to go on from there. */
  readonly cost: Float64Array
  readonly ways: Float64Array
  readonly onward: Float64Array
}

const table = bySize((n): Table => {
  const make = () => new Float64Array(1 << n)
  return { cost: make(), ways: make(), onward: make() }
})

/** What it costs to place `x` right below the subset. */
const added = ({ n, preference }: Pooled, subset: number, x: number): number => {
  let sum = 0
  for (let y = 0; y < n; y++) if ((subset >> y) & 1) sum += preference[x * n + y] as number
  return sum
}

const countUp = (pooled: Pooled, { cost, ways }: Table): void => {
  const { n } = pooled
  cost[0] = 0
  ways[0] = 1
  for (let subset = 1; subset < 1 << n; subset++) {
    let least = Number.POSITIVE_INFINITY
    let count = 0
    for (let x = 0; x < n; x++) {
      if (((subset >> x) & 1) === 0) continue
      const before = subset ^ (1 << x)
      const here = (cost[before] as number) + added(pooled, before, x)
      if (here < least - close) {
        least = here
        count = ways[before] as number
      } else if (here <= least + close) count += ways[before] as number
    }
    cost[subset] = least
    ways[subset] = count
  }
}

/** Sums the places of each candidate over all best orders into `out`. */
const exactScores = (pooled: Pooled, out: Float64Array, to: number): Table => {
  const { n } = pooled
  const full = (1 << n) - 1
  const known = table(n)
  const { cost, ways, onward } = known
  countUp(pooled, known)
  onward.fill(0)
  onward[full] = 1
  for (let a = 0; a < n; a++) out[to + a] = 0
  for (let subset = full, size = n; subset > 0; subset--) {
    const after = onward[subset] as number
    if (after === 0) continue
    size = 0
    for (let x = 0; x < n; x++) size += (subset >> x) & 1
    for (let x = 0; x < n; x++) {
      if (((subset >> x) & 1) === 0) continue
      const before = subset ^ (1 << x)
      if ((cost[before] as number) + added(pooled, before, x) > (cost[subset] as number) + close) continue
      onward[before] = (onward[before] as number) + after
      out[to + x] = (out[to + x] as number) + (ways[before] as number) * after * (n - size)
    }
  }
  const total = (ways[full] as number) * Math.max(1, n - 1)
  for (let a = 0; a < n; a++) out[to + a] = n === 1 ? 1 : (out[to + a] as number) / total
  return known
}

const bestOrder = (pooled: Pooled, { cost }: Table): Array<number> => {
  const order: Array<number> = []
  let subset = (1 << pooled.n) - 1
  while (subset > 0) {
    for (let x = 0; x < pooled.n; x++) {
      const before = subset ^ (1 << x)
      if (((subset >> x) & 1) === 0) continue
      if ((cost[before] as number) + added(pooled, before, x) > (cost[subset] as number) + close) continue
      order.unshift(x)
      subset = before
      break
    }
  }
  return order
}

/** Moves one candidate at a time to where it costs least, until no move helps. */
const localOrder = (pooled: Pooled): Array<number> => {
  const { n, preference } = pooled
  const borda = Borda.scores(pooled)
  const order = Array.from(borda, (_, a) => a).sort((a, b) => (borda[b] as number) - (borda[a] as number) || a - b)
  for (let improved = true; improved; ) {
    improved = false
    for (let from = 0; from < n; from++) {
      const x = order[from] as number
      let best = -close
      let target = from
      for (const step of [-1, 1]) {
        let change = 0
        for (let at = from + step; at >= 0 && at < n; at += step) {
          const y = order[at] as number
          change += step * ((preference[x * n + y] as number) - (preference[y * n + x] as number))
          if (change < best) {
            best = change
            target = at
          }
        }
      }
      if (target === from) continue
      order.splice(from, 1)
      order.splice(target, 0, x)
      improved = true
    }
  }
  return order
}

/** Scores as in `Consensus`, without the rest. */
export const scores = (pooled: Pooled, out: Float64Array = new Float64Array(pooled.n), to = 0): Float64Array => {
  if (pooled.n <= exactUpTo) exactScores(pooled, out, to)
  else for (const [place, a] of localOrder(pooled).entries()) out[to + a] = (pooled.n - 1 - place) / (pooled.n - 1)
  return out
}

/** The disagreement of an order with the pooled preferences. */
export const costOf = ({ n, preference }: Pooled, order: ReadonlyArray<number>): number => {
  let cost = 0
  for (const [place, above] of order.entries()) {
    for (const below of order.slice(place + 1)) cost += preference[below * n + above] as number
  }
  return cost
}

/** The consensus, and whether it is exact. */
export const consensus = (pooled: Pooled): Consensus => {
  const exact = pooled.n <= exactUpTo
  const out = new Float64Array(pooled.n)
  const order = exact ? bestOrder(pooled, exactScores(pooled, out, 0)) : localOrder(pooled)
  if (!exact) for (const [place, a] of order.entries()) out[a] = (pooled.n - 1 - place) / (pooled.n - 1)
  return { order, cost: costOf(pooled, order), exact, scores: out }
}
