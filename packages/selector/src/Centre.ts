/** A matrix with its mean taken out, for models whose vectors all point to the same side. */
import { EmbeddingMatrix, roomFor } from "@consortium/core/EmbeddingMatrix"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { makePace } from "./internal/pace.js"
import { add } from "./internal/score.js"

export interface Centred {
  /** Row by row what is left without the mean, at length 1 again. Its space is a variant of its own. */
  readonly matrix: EmbeddingMatrix
  /** What was taken out of each row. */
  readonly mean: Float64Array
  /** Rows that lie on the mean, within 1e-6: nothing is left of them to have a direction, so they stay as they were. */
  readonly unmoved: Uint32Array
}

const onTheMean = 1e-6

/**
 * Takes the mean out of all rows. Cosines are then about 0 on average, and the mean of a large diverse selection tends
 * to have no direction: a tripwire hardly ever fires, and the fence has little to go by. The copy takes the matrix's
 * memory once more; selections of it name the same rows.
 */
export const centre = Effect.fnUntraced(function* (matrix: EmbeddingMatrix): Effect.fn.Return<Centred> {
  const { rows, data, space } = matrix
  const { dimension } = space
  const pace = makePace()
  const mean = new Float64Array(dimension)
  for (let row = 0; row < rows; row++) {
    add(mean, data, row * dimension)
    const rest = pace(dimension)
    if (rest !== undefined) yield* rest
  }
  for (let j = 0; j < dimension; j++) mean[j] = (mean[j] as number) / rows
  const out = roomFor(data.length)
  const unmoved: Array<number> = []
  for (let row = 0; row < rows; row++) {
    const from = row * dimension
    let square = 0
    for (let j = 0; j < dimension; j++) square += ((data[from + j] as number) - (mean[j] as number)) ** 2
    const length = Math.sqrt(square)
    if (length <= onTheMean) {
      unmoved.push(row)
      out.set(matrix.row(row), from)
    } else {
      for (let j = 0; j < dimension; j++) out[from + j] = ((data[from + j] as number) - (mean[j] as number)) / length
    }
    const rest = pace(dimension)
    if (rest !== undefined) yield* rest
  }
  const variant = space.variant === undefined ? "centred" : `${space.variant}, centred`
  // Finite, not zero, and with the ids of a matrix: it can't be refused.
  const centred = Result.getOrThrow(EmbeddingMatrix.make({ ...space, variant }, matrix.ids, out))
  return { matrix: centred, mean, unmoved: Uint32Array.from(unmoved) }
})
