import { EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import { PromptId } from "@consortium/core/Ids"
import type { Pool } from "@consortium/core/Selection"
import * as Seed from "@consortium/core/Seed"
import * as Fence from "@consortium/selector/Fence"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

type Draw = () => number
const normal = (draw: Draw) => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw())

/** Shapes of pools: how a row is drawn, given the pool's centres. */
const shapes = {
  isotropic: (draw: Draw) => () => normal(draw),
  clustered: (draw: Draw) => (j: number, centre: Float64Array, common: Float64Array) =>
    0.5 * (common[j] ?? 0) + 0.6 * (centre[j] ?? 0) + 0.4 * normal(draw),
  /** A narrow cone: close scores everywhere. */
  close: (draw: Draw) => (j: number, _centre: Float64Array, common: Float64Array) =>
    (common[j] ?? 0) + 0.001 * normal(draw),
  /** Many rows nearly alike: hundreds in the race at each step. */
  nearCopies: (draw: Draw) => (j: number, centre: Float64Array, common: Float64Array) =>
    (centre[j] ?? 0) + 0.5 * (common[j] ?? 0) + 0.02 * normal(draw),
  /** Many equal rows. */
  copies: () => (j: number, centre: Float64Array, common: Float64Array) => (centre[j] ?? 0) + (common[j] ?? 0),
  /** Few distinct coordinates: exact ties of unequal rows. */
  lattice: (draw: Draw) => () => Math.floor(draw() * 3) - 1 + 0.25,
  /** Opposite pairs: sums without a direction. */
  antipodal: () => (j: number, centre: Float64Array) => centre[j] ?? 0
} as const

const poolOf = (shape: keyof typeof shapes, word: number, rows: number, dimension: number): EmbeddingMatrix => {
  const draw = Seed.draws(Seed.Seed.make(word), shape)
  const centres = Array.from({ length: 20 }, () => Float64Array.from({ length: dimension }, () => normal(draw)))
  const common = Float64Array.from({ length: dimension }, () => normal(draw))
  const coordinate = shapes[shape](draw)
  const data = new Float32Array(rows * dimension)
  for (let row = 0; row < rows; row++) {
    const centre = centres[Math.floor(draw() * centres.length)] as Float64Array
    const sign = shape === "antipodal" && draw() < 0.5 ? -1 : 1
    for (let j = 0; j < dimension; j++) data[row * dimension + j] = sign * coordinate(j, centre, common)
    if (data.subarray(row * dimension, (row + 1) * dimension).every((x) => x === 0)) data[row * dimension] = 1
  }
  const ids = Array.from({ length: rows }, (_, row) => PromptId.make(`p${row}`))
  return Result.getOrThrow(EmbeddingMatrix.make({ model: "m", dimension }, ids, data))
}

const both = Effect.fnUntraced(function* (pool: Pool, options: Fence.Options) {
  const plain = yield* Fence.make({ guard: "off", ...options, kernel: "plain" }).select(pool)
  const wasm = yield* Fence.make({ guard: "off", threads: 1, ...options, kernel: "wasm" }).select(pool)
  const differs = plain.picks.findIndex((row, k) => row !== wasm.picks[k])
  assert.strictEqual(
    differs,
    -1,
    `the pick ${differs} of ${JSON.stringify(options)} over ${pool.matrix.rows} × ${pool.matrix.space.dimension}: ${wasm.picks[differs]} for ${plain.picks[differs]}, cosine ${plain.cosines[differs]}`
  )
  assert.strictEqual(wasm.picks.length, plain.picks.length)
  // Bits, not values that are nearly equal.
  assert.deepStrictEqual(new BigUint64Array(wasm.cosines.buffer), new BigUint64Array(plain.cosines.buffer))
  assert.strictEqual(wasm.stopped, plain.stopped)
  assert.strictEqual(wasm.nextCosine, plain.nextCosine)
  return plain
})

describe("the kernels choose what the plain fence chooses", () => {
  for (const shape of Object.keys(shapes) as ReadonlyArray<keyof typeof shapes>) {
    it.effect(
      shape,
      () =>
        Effect.gen(function* () {
          for (const [word, rows, dimension, targetSize] of [
            [1, 1, 1, 3],
            [2, 3, 2, 3],
            [3, 17, 5, 17],
            [4, 400, 1, 60],
            [5, 900, 63, 300],
            [6, 1500, 64, 400],
            [7, 1200, 65, 1300],
            [8, 1200, 130, 200],
            [9, 900, 384, 100],
            [10, 300, 1031, 40],
            [11, 100, 3072, 20],
            [12, 3000, 32, 300]
          ] as const) {
            const matrix = poolOf(shape, word, rows, dimension)
            const selection = yield* both({ matrix }, { stop: { targetSize } })
            assert.strictEqual(selection.picks.length, Math.min(rows, targetSize))
            const start = { random: Seed.Seed.make(word) }
            yield* both({ matrix }, { stop: { targetSize: Math.min(50, targetSize), tripwire: 0.05 }, start })
            // A tripwire in the middle of the curve, where guesses run.
            const middle = selection.cosines[selection.cosines.length >> 1] ?? 0
            if (middle >= -1) yield* both({ matrix }, { stop: { tripwire: middle, targetSize } })
            const earlier = Uint32Array.from({ length: rows >> 2 }, (_, k) => k * 2)
            yield* both({ matrix, earlier }, { stop: { targetSize } })
            for (const guard of ["adaptive", 0.9, 0.3, 0] as const) {
              yield* both({ matrix }, { stop: { targetSize }, guard })
              yield* both({ matrix, earlier }, { stop: { targetSize, tripwire: 0.6 }, guard })
            }
          }
        }),
      120_000
    )
  }
})

describe("runs of hundreds of steps, guessed in pools inside pools, are what the plain fence chooses", () => {
  for (const shape of ["clustered", "nearCopies"] as const) {
    for (const guard of ["off", "adaptive"] as const) {
      it.effect(
        `${shape}, guard ${guard}`,
        () =>
          Effect.gen(function* () {
            const matrix = poolOf(shape, 13, 8000, 48)
            yield* both({ matrix }, { stop: { targetSize: 1200 }, guard })
            yield* both(
              { matrix },
              { stop: { targetSize: 600 }, guard, start: { random: Seed.Seed.make(2) }, threads: 2 }
            )
          }),
        120_000
      )
    }
  }
})

describe("threads choose what the plain fence chooses", () => {
  for (const shape of ["clustered", "copies", "lattice"] as const) {
    it.live(
      shape,
      () =>
        Effect.gen(function* () {
          for (const threads of [1, 2, 4, 8]) {
            for (const [word, rows, dimension, targetSize] of [
              [1, 3, 2, 3],
              [2, 17, 65, 17],
              [3, 1500, 96, 300]
            ] as const) {
              const matrix = poolOf(shape, word, rows, dimension)
              yield* both({ matrix }, { stop: { targetSize }, threads })
              yield* both({ matrix }, { stop: { targetSize, tripwire: 0.4 }, guard: "adaptive", threads })
            }
          }
        }),
      120_000
    )
  }
})

describe("auto", () => {
  it.effect("streams the same picks as it selects, whichever way it takes", () =>
    Effect.gen(function* () {
      const matrix = poolOf("clustered", 5, 1200, 96)
      const plain = yield* Fence.make({ stop: { targetSize: 90 }, kernel: "plain" }).select({ matrix })
      const auto = yield* Fence.make({ stop: { targetSize: 90 } }).select({ matrix })
      assert.deepStrictEqual([...auto.picks], [...plain.picks])
    })
  )
})
