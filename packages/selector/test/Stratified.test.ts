import { Seed } from "@consortium/core/Seed"
import type { Pool, Selection } from "@consortium/core/Selection"
import * as FarthestFirst from "@consortium/selector/FarthestFirst"
import * as Fence from "@consortium/selector/Fence"
import * as MaximalMarginalRelevance from "@consortium/selector/MaximalMarginalRelevance"
import * as RandomDraw from "@consortium/selector/RandomDraw"
import * as Stratified from "@consortium/selector/Stratified"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { matrixOf, randomMatrix } from "./pools.js"

const rules: Record<string, Stratified.Options["rule"]> = {
  fence: (stop) => Fence.make({ stop, guard: "off" }),
  "farthest first": (stop) => FarthestFirst.make({ stop }),
  mmr: (stop) => MaximalMarginalRelevance.make({ stop }),
  random: (stop, stratum) => RandomDraw.make({ stop, seed: Seed.make(stratum) })
}
const fence: Stratified.Options["rule"] = (stop) => Fence.make({ stop, start: "first", guard: "off" })
const selected = (options: Stratified.Options, pool: Pool): Selection =>
  Effect.runSync(Stratified.make(options).select(pool))
const countsOf = ({ picks }: Selection, strata: Uint32Array) => {
  const counts = new Map<number, number>()
  for (const row of picks) counts.set(strata[row] ?? -1, (counts.get(strata[row] ?? -1) ?? 0) + 1)
  return [...counts].sort(([a], [b]) => a - b)
}
/** Sizes to strata, shuffled over the rows by their remainders. */
const strataOf = (...sizes: ReadonlyArray<number>) =>
  Uint32Array.from(sizes.flatMap((size, stratum) => Array.from({ length: size }, () => stratum * 10)))

describe("Stratified", () => {
  it.each(Object.entries(rules))("gives strata their share by largest remainder: %s", (_, rule) => {
    const strata = strataOf(50, 30, 20)
    const pool = { matrix: randomMatrix(1, 100, 4), strata }
    // 5.5, 3.3, 2.2 of 11: the first has the largest remainder.
    assert.deepStrictEqual(countsOf(selected({ rule, stop: { targetSize: 11 } }, pool), strata), [
      [0, 6],
      [10, 3],
      [20, 2]
    ])
    const equal = selected({ rule, stop: { targetSize: 11 }, quota: "equal" }, pool)
    assert.deepStrictEqual(countsOf(equal, strata), [
      [0, 4],
      [10, 4],
      [20, 3]
    ])
    assert.strictEqual(equal.stopped, "target")
  })

  it.prop(
    "keeps quotas, loses none and repeats none",
    {
      word: Schema.Int,
      sizes: Schema.Literals(["1", "1,1", "3,9,1", "0,5", "10,10,2,1"]),
      target: Schema.Literals([1, 3, 8, 30]),
      quota: Schema.Literals(["equal", "proportional"])
    },
    ({ word, sizes, target, quota }) => {
      const strata = strataOf(...sizes.split(",").map(Number))
      const matrix = randomMatrix(word, strata.length, 3)
      const selection = selected({ rule: fence, stop: { targetSize: target }, quota }, { matrix, strata })
      assert.strictEqual(selection.picks.length, Math.min(target, strata.length))
      assert.strictEqual(new Set(selection.picks).size, selection.picks.length)
      assert.strictEqual(selection.stopped, target <= strata.length ? "target" : "exhausted")
      const sizeOf = (stratum: number) => strata.filter((other) => other === stratum).length
      for (const [stratum, count] of countsOf(selection, strata)) {
        const share = (target * sizeOf(stratum)) / strata.length
        if (quota === "proportional" && target <= strata.length) assert.isBelow(Math.abs(count - share), 1)
      }
    }
  )

  it("takes turns", () => {
    const strata = strataOf(20, 20, 10)
    const pool = { matrix: randomMatrix(2, 50, 4), strata }
    const order = (quota: "equal" | "proportional") =>
      [...selected({ rule: fence, stop: { targetSize: 10 }, quota }, pool).picks].map((row) => strata[row])
    assert.deepStrictEqual(order("proportional"), [0, 10, 20, 0, 10, 0, 10, 20, 0, 10])
    assert.deepStrictEqual(order("equal").slice(0, 9), [0, 10, 20, 0, 10, 20, 0, 10, 20])
  })

  it("chooses in each stratum what the rule alone chooses there", () => {
    const strata = Uint32Array.from({ length: 60 }, (_, row) => row % 2)
    const matrix = randomMatrix(3, 60, 4)
    const { picks, cosines } = selected({ rule: fence, stop: { targetSize: 20 } }, { matrix, strata })
    const even = matrixOf(...Array.from({ length: 30 }, (_, k) => [...matrix.row(2 * k)]))
    const alone = Effect.runSync(
      Fence.make({ stop: { targetSize: 10 }, start: "first", guard: "off" }).select({ matrix: even })
    )
    const places = [...picks.keys()].filter((k) => (picks[k] ?? 0) % 2 === 0)
    assert.deepStrictEqual(
      places.map((k) => (picks[k] ?? 0) / 2),
      [...alone.picks]
    )
    assert.deepStrictEqual(
      places.map((k) => cosines[k]),
      [...alone.cosines]
    )
  })

  it("hands on what a stratum can't give, and says why all ended", () => {
    const strata = strataOf(3, 20)
    const matrix = matrixOf(
      ...Array.from({ length: 3 }, () => [1, 0, 0]),
      ...Array.from({ length: 20 }, (_, k) => [0, Math.cos(k), Math.sin(k)])
    )
    const guarded: Stratified.Options["rule"] = (stop) => FarthestFirst.make({ stop, guard: 0.99 })
    const some = selected({ rule: guarded, stop: { targetSize: 8 }, quota: "equal" }, { matrix, strata })
    assert.deepStrictEqual(
      [countsOf(some, strata), some.stopped],
      [
        [
          [0, 1],
          [10, 7]
        ],
        "target"
      ]
    )
    const all = selected({ rule: guarded, stop: { targetSize: 23 } }, { matrix, strata })
    assert.strictEqual(all.stopped, "guarded")
    const tripped = selected({ rule: fence, stop: { tripwire: 0.9 } }, { matrix, strata })
    // The copies trip; the other stratum is taken whole.
    assert.deepStrictEqual(
      [countsOf(tripped, strata), tripped.stopped],
      [
        [
          [0, 1],
          [10, 20]
        ],
        "tripwire"
      ]
    )
    assert.approximately(tripped.nextCosine ?? 0, 1, 1e-6)
  })

  it("counts earlier rows and weights in their own strata", () => {
    const strata = strataOf(10, 10)
    const matrix = randomMatrix(4, 20, 3)
    const weights = Float64Array.from({ length: 20 }, (_, row) => (row < 15 ? 1 : 0))
    const pool = { matrix, strata, weights, earlier: Uint32Array.of(0, 1, 2) }
    const rule: Stratified.Options["rule"] = (stop) => FarthestFirst.make({ stop, guard: "off" })
    const selection = selected({ rule, stop: { targetSize: 20 } }, pool)
    assert.deepStrictEqual(
      [countsOf(selection, strata), selection.stopped],
      [
        [
          [0, 7],
          [10, 5]
        ],
        "exhausted"
      ]
    )
    assert.isFalse([...selection.picks].some((row) => row < 3 || row >= 15))
  })

  it.effect("streams the same picks", () =>
    Effect.gen(function* () {
      const strata = Uint32Array.from({ length: 80 }, (_, row) => (row * 7) % 3)
      const pool = { matrix: randomMatrix(5, 80, 4), strata }
      for (const stop of [{ targetSize: 25 }, { tripwire: 0.6 }, { targetSize: 60, tripwire: 0.6 }]) {
        for (const rule of Object.values(rules)) {
          const service = Stratified.make({ rule, stop })
          const whole = yield* service.select(pool)
          const picks = yield* Stream.runCollect(service.stream(pool))
          assert.deepStrictEqual(
            picks.map(({ row }) => row),
            [...whole.picks]
          )
          assert.deepStrictEqual(
            picks.map(({ cosine }) => cosine ?? -2),
            [...whole.cosines]
          )
        }
      }
    })
  )

  it.each<[string, Pool, Stratified.Options["stop"], string]>([
    ["a pool without strata", { matrix: matrixOf([1]) }, { targetSize: 1 }, "wrong-shape"],
    ["too few strata", { matrix: matrixOf([1], [1]), strata: Uint32Array.of(1) }, { targetSize: 1 }, "wrong-shape"],
    ["a target of 0", { matrix: matrixOf([1]), strata: Uint32Array.of(1) }, { targetSize: 0 }, "wrong-shape"],
    [
      "what its rule refuses",
      { matrix: matrixOf([1]), strata: Uint32Array.of(1), weights: Float64Array.of(1) },
      { targetSize: 1 },
      "unsupported"
    ]
  ])("refuses %s", (_, pool, stop, why) => {
    assert.strictEqual(Effect.runSync(Effect.flip(Stratified.make({ rule: fence, stop }).select(pool))).why, why)
  })
})
