import type { EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import type { Pool } from "@consortium/core/Selection"
import * as FarthestFirst from "@consortium/selector/FarthestFirst"
import * as Fence from "@consortium/selector/Fence"
import * as MaximalMarginalRelevance from "@consortium/selector/MaximalMarginalRelevance"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { greedily, matrixOf, nearest, randomMatrix, World } from "./pools.js"

const selected = (options: MaximalMarginalRelevance.Options, pool: Pool) =>
  Effect.runSync(MaximalMarginalRelevance.make({ guard: "off", start: "first", ...options }).select(pool))

const toMean = (matrix: EmbeddingMatrix, row: number, chosen: ReadonlyArray<number>) => {
  const sum = Float64Array.from(matrix.row(0), () => 0)
  for (const pick of chosen) for (const [j, x] of matrix.row(pick).entries()) sum[j] = (sum[j] ?? 0) + x
  const length = Math.sqrt(sum.reduce((total, x) => total + x * x, 0))
  return matrix.row(row).reduce((total, x, j) => total + x * (sum[j] ?? 0), 0) / length
}

describe("MaximalMarginalRelevance", () => {
  it.prop("takes the lowest mixed cosine", World, ({ word, rows, dimension, target }) => {
    const matrix = randomMatrix(word, rows, dimension + 2)
    for (const lambda of [0.3, 0.5]) {
      const value = (row: number, chosen: ReadonlyArray<number>) =>
        lambda * toMean(matrix, row, chosen) + (1 - lambda) * nearest(matrix, row, chosen)
      const { picks, cosines } = selected({ stop: { targetSize: target }, lambda }, { matrix })
      const expected = greedily(matrix, [0], target, (row, chosen) => -value(row, chosen))
      assert.deepStrictEqual([...picks], expected)
      for (const [k, row] of expected.entries()) {
        if (k > 0) assert.approximately(cosines[k] ?? 9, value(row, expected.slice(0, k)), 1e-9)
      }
      const weights = Float64Array.from({ length: rows }, (_, row) => 1 + (row % 3))
      const weighted = greedily(matrix, [0], target, (row, chosen) => (1 + (row % 3)) * (1 - value(row, chosen)))
      assert.deepStrictEqual(
        [...selected({ stop: { targetSize: target }, lambda }, { matrix, weights }).picks],
        weighted
      )
    }
  })

  it.prop("is the fence at 1", World, ({ word, rows, dimension, lattice, target }) => {
    const pool = { matrix: randomMatrix(word, rows, dimension, lattice) }
    const stop = { targetSize: target, tripwire: 0.9 }
    const fence = Effect.runSync(Fence.make({ stop, start: "first", guard: "off" }).select(pool))
    const mmr = selected({ stop, lambda: 1 }, pool)
    assert.deepStrictEqual([...mmr.picks], [...fence.picks])
    assert.deepStrictEqual([...mmr.cosines], [...fence.cosines])
    assert.strictEqual(mmr.stopped, fence.stopped)
  })

  it.prop("is farthest first at 0", World, ({ word, rows, dimension, target }) => {
    const pool = { matrix: randomMatrix(word, rows, dimension + 2) }
    const stop = { targetSize: target }
    const farthest = Effect.runSync(FarthestFirst.make({ stop, start: "first", guard: "off" }).select(pool))
    const mmr = selected({ stop, lambda: 0 }, pool)
    assert.deepStrictEqual([...mmr.picks], [...farthest.picks])
    assert.deepStrictEqual([...mmr.cosines], [...farthest.cosines])
  })

  it("is both where rows are many enough for kernels", () => {
    const pool = { matrix: randomMatrix(11, 500, 70) }
    const stop = { targetSize: 300 }
    const fence = Effect.runSync(Fence.make({ stop, start: "first", kernel: "plain", guard: "off" }).select(pool))
    const atOne = selected({ stop, lambda: 1 }, pool)
    assert.deepStrictEqual([...atOne.picks], [...fence.picks])
    assert.deepStrictEqual([...atOne.cosines], [...fence.cosines])
    const farthest = Effect.runSync(FarthestFirst.make({ stop, start: "first", guard: "off" }).select(pool))
    const atNought = selected({ stop, lambda: 0 }, pool)
    assert.deepStrictEqual([...atNought.picks], [...farthest.picks])
    assert.deepStrictEqual([...atNought.cosines], [...farthest.cosines])
    for (const k of [1, 150, 299]) {
      const row = farthest.picks[k] ?? 0
      assert.strictEqual(farthest.cosines[k], nearest(pool.matrix, row, farthest.picks.subarray(0, k)))
    }
  })

  it("has no cosine where the average has no direction", () => {
    const square = matrixOf([1, 0], [0, 1], [-1, 0], [0, -1])
    const { cosines } = selected({ stop: { tripwire: 0.5, targetSize: 3 } }, { matrix: square })
    assert.deepStrictEqual([...cosines], [-2, -1, -2])
  })

  it("refuses a lambda that is no share", () => {
    for (const lambda of [-0.1, 1.1, Number.NaN]) {
      const { select } = MaximalMarginalRelevance.make({ stop: { targetSize: 1 }, lambda })
      assert.strictEqual(Effect.runSync(Effect.flip(select({ matrix: matrixOf([1, 0]) }))).why, "wrong-shape")
    }
  })
})
