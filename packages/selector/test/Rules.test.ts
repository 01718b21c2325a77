import { PromptId } from "@consortium/core/Ids"
import type { EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import { Seed } from "@consortium/core/Seed"
import { type Pool, Selector, type StopRule } from "@consortium/core/Selection"
import * as FacilityLocation from "@consortium/selector/FacilityLocation"
import * as FarthestFirst from "@consortium/selector/FarthestFirst"
import type { Guard } from "@consortium/selector/Guard"
import * as KMeansPlusPlus from "@consortium/selector/KMeansPlusPlus"
import * as MaximalMarginalRelevance from "@consortium/selector/MaximalMarginalRelevance"
import * as RandomDraw from "@consortium/selector/RandomDraw"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { matrixOf, nearest, randomMatrix, World } from "./pools.js"

interface Common {
  readonly stop: StopRule
  readonly guard?: Guard
}
const seed = Seed.make(3)
const rules: Record<string, (common: Common) => Layer.Layer<Selector>> = {
  "farthest first": FarthestFirst.layer,
  "facility location": FacilityLocation.layer,
  "facility location by neighbours": (common) => FacilityLocation.layer({ ...common, denseRows: 0, neighbours: 3 }),
  mmr: MaximalMarginalRelevance.layer,
  random: (common) => RandomDraw.layer({ ...common, seed }),
  "k-means++": (common) => KMeansPlusPlus.layer({ ...common, seed })
}

describe.each(Object.entries(rules))("%s", (_, layerOf) => {
  const select = (common: Common, pool: Pool) =>
    Selector.use((selector) => selector.select(pool)).pipe(Effect.provide(layerOf(common)))
  const selected = (common: Common, pool: Pool) => Effect.runSync(select(common, pool))
  /** Guards are off where a law is that of the pure rule. */
  const pure = (stop: StopRule): Common => ({ stop, guard: "off" })

  it.prop(
    "chooses different rows until there are enough or none are left",
    World,
    ({ word, rows, dimension, lattice, target }) => {
      const matrix = randomMatrix(word, rows, dimension, lattice)
      const { picks, cosines, stopped } = selected(pure({ targetSize: target }), { matrix })
      assert.strictEqual(picks.length, Math.min(target, rows))
      assert.strictEqual(new Set(picks).size, picks.length)
      assert.strictEqual(cosines.length, picks.length)
      assert.strictEqual(cosines[0], -2)
      assert.strictEqual(stopped, target <= rows ? "target" : "exhausted")
      assert.deepStrictEqual(selected(pure({ targetSize: target }), { matrix }).picks, picks)
    }
  )

  it.prop("begins a longer selection as a shorter one", World, ({ word, rows, dimension, lattice }) => {
    const matrix = randomMatrix(word, rows, dimension, lattice)
    const long = selected(pure({ targetSize: 40 }), { matrix }).picks
    assert.deepStrictEqual([...selected(pure({ targetSize: 5 }), { matrix }).picks], [...long].slice(0, 5))
  })

  it.prop(
    "keeps every pick below the guard, and all that are left above it",
    World,
    ({ word, rows, dimension, lattice }) => {
      const matrix = randomMatrix(word, rows, dimension, lattice)
      const guard = 0.8
      const { picks, stopped } = selected({ stop: { targetSize: 40 }, guard }, { matrix })
      for (const [k, row] of picks.entries()) {
        if (k > 0) assert.isAtMost(nearest(matrix, row, picks.subarray(0, k)), guard)
      }
      const left = Array.from({ length: rows }, (_, row) => row).filter((row) => !picks.includes(row))
      for (const row of left) assert.isAbove(nearest(matrix, row, picks), guard)
      assert.strictEqual(stopped, left.length === 0 ? "exhausted" : "guarded")
    }
  )

  it.prop("ends before the first cosine above the tripwire", World, ({ word, rows, dimension, lattice }) => {
    const matrix = randomMatrix(word, rows, dimension, lattice)
    const whole = selected(pure({ targetSize: 40 }), { matrix })
    const at = whole.cosines.findIndex((cosine) => cosine > 0.5)
    const { picks, stopped, nextCosine } = selected(pure({ tripwire: 0.5 }), { matrix })
    assert.deepStrictEqual([...picks], [...whole.picks].slice(0, at < 0 ? rows : at))
    assert.strictEqual(stopped, at < 0 ? "exhausted" : "tripwire")
    assert.strictEqual(nextCosine, at < 0 ? undefined : whole.cosines[at])
  })

  it.prop("grows an earlier collection", World, ({ word, rows, dimension, lattice, target }) => {
    const matrix = randomMatrix(word, rows, dimension, lattice)
    const earlier = Uint32Array.of(rows - 1)
    const { picks, cosines } = selected(pure({ targetSize: target }), { matrix, earlier })
    assert.strictEqual(picks.length, Math.min(target, rows - 1))
    assert.isFalse(picks.includes(rows - 1))
    if (picks.length > 0 && dimension > 1) assert.notStrictEqual(cosines[0], -2)
    const guarded = selected({ stop: { targetSize: 40 }, guard: 0.5 }, { matrix, earlier })
    for (const row of guarded.picks) assert.isAtMost(nearest(matrix, row, earlier), 0.5)
  })

  it("never chooses a row of weight 0, and prefers heavy ones", () => {
    const matrix = randomMatrix(8, 60, 5)
    const weights = Float64Array.from({ length: 60 }, (_, row) => (row % 3 === 0 ? 0 : row % 3 === 1 ? 1 : 1000))
    const { picks, stopped } = selected(pure({ targetSize: 60 }), { matrix, weights })
    assert.strictEqual(stopped, "exhausted")
    assert.deepStrictEqual(
      [...picks].sort((a, b) => a - b),
      Array.from({ length: 60 }, (_, row) => row).filter((row) => row % 3 > 0)
    )
    // The first one is a matter of the start.
    assert.isAbove([...picks].slice(1, 11).filter((row) => row % 3 === 2).length, 8)
    const none = selected(pure({ targetSize: 2 }), { matrix, weights: new Float64Array(60) })
    assert.deepStrictEqual([none.picks.length, none.stopped], [0, "exhausted"])
  })

  it("takes equal and opposite rows as they come", () => {
    const alike = matrixOf([1, 2], [1, 2], [1, 2], [1, 2])
    const { picks } = selected(pure({ targetSize: 4 }), { matrix: alike })
    assert.deepStrictEqual([...picks].sort(), [0, 1, 2, 3])
    assert.strictEqual(selected({ stop: { targetSize: 4 }, guard: "adaptive" }, { matrix: alike }).picks.length, 1)
    const opposite = matrixOf([1, 0], [-1, 0], [1, 0], [-1, 0])
    assert.strictEqual(selected(pure({ targetSize: 4 }), { matrix: opposite }).picks.length, 4)
  })

  const matrix = matrixOf([1, 0], [0, 1])
  const target = { targetSize: 1 }
  it.each<[string, Common, Pool, string]>([
    ["strata", pure(target), { matrix, strata: new Uint32Array(2) }, "unsupported"],
    ["an earlier row that is not there", pure(target), { matrix, earlier: Uint32Array.of(2) }, "wrong-shape"],
    ["an earlier row that stands twice", pure(target), { matrix, earlier: Uint32Array.of(1, 1) }, "wrong-shape"],
    ["too few weights", pure(target), { matrix, weights: Float64Array.of(1) }, "wrong-shape"],
    ["a negative weight", pure(target), { matrix, weights: Float64Array.of(1, -1) }, "wrong-shape"],
    ["a target of 0", pure({ targetSize: 0 }), { matrix }, "wrong-shape"],
    ["a guard of 2", { stop: target, guard: 2 }, { matrix }, "wrong-shape"]
  ])("refuses %s", (_, common, pool, why) => {
    assert.strictEqual(Effect.runSync(Effect.flip(select(common, pool))).why, why)
  })

  it.effect("streams the same picks", () =>
    Effect.gen(function* () {
      const pool = { matrix: randomMatrix(5, 40, 6) }
      const whole = yield* select(pure({ targetSize: 12 }), pool)
      const picks = yield* Selector.use((selector) => Stream.runCollect(selector.stream(pool))).pipe(
        Effect.provide(layerOf(pure({ targetSize: 12 })))
      )
      assert.deepStrictEqual(
        picks.map(({ row, id, cosine }) => [row, id, cosine ?? -2]),
        [...whole.picks].map((row, k) => [row, PromptId.make(`p${row}`), whole.cosines[k]])
      )
    })
  )

  it.live("can be interrupted in the middle", () =>
    Effect.gen(function* () {
      const large: EmbeddingMatrix = randomMatrix(6, 3_000, 64)
      const fiber = yield* Effect.forkChild(select(pure({ targetSize: 3_000 }), { matrix: large }))
      yield* Effect.sleep("5 millis")
      yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.isFailure(yield* Fiber.await(fiber)))
    })
  )
})
