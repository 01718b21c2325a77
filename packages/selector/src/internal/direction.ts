/** Small float64 vector arithmetic for directions of the collection's sum. */
import { dot } from "./score.js"

export const dotOf = (a: Float64Array, b: Float64Array): number => {
  let sum = 0
  for (let j = 0; j < a.length; j++) sum += (a[j] as number) * (b[j] as number)
  return sum
}

/** A sum at some step: the vector, its length, its direction. */
export interface Aim {
  readonly sum: Float64Array
  readonly length: number
  readonly unit: Float64Array
}

/** Vectors of several aims are allocated at once: one by one they would cost more than what is done with them. */
const together = 32
let block = new Float64Array(0)
let used = 0

const twoVectors = (dimension: number): readonly [Float64Array, Float64Array] => {
  if (block.length < (used + 2) * dimension || block.length !== together * 2 * dimension) {
    block = new Float64Array(together * 2 * dimension)
    used = 0
  }
  const first = block.subarray(used * dimension, (used + 1) * dimension)
  used += 2
  return [first, block.subarray((used - 1) * dimension, used * dimension)]
}

/** The length is the canonical one, so that cosines have the same bits on every road. */
export const aimAt = (of: Float64Array): Aim => {
  const length = Math.sqrt(dot(of, of, 0))
  const [sum, unit] = twoVectors(of.length)
  for (let j = 0; j < of.length; j++) {
    const x = of[j] as number
    sum[j] = x
    unit[j] = x / length
  }
  return { sum, length, unit }
}

/** How an aim looks from an earlier one: `along` its direction, `off` by a unit vector times `by`, all over its own length. */
export interface Drift {
  readonly along: number
  readonly off: Float64Array
  readonly by: number
}

/** @param off what is off, written anew */
export const driftOf = (to: Aim, from: Aim, off: Float64Array): Drift => {
  let along = 0
  for (let j = 0; j < off.length; j++) {
    const moved = (to.sum[j] as number) - (from.sum[j] as number)
    off[j] = moved
    along += moved * (from.unit[j] as number)
  }
  let square = 0
  for (let j = 0; j < off.length; j++) {
    const x = (off[j] as number) - along * (from.unit[j] as number)
    off[j] = x
    square += x * x
  }
  const size = Math.sqrt(square) + 1e-12
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

/** The same from its cosines to the two, and theirs to each other. */
export const betweenOf = (pa: number, pc: number, cosine: number): Between => {
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
