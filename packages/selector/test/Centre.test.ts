import { EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import * as Centre from "@consortium/selector/Centre"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { allRows, matrixOf, randomMatrix, World } from "./pools.js"

const centred = (matrix: EmbeddingMatrix) => Effect.runSync(Centre.centre(matrix))

describe("Centre", () => {
  it.prop("takes the mean out of each row and scales what is left", World, ({ word, rows, dimension, lattice }) => {
    const matrix = randomMatrix(word, rows, dimension, lattice)
    const { matrix: out, mean, unmoved } = centred(matrix)
    for (const [j, x] of mean.entries()) {
      const column = allRows(matrix).reduce((sum, row) => sum + (matrix.row(row)[j] ?? 0), 0)
      assert.approximately(x, column / rows, 1e-12)
    }
    for (const row of allRows(matrix)) {
      const rest = [...matrix.row(row)].map((x, j) => x - (mean[j] ?? 0))
      const length = Math.hypot(...rest)
      const expected = unmoved.includes(row) ? [...matrix.row(row)] : rest.map((x) => x / length)
      for (const [j, x] of out.row(row).entries()) assert.approximately(x, expected[j] ?? 9, 1e-6)
      if (unmoved.includes(row)) assert.isAtMost(length, 1e-6)
    }
    assert.deepStrictEqual(out.ids, matrix.ids)
  })

  it("leaves rows on the mean as they are", () => {
    const alike = matrixOf([1, 2], [1, 2])
    assert.deepStrictEqual([...centred(alike).unmoved], [0, 1])
    assert.deepStrictEqual([...centred(alike).matrix.data], [...alike.data])
    assert.deepStrictEqual([...centred(matrixOf([1, 0], [0, 1])).unmoved], [])
  })

  it("names a space of its own", () => {
    const matrix = randomMatrix(1, 3, 2)
    assert.strictEqual(centred(matrix).matrix.space.variant, "centred")
    const space = { model: "m", dimension: 2, variant: "int8" }
    const other = Result.getOrThrow(EmbeddingMatrix.make(space, matrix.ids, matrix.data.slice()))
    assert.strictEqual(centred(other).matrix.space.variant, "int8, centred")
    assert.isTrue(Result.isFailure(matrix.append(centred(matrix).matrix)))
  })
})
