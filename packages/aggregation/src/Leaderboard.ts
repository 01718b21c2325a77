/**
 * One large graph of comparisons, e.g. of 200 models by a million votes: Bradley–Terry over all of it. One pass adds the
 * comparisons up, n × n; the fit never sees them again. Memory is 16 bytes × n² and three times that while fitting, so it
 * is made for up to some thousands of candidates.
 */
import { draws, Seed } from "@consortium/core/Seed"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as BradleyTerry from "./BradleyTerry.js"
import { emptyPool } from "./internal/group.js"
import { type Interval, quantile } from "./Interval.js"
import type { Pooled } from "./Pairs.js"

/** Comparisons in columns, one entry each. */
export interface Comparisons {
  readonly candidates: ReadonlyArray<string>
  /** Indices of candidates. */
  readonly first: ArrayLike<number>
  readonly second: ArrayLike<number>
  /** For the first: 1, 0.5 for a tie, 0; anything between is allowed. */
  readonly preference: ArrayLike<number>
  /** @default 1 for all */
  readonly weight?: ArrayLike<number>
}

export interface Comparison {
  readonly first: string
  readonly second: string
  readonly preference: number
  /** @default 1 */
  readonly weight?: number
}

/** A comparison that can't be counted. */
export class InvalidComparison extends Schema.TaggedError<InvalidComparison>()("InvalidComparison", {
  /** From 0. */
  at: Schema.Int,
  detail: Schema.String
}) {
  readonly isRetryable = false
  override get message(): string {
    return `comparison ${this.at}: ${this.detail}; correct it or leave it out`
  }
}

/** Writes comparisons by id in columns; candidates in the order in which they first appear. */
export const columns = (comparisons: Iterable<Comparison>): Comparisons => {
  const index = new Map<string, number>()
  const place = (id: string): number => {
    const known = index.get(id)
    if (known !== undefined) return known
    index.set(id, index.size)
    return index.size - 1
  }
  const first: Array<number> = []
  const second: Array<number> = []
  const preference: Array<number> = []
  const weight: Array<number> = []
  for (const one of comparisons) {
    first.push(place(one.first))
    second.push(place(one.second))
    preference.push(one.preference)
    weight.push(one.weight ?? 1)
  }
  return { candidates: [...index.keys()], first, second, preference, weight }
}

export interface Options {
  /** The precision of the normal prior, which also ties unconnected parts together. @default 0.3 */
  readonly ridge?: number
  /** @default "laplace" */
  readonly interval?: "laplace" | "bootstrap"
  /** Resamples of the comparisons; one pass over them each. @default 100 */
  readonly draws?: number
  /** How often intervals should hold the truth. @default 0.95 */
  readonly level?: number
  /** For the bootstrap, a 32-bit integer. @default 1 */
  readonly seed?: number
}

export const defaults = { ridge: BradleyTerry.ridge, interval: "laplace", draws: 100, level: 0.95, seed: 1 } as const

export interface Entry {
  readonly id: string
  /** Log-odds; the mean of all is 0. */
  readonly strength: Interval
  /** On Elo's scale: 1000 for the mean, 400 for odds of ten to one. */
  readonly rating: Interval
  /** The weight of its comparisons. */
  readonly comparisons: number
  /** Its share of them won, a tie for half. */
  readonly winRate: number
}

export interface Leaderboard {
  /** Best first. */
  readonly entries: ReadonlyArray<Entry>
  /** How many parts of the graph no comparison connects: above 1, strengths of different parts can't be compared. */
  readonly parts: number
}

type Weigh = ((at: number) => number) | undefined

/** Adds comparisons up; answers what is wrong with one, if anything is. */
const addUp = (data: Comparisons, resample: Weigh, pooled: Pooled): InvalidComparison | undefined => {
  const n = data.candidates.length
  const { first, second, preference, weight } = data
  const won = pooled.preference
  const total = pooled.weight
  won.fill(0)
  total.fill(0)
  for (let at = 0; at < first.length; at++) {
    const a = first[at] as number
    const b = second[at] as number
    const p = preference[at] as number
    const given = weight === undefined ? 1 : (weight[at] as number)
    if (!(a >= 0 && a < n && b >= 0 && b < n))
      return new InvalidComparison({ at, detail: `no candidates ${a} and ${b}` })
    if (a === b) return new InvalidComparison({ at, detail: "a candidate is compared with itself" })
    if (!(p >= 0 && p <= 1)) return new InvalidComparison({ at, detail: `a preference of ${p} is not from 0 to 1` })
    if (!(given >= 0 && given < Number.POSITIVE_INFINITY))
      return new InvalidComparison({ at, detail: `a weight of ${given}` })
    const w = resample === undefined ? given : given * resample(at)
    // The upper triangle only: the lower one says the same.
    const cell = a < b ? a * n + b : b * n + a
    won[cell] = (won[cell] as number) + w * (a < b ? p : 1 - p)
    total[cell] = (total[cell] as number) + w
  }
  for (let a = 0; a < n; a++) {
    for (let b = a + 1; b < n; b++) {
      const w = total[a * n + b] as number
      const mean = w === 0 ? 0.5 : (won[a * n + b] as number) / w
      won[a * n + b] = mean
      won[b * n + a] = 1 - mean
      total[b * n + a] = w
    }
  }
  return undefined
}

const partsOf = ({ n, weight }: Pooled): number => {
  const seen = new Uint8Array(n)
  let parts = 0
  for (let from = 0; from < n; from++) {
    if (seen[from] === 1) continue
    parts++
    const queue = [from]
    seen[from] = 1
    for (let a = queue.pop(); a !== undefined; a = queue.pop()) {
      for (let b = 0; b < n; b++) {
        if (seen[b] === 1 || weight[a * n + b] === 0) continue
        seen[b] = 1
        queue.push(b)
      }
    }
  }
  return parts
}

/** Poisson(1) counts by inversion: how often each comparison is in a resample of very many. */
const poisson =
  (draw: () => number): ((at: number) => number) =>
  () => {
    let left = draw() - Math.exp(-1)
    let count = 0
    for (let mass = Math.exp(-1); left >= 0 && count < 12; left -= mass) {
      count++
      mass /= count
    }
    return count
  }

const bootstrap = (data: Comparisons, strengths: Float64Array, options: Required<Options>): ReadonlyArray<Interval> => {
  const n = strengths.length
  const pooled = emptyPool(n)
  const solve = BradleyTerry.solver(n, options.ridge)
  const samples = Array.from(strengths, () => new Float64Array(options.draws))
  for (let round = 0; round < options.draws; round++) {
    addUp(data, poisson(draws(Seed.make(options.seed), "leaderboard", round)), pooled)
    const fit = solve(pooled)
    for (let a = 0; a < n; a++) (samples[a] as Float64Array)[round] = fit.strengths[a] as number
  }
  return samples.map((sample, a) => {
    const sorted = sample.sort()
    const edge = (1 - options.level) / 2
    return { value: strengths[a] as number, low: quantile(sorted, edge), high: quantile(sorted, 1 - edge) }
  })
}

const perStrength = 400 / Math.LN10
const ratingOf = ({ value, low, high }: Interval): Interval => ({
  value: 1000 + perStrength * value,
  low: 1000 + perStrength * low,
  high: 1000 + perStrength * high
})

const tally = (
  { n, preference, weight }: Pooled,
  a: number
): { readonly comparisons: number; readonly winRate: number } => {
  let comparisons = 0
  let won = 0
  for (let b = 0; b < n; b++) {
    comparisons += weight[a * n + b] as number
    won += (weight[a * n + b] as number) * (preference[a * n + b] as number)
  }
  return { comparisons, winRate: comparisons === 0 ? 0.5 : won / comparisons }
}

/** Fits the leaderboard. */
export const fit = (data: Comparisons, options: Options = {}): Result.Result<Leaderboard, InvalidComparison> => {
  const chosen = { ...defaults, ...options }
  const pooled = emptyPool(data.candidates.length)
  const problem = addUp(data, undefined, pooled)
  if (problem !== undefined) return Result.fail(problem)
  const posterior = BradleyTerry.fit(pooled, 1, chosen.ridge)
  const strengths =
    chosen.interval === "laplace"
      ? BradleyTerry.intervals(posterior, chosen.level)
      : bootstrap(data, posterior.strengths, chosen)
  const entries = strengths.map((strength, a) => ({
    id: data.candidates[a] as string,
    strength,
    rating: ratingOf(strength),
    ...tally(pooled, a)
  }))
  entries.sort((a, b) => b.strength.value - a.strength.value)
  return Result.succeed({ entries, parts: partsOf(pooled) })
}
