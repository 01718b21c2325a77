import { EmbeddingMatrix, type VectorRows } from "@consortium/core/EmbeddingMatrix"
import { PromptId } from "@consortium/core/Ids"
import { draws, Seed } from "@consortium/core/Seed"
import { SelectionError } from "@consortium/core/Selection"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import { join } from "node:path"
import * as MatrixFile from "../src/MatrixFile.js"
import * as RowFile from "../src/RowFile.js"

const dimension = 300
const count = 2000

/** Rows of any length, so that they have to be scaled. */
const numbers = () => {
  const draw = draws(Seed.make(3), "rows")
  return Float32Array.from({ length: count * dimension }, () => draw() * 4 - 1)
}

const holding = (name: string, bytes: Uint8Array) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const path = join(yield* files.makeTempDirectoryScoped(), name)
    yield* files.writeFile(path, bytes)
    return path
  })

const bytesOf = (data: Float32Array) => new Uint8Array(data.buffer)

const isSame = (rows: VectorRows, matrix: EmbeddingMatrix, order: ReadonlyArray<number>) => {
  for (const row of order) assert.deepStrictEqual(rows.row(row).slice(), matrix.row(row).slice(), `row ${row}`)
}

const inOrder = Array.from({ length: count }, (_, row) => row)
const anyhow = () => {
  const draw = draws(Seed.make(4), "order")
  return Array.from({ length: 500 }, () => Math.floor(draw() * count))
}

const thrown = (use: () => unknown): unknown => {
  try {
    use()
  } catch (error) {
    return error
  }
  return undefined
}

describe("RowFile", () => {
  it.effect("gives the rows that read gives, in order, again, and in any order", () =>
    Effect.gen(function* () {
      const path = yield* holding("a.f32", bytesOf(numbers()))
      const rows = yield* RowFile.open({ path, dimension })
      const matrix = yield* MatrixFile.read({ path, dimension })
      assert.deepStrictEqual([rows.rows, rows.space, rows.ids], [matrix.rows, matrix.space, matrix.ids])
      isSame(rows, matrix, inOrder)
      isSame(rows, matrix, inOrder.slice(0, 900))
      isSame(rows, matrix, anyhow())
      isSame(rows, matrix, [count - 1, 0, 1, 1, 5, 6, 7, 0])
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))
  )

  it.effect("reads .npy with its ids, as write leaves them", () =>
    Effect.gen(function* () {
      const ids = inOrder.map((row) => PromptId.make(`p${row}`))
      const matrix = Result.getOrThrow(EmbeddingMatrix.make({ model: "m", dimension }, ids, numbers()))
      const path = yield* holding("a.npy", new Uint8Array(0))
      yield* MatrixFile.write(path, matrix)
      const rows = yield* RowFile.open({ path, model: "m" })
      assert.deepStrictEqual([rows.space, rows.ids], [matrix.space, matrix.ids])
      isSame(rows, matrix, anyhow())
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))
  )

  it.effect("names what can't be read row by row", () =>
    Effect.gen(function* () {
      const refused = (name: string, bytes: Uint8Array) =>
        Effect.gen(function* () {
          const path = yield* holding(name, bytes)
          return (yield* Effect.flip(RowFile.open({ path, dimension: 2 }))).message
        })
      assert.match(yield* refused("a.jsonl", new TextEncoder().encode("{}")), /use \.f32, \.bin or \.npy, or load it/)
      assert.match(yield* refused("a.f32", new Uint8Array(12)), /no whole number of rows of 2 float32/)
      assert.match(yield* refused("a.f32", new Uint8Array(0)), /no rows in it/)
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))
  )

  it.effect("throws a row that is not there any more, or has no direction, by its number", () =>
    Effect.gen(function* () {
      const data = numbers()
      data.fill(0, 1500 * dimension, 1501 * dimension)
      const path = yield* holding("a.f32", bytesOf(data))
      const rows = yield* RowFile.open({ path, dimension })
      const zero = thrown(() => rows.row(1500))
      assert.isTrue(zero instanceof SelectionError && /row 1501: zero-vector/.test(zero.message))
      const files = yield* FileSystem.FileSystem
      yield* files.truncate(path, 4 * dimension * 1000)
      const gone = thrown(() => rows.row(1700))
      assert.isTrue(gone instanceof SelectionError && /row 1701: the file ends before it/.test(gone.message))
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))
  )
})
