/** Small float64 vector arithmetic for directions of the collection's sum. */
import { dot } from "./score.js"

export const dotOf = (a: Float64Array, b: Float64Array): number => {
  let sum = 0
  for (let j = 0; j < a.length; j++) sum += (a[j] as number) * (b[j] as number)
  return sum
}

export const lengthOf = (a: Float64Array): number => Math.sqrt(dotOf(a, a))

/** The vector at length 1. */
export const unitOf = (a: Float64Array, length: number): Float64Array => a.map((x) => x / length)

/** A sum at some step: the vector, its length, its direction. */
export interface Aim {
  readonly sum: Float64Array
  readonly length: number
  readonly unit: Float64Array
}

/** The length is the canonical one, so that cosines have the same bits on every road. */
export const aimAt = (sum: Float64Array): Aim => {
  const length = Math.sqrt(dot(sum, sum, 0))
  return { sum: sum.slice(), length, unit: unitOf(sum, length) }
}

/** How an aim looks from an earlier one: `along` its direction, `off` by a unit vector times `by`, all over its own length. */
export interface Drift {
  readonly along: number
  readonly off: Float64Array
  readonly by: number
}

export const driftOf = (to: Aim, from: Aim): Drift => {
  const off = new Float64Array(to.sum.length)
  let along = 0
  for (let j = 0; j < off.length; j++)
    along += ((to.sum[j] as number) - (from.sum[j] as number)) * (from.unit[j] as number)
  for (let j = 0; j < off.length; j++) {
    off[j] = (to.sum[j] as number) - (from.sum[j] as number) - along * (from.unit[j] as number)
  }
  const size = lengthOf(off) + 1e-12
  for (let j = 0; j < off.length; j++) off[j] = (off[j] as number) / size
  return { along: (from.length + along) / to.length, off, by: size / to.length }
}

/**
 * A direction between two others: `u = a·ua + c·uc + r` with a, c ≥ 0, so that a row's cosine to `u` is at least
 * `a·lowA + c·lowC − |r|`.
 */
export interface Between {
  readonly a: number
  readonly c: number
  readonly rest: number
}

export const between = (u: Float64Array, ua: Float64Array, uc: Float64Array, cosine: number): Between => {
  const pa = dotOf(u, ua)
  const pc = dotOf(u, uc)
  const det = 1 - cosine * cosine
  let a = det < 1e-12 ? 1 : (pa - cosine * pc) / det
  let c = det < 1e-12 ? 0 : (pc - cosine * pa) / det
  if (a < 0) {
    a = 0
    c = Math.max(0, pc)
  }
  if (c < 0) {
    c = 0
    a = Math.max(0, pa)
  }
  const square = 1 - 2 * (a * pa + c * pc) + a * a + c * c + 2 * a * c * cosine
  return { a, c, rest: Math.sqrt(Math.max(0, square)) }
}
