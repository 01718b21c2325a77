/**
 * The near-duplicate guard: rows that are too near to a chosen one are passed over. `docs/selection.md` has the
 * measurements behind the default.
 */
import type { VectorRows } from "@consortium/core/EmbeddingMatrix"
import { draws, Seed } from "@consortium/core/Seed"
import * as Effect from "effect/Effect"
import { makePace } from "./internal/pace.js"
import { cosineOf, dot } from "./internal/score.js"

/** A cosine above which a row is passed over; `adaptive`, which reads it from the pool; or `off`, the pure rule. */
export type Guard = number | "adaptive" | "off"

export interface Options {
  /** Of the sampled pairs. @default 0 */
  readonly seed?: Seed
  /** How many random pairs of rows are compared. @default 10_000 */
  readonly pairs?: number
  /** A near-duplicate's squared distance, as a part of the squared distance of the median pair. @default .1 */
  readonly part?: number
}

const defaults = { seed: Seed.make(0), pairs: 10_000, part: 0.1 }

/** Copies are near-duplicates however narrow a space is: no threshold is above this. */
const highest = 0.99999

/** Cosines of random pairs of different rows, rising; none where there is but one row. */
export const pairCosines = Effect.fnUntraced(function* (
  matrix: VectorRows,
  options: Options = {}
): Effect.fn.Return<Float64Array> {
  const { seed, pairs } = { ...defaults, ...options }
  const { rows } = matrix
  const { dimension } = matrix.space
  if (rows < 2) return new Float64Array(0)
  const pace = makePace()
  const draw = draws(seed, "pairs")
  const cosines = new Float64Array(pairs)
  const one = new Float64Array(dimension)
  for (let k = 0; k < pairs; k++) {
    const row = Math.floor(draw() * rows)
    const other = (row + 1 + Math.floor(draw() * (rows - 1))) % rows
    one.set(matrix.row(row))
    cosines[k] = cosineOf(dot(one, matrix.row(other), 0), 1)
    const rest = pace(dimension)
    if (rest !== undefined) yield* rest
  }
  return cosines.sort()
})

/**
 * The threshold `1 − part · (1 − m)`, where m is the median cosine of a pair: about .9 where pairs are mostly at right
 * angles, .975 in a space whose pairs have .75. As |a − b|² = 2 − 2 cos, it is a part of the typical squared distance,
 * whatever the embedding model. At most .99999.
 */
export const adaptive = (matrix: VectorRows, options: Options = {}): Effect.Effect<number> =>
  Effect.map(pairCosines(matrix, options), (cosines) => {
    const { part } = { ...defaults, ...options }
    const median = cosines[cosines.length >> 1] ?? 0
    return Math.min(highest, Math.max(-1, 1 - part * (1 - median)))
  })

/** A guard's threshold for a pool; nothing where it is off. */
export const thresholdOf = (guard: Guard, matrix: VectorRows): Effect.Effect<number | undefined> =>
  guard === "adaptive" ? adaptive(matrix) : Effect.succeed(guard === "off" ? undefined : guard)
