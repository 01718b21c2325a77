import * as Guard from "@consortium/selector/Guard"
import * as FarthestFirst from "@consortium/selector/FarthestFirst"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { cosine, matrixOf, nearest, randomMatrix } from "./pools.js"

const adaptive = (...parameters: Parameters<typeof Guard.adaptive>) => Effect.runSync(Guard.adaptive(...parameters))

describe("Guard", () => {
  it("is a part of the median pair's squared distance", () => {
    // All pairs have a cosine of .5.
    const matrix = matrixOf([1, 1, 0], [1, 0, 1], [0, 1, 1])
    assert.approximately(adaptive(matrix), 0.95, 1e-6)
    assert.approximately(adaptive(matrix, { part: 0.2 }), 0.9, 1e-6)
    assert.approximately(adaptive(matrixOf([1, 0], [0, 1])), 0.9, 1e-12)
    assert.approximately(adaptive(matrixOf([1, 0], [-1, 0])), 0.8, 1e-12)
    const cosines = Effect.runSync(Guard.pairCosines(randomMatrix(1, 40, 5)))
    assert.strictEqual(adaptive(randomMatrix(1, 40, 5)), 1 - 0.1 * (1 - (cosines[5_000] ?? 0)))
  })

  it.prop("takes pairs of different rows, and the same for a seed", { word: Schema.Int }, ({ word }) => {
    const matrix = randomMatrix(word, 4, 3)
    const all = [0, 1, 2, 3].flatMap((a) => [0, 1, 2, 3].filter((b) => b > a).map((b) => cosine(matrix, a, b)))
    const cosines = Effect.runSync(Guard.pairCosines(matrix, { pairs: 300 }))
    assert.deepStrictEqual(
      [...new Set(cosines)],
      all.sort((a, b) => a - b).filter((x, k) => k === 0 || x !== all[k - 1])
    )
    assert.deepStrictEqual(Effect.runSync(Guard.pairCosines(matrix, { pairs: 300 })), cosines)
  })

  it("calls copies near-duplicates in every space", () => {
    const threshold = adaptive(matrixOf([1, 2], [1, 2], [1, 2]))
    assert.isBelow(threshold, 1 - 1e-6)
    assert.strictEqual(adaptive(matrixOf([1, 2])), 0.9)
  })

  it("leaves a pool in a narrow cone its choices, where a fixed one leaves one", () => {
    const box = randomMatrix(7, 60, 5)
    const cone = matrixOf(...Array.from({ length: 60 }, (_, row) => [...box.row(row).map((x) => 0.15 * x), 1]))
    const size = (guard: Guard.Guard) =>
      Effect.runSync(FarthestFirst.make({ stop: { targetSize: 60 }, guard }).select({ matrix: cone })).picks.length
    assert.strictEqual(size(0.9), 1)
    assert.isAbove(size("adaptive"), 20)
  })

  it("sets what a rule passes over", () => {
    const matrix = randomMatrix(4, 300, 3)
    const { picks, stopped } = Effect.runSync(
      FarthestFirst.make({ stop: { targetSize: 300 }, guard: "adaptive" }).select({ matrix })
    )
    const threshold = adaptive(matrix)
    assert.strictEqual(stopped, "guarded")
    for (const [k, row] of picks.entries()) assert.isAtMost(nearest(matrix, row, picks.subarray(0, k)), threshold)
    assert.isAbove(picks.length, 20)
  })
})
