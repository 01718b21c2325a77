/** How many different things there are among some rows, by the eigenvalues of their similarities. */
import type { EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import * as Effect from "effect/Effect"
import { EigenvalueDecomposition, Matrix } from "ml-matrix"
import { Dots } from "./dots.js"
import { makePace } from "./pace.js"

/** The kernel of cosines, over the number of rows. */
const kernelOf = Effect.fnUntraced(function* (matrix: EmbeddingMatrix, rows: Uint32Array): Effect.fn.Return<Matrix> {
  const pace = makePace()
  const dots = new Dots(matrix, rows.length)
  dots.load(rows)
  const kernel = Matrix.zeros(rows.length, rows.length)
  for (const [k, row] of rows.entries()) {
    const cosines = dots.ofRow(row)
    for (let l = 0; l < rows.length; l++) kernel.set(k, l, (cosines[l] as number) / rows.length)
    const rest = pace(rows.length * matrix.space.dimension)
    if (rest !== undefined) yield* rest
  }
  return kernel
})

/** The second moments of the coordinates: the same eigenvalues above 0 as the kernel's, smaller where rows are many. */
const momentsOf = Effect.fnUntraced(function* (matrix: EmbeddingMatrix, rows: Uint32Array): Effect.fn.Return<Matrix> {
  const pace = makePace()
  const { dimension } = matrix.space
  const sums = Array.from({ length: dimension }, () => new Float64Array(dimension))
  for (const row of rows) {
    const e = Float64Array.from(matrix.row(row))
    for (let i = 0; i < dimension; i++) {
      const line = sums[i] as Float64Array
      const x = (e[i] as number) / rows.length
      for (let j = 0; j <= i; j++) line[j] = (line[j] as number) + x * (e[j] as number)
    }
    const rest = pace(dimension * dimension)
    if (rest !== undefined) yield* rest
  }
  return new Matrix(sums.map((line, i) => Float64Array.from(line, (x, j) => (j <= i ? x : (sums[j]?.[i] ?? 0)))))
})

/**
 * The Vendi score (Friedman and Dieng 2023): the exponential of the entropy of the eigenvalues of K/n, where K holds the
 * cosines of the n rows. 1 for equal rows, n for orthonormal ones, 0 for none. Time grows with min(n, dimension)³.
 */
export const vendi = Effect.fnUntraced(function* (
  matrix: EmbeddingMatrix,
  rows: Uint32Array
): Effect.fn.Return<number> {
  if (rows.length === 0) return 0
  const small = rows.length <= matrix.space.dimension ? yield* kernelOf(matrix, rows) : yield* momentsOf(matrix, rows)
  const values = new EigenvalueDecomposition(small, { assumeSymmetric: true }).realEigenvalues
  const entropy = values.reduce((sum, value) => (value > 0 ? sum - value * Math.log(value) : sum), 0)
  return Math.exp(entropy)
})
