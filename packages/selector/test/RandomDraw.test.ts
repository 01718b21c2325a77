import { Seed } from "@consortium/core/Seed"
import * as RandomDraw from "@consortium/selector/RandomDraw"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { nearest, randomMatrix } from "./pools.js"

const matrix = randomMatrix(1, 10, 4)
const drawn = (seed: number, targetSize: number, weights?: Float64Array) =>
  Effect.runSync(
    RandomDraw.make({ stop: { targetSize }, seed: Seed.make(seed) }).select({ matrix, ...(weights && { weights }) })
  )

describe("RandomDraw", () => {
  it("draws every row about as often as another", () => {
    const counts = new Uint32Array(10)
    for (let seed = 0; seed < 2000; seed++) for (const row of drawn(seed, 3).picks) counts[row] = (counts[row] ?? 0) + 1
    // 600 on average, with a standard deviation of about 20.
    for (const count of counts) assert.approximately(count, 600, 100)
  })

  it("draws heavy rows first by their share of the weight", () => {
    const weights = Float64Array.from({ length: 10 }, (_, row) => (row === 4 ? 9 : 1))
    let first = 0
    for (let seed = 0; seed < 2000; seed++) if (drawn(seed, 1, weights).picks[0] === 4) first++
    // Half of them, with a standard deviation of 22.
    assert.approximately(first, 1000, 110)
  })

  it("reports the cosine to the nearest pick", () => {
    const { picks, cosines } = drawn(7, 5)
    for (let k = 1; k < 5; k++) assert.strictEqual(cosines[k], nearest(matrix, picks[k] ?? 0, picks.subarray(0, k)))
  })
})
