import { PromptId } from "@consortium/core/Ids"
import type { Pool } from "@consortium/core/Selection"
import * as FarthestFirst from "@consortium/selector/FarthestFirst"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { allRows, greedily, matrixOf, nearest, randomMatrix, World } from "./pools.js"

const picksOf = (options: FarthestFirst.Options, pool: Pool) => Effect.runSync(FarthestFirst.make(options).select(pool))

describe("FarthestFirst", () => {
  it.prop(
    "takes the row that is the least like its nearest pick, the lowest of equal ones",
    World,
    ({ word, rows, dimension, lattice, target }) => {
      const matrix = randomMatrix(word, rows, dimension, lattice)
      const { picks, cosines } = picksOf({ stop: { targetSize: target }, start: "first", guard: "off" }, { matrix })
      const expected = greedily(matrix, [0], target, (row, chosen) => -nearest(matrix, row, chosen))
      assert.deepStrictEqual([...picks], expected)
      assert.deepStrictEqual(
        [...cosines].slice(1),
        expected.slice(1).map((row, k) => nearest(matrix, row, expected.slice(0, k + 1)))
      )
    }
  )

  it.prop("weighs the distance", World, ({ word, rows, dimension, lattice, target }) => {
    const matrix = randomMatrix(word, rows, dimension, lattice)
    const weights = Float64Array.from({ length: rows }, (_, row) => 1 + (row % 3))
    const { picks } = picksOf({ stop: { targetSize: target }, start: "first", guard: "off" }, { matrix, weights })
    const expected = greedily(
      matrix,
      [0],
      target,
      (row, chosen) => (1 + (row % 3)) * (1 - nearest(matrix, row, chosen))
    )
    assert.deepStrictEqual([...picks], expected)
  })

  it.prop("has at most twice the best radius", World, ({ word, dimension, lattice }) => {
    const matrix = randomMatrix(word, 7, dimension, lattice)
    const all = allRows(matrix)
    const radius = (picks: Iterable<number>) =>
      Math.max(...all.map((row) => Math.sqrt(2 - 2 * nearest(matrix, row, picks))))
    let best = Infinity
    for (const a of all) for (const b of all) for (const c of all) best = Math.min(best, radius([a, b, c]))
    const { picks } = picksOf({ stop: { targetSize: 3 }, guard: "off" }, { matrix })
    assert.isAtMost(radius(picks), 2 * best + 1e-3)
  })

  it.prop("knows no order of rows but for ties", World, ({ word, dimension }) => {
    const matrix = randomMatrix(word, 25, dimension + 2)
    const turned = matrixOf(...allRows(matrix).map((row) => [...matrix.row(24 - row)]))
    const ids = (of: typeof matrix, start: number) => [
      ...picksOf({ stop: { targetSize: 8 }, start: { id: PromptId.make(`p${start}`) }, guard: "off" }, { matrix: of })
        .picks
    ]
    assert.deepStrictEqual(
      ids(turned, 20).map((row) => 24 - row),
      ids(matrix, 4)
    )
  })

  it("ends at the tripwire when every row has a pick as near as that", () => {
    const matrix = randomMatrix(2, 60, 3)
    const { picks, stopped } = picksOf({ stop: { tripwire: 0.7 } }, { matrix })
    assert.strictEqual(stopped, "tripwire")
    for (const row of allRows(matrix)) assert.isAbove(nearest(matrix, row, picks), 0.7)
  })

  it("starts where it is told to, but not at a row of weight 0", () => {
    const matrix = matrixOf([1, 0], [1, 0.1], [1, 1], [0, 1])
    const first = (start: FarthestFirst.Options["start"], weights?: Float64Array) =>
      Effect.runSync(
        Effect.match(
          FarthestFirst.make({ stop: { targetSize: 1 }, ...(start && { start }) }).select({
            matrix,
            ...(weights && { weights })
          }),
          { onFailure: ({ why }) => why, onSuccess: ({ picks }) => picks[0] }
        )
      )
    assert.strictEqual(first(undefined), 2)
    assert.strictEqual(first("first"), 0)
    assert.strictEqual(first("first", Float64Array.of(0, 1, 1, 1)), 1)
    assert.strictEqual(first("typical", Float64Array.of(1, 1, 0, 1)), 1)
    assert.strictEqual(first({ id: PromptId.make("p3") }), 3)
    assert.strictEqual(first({ id: PromptId.make("p3") }, Float64Array.of(1, 1, 1, 0)), "unknown-start")
    assert.strictEqual(first({ id: PromptId.make("q") }), "unknown-start")
  })
})
