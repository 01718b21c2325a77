import { Seed } from "@consortium/core/Seed"
import type { Pool } from "@consortium/core/Selection"
import * as FacilityLocation from "@consortium/selector/FacilityLocation"
import * as RandomDraw from "@consortium/selector/RandomDraw"
import type { EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { allRows, cosine, greedily, nearest, randomMatrix, World } from "./pools.js"

const selected = (options: Omit<FacilityLocation.Options, "guard">, pool: Pool) =>
  Effect.runSync(FacilityLocation.make({ ...options, guard: "off" }).select(pool))

const similarity = (matrix: EmbeddingMatrix, a: number, b: number) => Math.fround(Math.max(0, cosine(matrix, a, b)))

/** The sum over all rows of what `row` adds to their similarity to the nearest pick. */
const gain = (matrix: EmbeddingMatrix, row: number, chosen: ReadonlyArray<number>) => {
  let sum = 0
  for (const other of allRows(matrix)) {
    const covered = Math.max(0, ...chosen.map((pick) => similarity(matrix, other, pick)))
    sum += Math.max(0, similarity(matrix, other, row) - covered)
  }
  return sum
}

describe("FacilityLocation", () => {
  it.prop("lazy is as eager, the lowest row of equal gains", World, ({ word, rows, dimension, lattice, target }) => {
    const matrix = randomMatrix(word, rows, dimension, lattice)
    const { picks, cosines } = selected({ stop: { targetSize: target } }, { matrix })
    const expected = greedily(matrix, [], target, (row, chosen) => gain(matrix, row, chosen))
    assert.deepStrictEqual([...picks], expected)
    assert.deepStrictEqual(
      [...cosines].slice(1),
      expected.slice(1).map((row, k) => nearest(matrix, row, expected.slice(0, k + 1)))
    )
  })

  it.prop(
    "weighs the gain, and counts what an earlier collection covers",
    World,
    ({ word, rows, dimension, lattice, target }) => {
      const matrix = randomMatrix(word, rows, dimension, lattice)
      const weights = Float64Array.from({ length: rows }, (_, row) => 1 + (row % 3))
      const { picks } = selected({ stop: { targetSize: target } }, { matrix, weights, earlier: Uint32Array.of(0) })
      const value = (row: number, chosen: ReadonlyArray<number>) => gain(matrix, row, chosen) * (1 + (row % 3))
      assert.deepStrictEqual([0, ...picks], greedily(matrix, [0], target + 1, value))
    }
  )

  it.prop("has at least 63 % of the best sum", World, ({ word, dimension, lattice }) => {
    const matrix = randomMatrix(word, 7, dimension, lattice)
    const all = allRows(matrix)
    const sum = (picks: ReadonlyArray<number>) =>
      all.reduce((total, row) => total + Math.max(0, nearest(matrix, row, picks)), 0)
    let best = 0
    for (const a of all) for (const b of all) for (const c of all) best = Math.max(best, sum([a, b, c]))
    assert.isAtLeast(sum([...selected({ stop: { targetSize: 3 } }, { matrix }).picks]), (1 - 1 / Math.E) * best - 1e-6)
  })

  it("by neighbours comes close to all pairs", () => {
    const matrix = randomMatrix(4, 900, 5)
    const sum = (picks: Uint32Array) => allRows(matrix).reduce((total, row) => total + nearest(matrix, row, picks), 0)
    const stop = { targetSize: 30 }
    const dense = sum(selected({ stop }, { matrix }).picks)
    const sparse = sum(selected({ stop, denseRows: 100 }, { matrix }).picks)
    const random = Effect.runSync(RandomDraw.make({ stop, seed: Seed.make(1) }).select({ matrix })).picks
    assert.isAbove(sparse, sum(random))
    assert.isAbove(sparse, 0.98 * dense)
  })

  it("by neighbours is all pairs where a row may have all rows as neighbours", () => {
    const matrix = randomMatrix(9, 30, 4)
    const stop = { targetSize: 30 }
    assert.deepStrictEqual(
      [...selected({ stop, denseRows: 0, neighbours: 30 }, { matrix }).picks].slice(0, 5),
      [...selected({ stop }, { matrix }).picks].slice(0, 5)
    )
  })

  it("refuses neighbours that are none", () => {
    const matrix = randomMatrix(1, 3, 2)
    const { select } = FacilityLocation.make({ stop: { targetSize: 1 }, neighbours: 0 })
    assert.strictEqual(Effect.runSync(Effect.flip(select({ matrix }))).why, "wrong-shape")
  })
})
