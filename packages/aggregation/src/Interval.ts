/** A number with the range that its uncertainty leaves; by the bootstrap where nothing closer is known. */
import { draws, type Seed } from "@consortium/core/Seed"

export interface Interval {
  readonly value: number
  readonly low: number
  readonly high: number
}

export interface Options {
  readonly seed: Seed
  /** What is drawn, so that two statistics have draws of their own. @default "bootstrap" */
  readonly word?: string
  /** Resamples. @default 2000 */
  readonly draws?: number
  /** How often the interval should hold the truth. @default 0.95 */
  readonly level?: number
}

export const defaults = { word: "bootstrap", draws: 2000, level: 0.95 } as const

/** The linearly interpolated quantile of sorted numbers. */
export const quantile = (sorted: ArrayLike<number>, share: number): number => {
  const at = share * (sorted.length - 1)
  const low = sorted[Math.floor(at)] as number
  const high = sorted[Math.ceil(at)] as number
  return low + (high - low) * (at - Math.floor(at))
}

/**
 * The percentile bootstrap (Efron 1979): units are drawn with replacement, `statistic` sees how often each was drawn.
 * Draws that leave it undefined (NaN) are dropped.
 */
export const bootstrap = (units: number, statistic: (counts: Float64Array) => number, options: Options): Interval => {
  const { seed, word, draws: rounds, level } = { ...defaults, ...options }
  const value = statistic(new Float64Array(units).fill(1))
  const draw = draws(seed, "bootstrap", word)
  const counts = new Float64Array(units)
  const found: Array<number> = []
  for (let round = 0; round < rounds; round++) {
    counts.fill(0)
    for (let i = 0; i < units; i++) {
      const unit = Math.floor(draw() * units)
      counts[unit] = (counts[unit] as number) + 1
    }
    const one = statistic(counts)
    if (!Number.isNaN(one)) found.push(one)
  }
  if (found.length === 0) return { value, low: Number.NaN, high: Number.NaN }
  const sorted = Float64Array.from(found).sort()
  return { value, low: quantile(sorted, (1 - level) / 2), high: quantile(sorted, (1 + level) / 2) }
}

/** The mean of numbers, one for each unit, with its bootstrap interval; NaN marks a unit that has none. */
export const ofMean = (values: ArrayLike<number>, options: Options): Interval =>
  ofRatio(
    values,
    Array.from(values, (value) => (Number.isNaN(value) ? 0 : 1)),
    options
  )

/** The ratio of two sums over units, with its bootstrap interval. */
export const ofRatio = (above: ArrayLike<number>, below: ArrayLike<number>, options: Options): Interval =>
  bootstrap(
    above.length,
    (counts) => {
      let top = 0
      let bottom = 0
      for (let unit = 0; unit < counts.length; unit++) {
        if (below[unit] === 0) continue
        top += (counts[unit] as number) * (above[unit] as number)
        bottom += (counts[unit] as number) * (below[unit] as number)
      }
      return top / bottom
    },
    options
  )
