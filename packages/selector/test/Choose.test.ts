import { EmbeddingMatrix, type VectorRows } from "@consortium/core/EmbeddingMatrix"
import { PromptId } from "@consortium/core/Ids"
import { draws, Seed } from "@consortium/core/Seed"
import { SelectionError } from "@consortium/core/Selection"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Fence from "../src/Fence.js"

const matrixOf = (rows: number, dimension: number): EmbeddingMatrix => {
  const draw = draws(Seed.make(rows), String(dimension))
  const centres = Float32Array.from({ length: 12 * dimension }, () => draw() - 0.4)
  const data = Float32Array.from({ length: rows * dimension }, () => draw() - 0.5)
  for (let row = 0; row < rows; row++) {
    const centre = Math.floor(draw() * 12) * dimension
    for (let j = 0; j < dimension; j++) {
      const at = row * dimension + j
      data[at] = (data[at] as number) + (centres[centre + j] as number)
    }
  }
  const ids = Array.from({ length: rows }, (_, row) => PromptId.make(`p${row}`))
  return Result.getOrThrow(EmbeddingMatrix.make({ model: "made", dimension }, ids, data))
}

/** The same rows, one at a time in the same place, as a file's are. */
const streamed = (of: EmbeddingMatrix): VectorRows & { read: number } => {
  const one = new Float32Array(of.space.dimension)
  return {
    ids: of.ids,
    rows: of.rows,
    space: of.space,
    read: 0,
    row(index) {
      this.read++
      one.set(of.row(index))
      return one
    }
  }
}

describe("rows that are not in memory", () => {
  for (const [rows, dimension] of [
    [40, 3],
    [900, 70],
    [6000, 64]
  ] as const) {
    for (const kernel of ["plain", "wasm", "auto"] as const) {
      it.effect(`${rows} × ${dimension}, ${kernel}: the same choices to the bit`, () =>
        Effect.gen(function* () {
          const matrix = matrixOf(rows, dimension)
          for (const guard of ["off", "adaptive", 0.8] as const) {
            const options = { stop: { targetSize: 30, tripwire: 0.97 }, kernel, guard, earlier: Uint32Array.of(2, 5) }
            const { matrix: _, ...inMemory } = yield* Fence.make(options).select({ matrix, earlier: options.earlier })
            assert.deepStrictEqual(yield* Fence.choose(streamed(matrix), options), inMemory)
          }
        })
      )
    }
  }

  it.effect("are read through once, and few of them again", () =>
    Effect.gen(function* () {
      const matrix = matrixOf(6000, 64)
      const source = streamed(matrix)
      yield* Fence.choose(source, { stop: { targetSize: 50 }, kernel: "wasm", guard: "off" })
      assert.isBelow(source.read, 2 * 6000)
    })
  )

  it.effect("in threads too", () =>
    Effect.gen(function* () {
      const matrix = matrixOf(900, 70)
      const options = { stop: { targetSize: 40 }, kernel: "wasm", threads: 3 } as const
      const { matrix: _, ...inMemory } = yield* Fence.make(options).select({ matrix })
      assert.deepStrictEqual(yield* Fence.choose(streamed(matrix), options), inMemory)
    })
  )

  it.effect("fail as unreadable where one can't be read, and die of nothing else", () =>
    Effect.gen(function* () {
      const matrix = matrixOf(900, 70)
      const broken = (trouble: Error): VectorRows => ({
        ...streamed(matrix),
        row: (index) => {
          if (index === 700) throw trouble
          return matrix.row(index)
        }
      })
      const options = { stop: { targetSize: 5 } }
      const unreadable = new SelectionError({ why: "unreadable", detail: "row 701: gone" })
      assert.strictEqual(yield* Effect.flip(Fence.choose(broken(unreadable), options)), unreadable)
      const exit = yield* Effect.exit(Fence.choose(broken(new Error("else")), options))
      assert.isTrue(exit._tag === "Failure" && exit.cause.reasons.every((reason) => reason._tag === "Die"))
    })
  )
})
