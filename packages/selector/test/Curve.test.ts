import * as Curve from "@consortium/selector/Curve"
import * as Fence from "@consortium/selector/Fence"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { randomMatrix } from "./pools.js"

const curve = (...cosines: ReadonlyArray<number>): Curve.Chosen => ({
  cosines: Float64Array.from(cosines),
  stopped: "target"
})

describe("Curve", () => {
  it.prop("fires where the fence with that tripwire ends", { word: Schema.Int }, ({ word }) => {
    const matrix = randomMatrix(word, 40, 6)
    const whole = Effect.runSync(Fence.make({ stop: { targetSize: 30 }, guard: "off" }).select({ matrix }))
    for (const { tripwire, count, cosine } of Curve.firings(whole)) {
      const { picks, nextCosine } = Effect.runSync(
        Fence.make({ stop: { targetSize: 30, tripwire }, guard: "off" }).select({ matrix })
      )
      assert.deepStrictEqual([count ?? 30, cosine], [picks.length, nextCosine])
    }
  })

  it("fires at the pick that was not taken", () => {
    const tripped = { ...curve(-2, 0.1, 0.2), stopped: "tripwire", nextCosine: 0.35 } as const
    assert.deepStrictEqual(Curve.firings(tripped, { grid: [0.4, 0.3, 0.15] }), [
      { tripwire: 0.15, count: 2, cosine: 0.2, above: 1 },
      { tripwire: 0.3, count: 3, cosine: 0.35, above: 0 },
      { tripwire: 0.4, above: 0 }
    ])
  })

  it("counts how many are above, so that one odd pick is seen", () => {
    const [firing] = Curve.firings(curve(-2, 0.1, 0.3, 0.1, -2, 0.1), { grid: [0.2] })
    assert.deepStrictEqual(firing, { tripwire: 0.2, count: 2, cosine: 0.3, above: 1 })
  })

  it("knows the highest so far", () => {
    assert.deepStrictEqual([...Curve.highest(curve(-2, -0.5, 0.2, -2, 0.1, 0.4))], [-2, -0.5, 0.2, 0.2, 0.2, 0.4])
  })

  it("suggests the knee, and what hangs on it", () => {
    const rising = Array.from({ length: 10 }, (_, k) => k / 20)
    const level = Array.from({ length: 90 }, (_, k) => 0.5 + k / 10_000)
    const suggestion = Curve.suggest(curve(-2, ...rising, ...level))
    assert.deepStrictEqual(suggestion, { why: "knee", tripwire: 0.49, count: 11, around: [11, undefined] })
  })

  it("suggests none where the curve has no shape", () => {
    assert.deepStrictEqual(Curve.suggest(curve(-2, 0.1, 0.2)), { why: "short" })
    assert.deepStrictEqual(Curve.suggest(curve(-2, ...Array.from({ length: 50 }, (_, k) => 0.1 * (k % 2) * 0.3))), {
      why: "flat"
    })
  })
})
