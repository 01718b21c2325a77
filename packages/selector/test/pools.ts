/** Small pools for the laws of all rules. */
import { EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import { PromptId } from "@consortium/core/Ids"
import * as Seed from "@consortium/core/Seed"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

export const matrixOf = (...rows: ReadonlyArray<ReadonlyArray<number>>): EmbeddingMatrix =>
  Result.getOrThrow(
    EmbeddingMatrix.make(
      { model: "m", dimension: rows[0]?.length ?? 0 },
      rows.map((_, index) => PromptId.make(`p${index}`)),
      Float32Array.from(rows.flat())
    )
  )

/** Points in a box that is off the middle, or on a small lattice, where equal rows and equal scores happen often. */
export const randomMatrix = (word: number, rows: number, dimension: number, lattice = false): EmbeddingMatrix => {
  const draw = Seed.draws(Seed.Seed.make(word >>> 0), "matrix")
  const coordinate = () => (lattice ? Math.floor(draw() * 3) - 1 : draw() * 2 - 0.8)
  return matrixOf(
    ...Array.from({ length: rows }, () => {
      const row = Array.from({ length: dimension }, coordinate)
      return row.every((x) => x === 0) ? row.map((_, j) => (j === 0 ? 1 : 0)) : row
    })
  )
}

export const World = {
  word: Schema.Int,
  rows: Schema.Literals([1, 2, 7, 25]),
  dimension: Schema.Literals([1, 3, 9]),
  lattice: Schema.Boolean,
  target: Schema.Literals([1, 2, 6, 40])
}

/** The cosine of two rows, kept in its range, summed in the canonical lanes. */
export const cosine = (matrix: EmbeddingMatrix, a: number, b: number): number => {
  const x = matrix.row(a)
  const y = matrix.row(b)
  const lanes = new Float64Array(8)
  for (let j = 0; j < x.length; j++) lanes[j % 8] = (lanes[j % 8] ?? 0) + (x[j] ?? 0) * (y[j] ?? 0)
  const [l0 = 0, l1 = 0, l2 = 0, l3 = 0, l4 = 0, l5 = 0, l6 = 0, l7 = 0] = lanes
  return Math.min(1, Math.max(-1, l0 + l4 + (l2 + l6) + (l1 + l5 + (l3 + l7))))
}

/** The cosine to the nearest of some rows; -1 where there are none. */
export const nearest = (matrix: EmbeddingMatrix, row: number, rows: Iterable<number>): number => {
  let near = -1
  for (const other of rows) near = Math.max(near, cosine(matrix, row, other))
  return near
}

export const allRows = (matrix: EmbeddingMatrix): ReadonlyArray<number> =>
  Array.from({ length: matrix.rows }, (_, k) => k)

/** The row with the highest value, the lowest row of equal ones; undefined where there is none. */
const argmax = (rows: ReadonlyArray<number>, valueOf: (row: number) => number): number | undefined =>
  rows.reduce<number | undefined>(
    (best, row) => (best === undefined || valueOf(row) > valueOf(best) ? row : best),
    undefined
  )

/** Greedy by definition, from scratch at every step. */
export const greedily = (
  matrix: EmbeddingMatrix,
  first: ReadonlyArray<number>,
  size: number,
  valueOf: (row: number, chosen: ReadonlyArray<number>) => number
): ReadonlyArray<number> => {
  const chosen = [...first]
  while (chosen.length < size) {
    const left = allRows(matrix).filter((row) => !chosen.includes(row))
    const best = argmax(left, (row) => valueOf(row, chosen))
    if (best === undefined) break
    chosen.push(best)
  }
  return chosen
}
