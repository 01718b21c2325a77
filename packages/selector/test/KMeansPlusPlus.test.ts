import { Seed } from "@consortium/core/Seed"
import * as KMeansPlusPlus from "@consortium/selector/KMeansPlusPlus"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { matrixOf, nearest, randomMatrix } from "./pools.js"

const selected = (seed: number, targetSize: number, matrix: ReturnType<typeof matrixOf>, weights?: Float64Array) =>
  Effect.runSync(
    KMeansPlusPlus.make({ stop: { targetSize }, seed: Seed.make(seed), guard: "off" }).select({
      matrix,
      ...(weights && { weights })
    })
  )

describe("KMeansPlusPlus", () => {
  it("draws by the squared distance to the nearest pick", () => {
    // From row 0 the squared distances are 2 and 4, and 0 for its copy.
    const matrix = matrixOf([1, 0], [1, 0], [0, 1], [-1, 0])
    const counts = new Uint32Array(4)
    let starts = 0
    for (let seed = 0; seed < 4000; seed++) {
      const [first, second = 0] = selected(seed, 2, matrix).picks
      if (first !== 0) continue
      starts++
      counts[second] = (counts[second] ?? 0) + 1
    }
    assert.approximately(starts, 1000, 120)
    assert.strictEqual(counts[1], 0)
    assert.approximately((counts[2] ?? 0) / starts, 1 / 3, 0.06)
  })

  it("multiplies chances by weights", () => {
    const matrix = matrixOf([1, 0], [0, 1], [0, -1])
    let heavy = 0
    let starts = 0
    for (let seed = 0; seed < 3000; seed++) {
      const [first, second] = selected(seed, 2, matrix, Float64Array.of(1, 1, 3)).picks
      if (first !== 0) continue
      starts++
      if (second === 2) heavy++
    }
    assert.approximately(starts, 600, 100)
    assert.approximately(heavy / starts, 0.75, 0.08)
  })

  it("takes copies only when nothing else is left, and reports the cosine to the nearest pick", () => {
    const rows = randomMatrix(3, 6, 4)
    const matrix = matrixOf(...[0, 1, 2, 3, 4, 5, 0, 1, 2].map((row) => [...rows.row(row)]))
    const { picks, cosines } = selected(5, 9, matrix)
    assert.strictEqual(new Set([...picks].slice(0, 6).map((row) => row % 6)).size, 6)
    for (let k = 1; k < 9; k++) assert.strictEqual(cosines[k], nearest(matrix, picks[k] ?? 0, picks.subarray(0, k)))
  })
})
