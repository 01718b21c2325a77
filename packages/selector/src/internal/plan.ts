/** How many steps to guess at once, and among which rows: what costs the least a step, by the bounds' distribution. */
import { type Aim, dotOf } from "./direction.js"
import type { Ground } from "./ground.js"

/** What guesses of one level have learnt. */
export interface Gauge {
  /** How wide a pool has to be, in turns of one pick. */
  width: number
  /** How much of the planned steps runs get through. */
  reach: number
  /** How many rows a step scores exactly. */
  exact: number
}

export const startGauge = (): Gauge => ({ width: 0.22, reach: 1, exact: 0 })

/** A run was taken back. */
export const widen = (gauge: Gauge): void => {
  gauge.width = Math.min(1, gauge.width * 1.4)
  gauge.reach = Math.max(0.25, gauge.reach * 0.85)
}
/** A run was proven. */
export const narrow = (gauge: Gauge): void => {
  gauge.width = Math.max(0.05, gauge.width * 0.96)
  gauge.reach = Math.min(1, gauge.reach * 1.1)
}

/**
 * Costs in bounds of rows: a bound that a proof takes; a pool's row for being copied, and for a step, where the pool's
 * steps are guessed in a smaller one and where they are not.
 */
const costs = { proof: 1.5, copied: 3, nested: 0.2, plain: 1 }
/** What a sweep costs besides its rows, in numbers. */
const sweepNumbers = 800_000
const lengths = [2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024]

export interface Plan {
  /** How many steps, the certain one counted. */
  readonly steps: number
  /** The cosine up to which bounds make a row one of the pool. */
  readonly cut: number
}

export interface Asking {
  readonly ground: Ground
  readonly low: 0 | 1
  readonly gauge: Gauge
  /** The last certain choice's cosine, at this aim. */
  readonly cosine: number
  readonly aim: Aim
  /** By how much bounds are too low. */
  readonly lost: number
  /** The most steps. */
  readonly most: number
  /** The most rows of a pool. */
  readonly capacity: number
  readonly isNested: boolean
}

export const planOf = ({ aim, capacity, cosine, gauge, ground, isNested, lost, low, most }: Asking): Plan => {
  const { n, threads } = ground
  const turn = turnOf(cosine, aim.length)
  const count = ground.counts(low, cosine - 0.02)
  const angle = Math.acos(clamp(cosine))
  const at = (gap: number) => Math.cos(Math.max(0, angle - gap))
  const gapOf = (length: number) => gauge.width * turn * Math.sqrt(length) + 0.0005 + lost
  const fixed = sweepNumbers / aim.sum.length
  const perStep = isNested ? costs.nested : costs.plain
  let best = n / threads + fixed
  let steps = 1
  for (const length of lengths) {
    if (length > most) break
    const pool = count(at(gapOf(length)))
    if (pool > capacity - 64) break
    let bounds = 0
    for (let spans = 1; spans < length; spans *= 2) {
      bounds += spans * Math.max(0, count(at(0.45 * turn * Math.sqrt(length / spans) + lost)) - pool)
    }
    const cost = ((n + bounds * costs.proof) / threads + fixed + pool * costs.copied) / length + pool * perStep
    if (cost < best) {
      best = cost
      steps = length
    }
  }
  const planned = Math.max(1, Math.floor(steps * gauge.reach))
  return { steps: planned, cut: at(gapOf(planned)) }
}

const clamp = (cosine: number): number => Math.max(-1, Math.min(1, cosine))

/** The angle by which a pick of this cosine turns a sum of this length. */
export const turnOf = (cosine: number, length: number): number =>
  Math.atan2(Math.sqrt(Math.max(0, 1 - cosine * cosine)), length + cosine)

/** The sine of the angle between two aims. */
export const turnBetween = (a: Aim, b: Aim): number => Math.sqrt(Math.max(0, 1 - dotOf(a.unit, b.unit) ** 2))
