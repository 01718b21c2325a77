import { PromptId } from "@consortium/core/Ids"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as Scope from "effect/Scope"
import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer"
import { join } from "node:path"
import * as MatrixFile from "../src/MatrixFile.js"
import { texts, vectorOf } from "./vendor.js"

type Options = Omit<Parameters<typeof parquetWriteBuffer>[0], "columnData">

/** A file that hyparquet-writer makes; what other writers make was compared with pyarrow by hand. */
const holding = Effect.fnUntraced(function* (columnData: Array<ColumnSource>, options: Options = {}) {
  const files = yield* FileSystem.FileSystem
  const path = join(yield* files.makeTempDirectoryScoped(), "a.parquet")
  yield* files.writeFile(path, new Uint8Array(parquetWriteBuffer({ columnData, ...options })))
  return path
})
const run = <A, E>(effect: Effect.Effect<A, E, FileSystem.FileSystem | Scope.Scope>) =>
  Effect.provide(Effect.scoped(effect), NodeFileSystem.layer)

const list = texts(500)
const vectors = list.map((text) => Array.from(vectorOf(text)))
const schemaOf = (type: "FLOAT" | "DOUBLE", name = "embedding") => [
  { name: "root", num_children: 2 },
  { name: "id", type: "BYTE_ARRAY" as const, converted_type: "UTF8" as const, repetition_type: "OPTIONAL" as const },
  { name, num_children: 1, converted_type: "LIST" as const, repetition_type: "OPTIONAL" as const },
  { name: "list", num_children: 1, repetition_type: "REPEATED" as const },
  { name: "element", type, repetition_type: "OPTIONAL" as const }
]
const columnsOf = (data: ReadonlyArray<unknown>, name = "embedding"): Array<ColumnSource> => [
  { name: "id", data: list.slice(0, data.length) },
  { name, data: [...data] }
]

describe("MatrixFile of Parquet", () => {
  for (const type of ["FLOAT", "DOUBLE"] as const)
    for (const pageSize of [200, 1_000_000])
      it.live(`reads a column of lists of ${type} with its ids, pages of ${pageSize} bytes, several row groups`, () =>
        run(
          Effect.gen(function* () {
            const path = yield* holding(columnsOf(vectors), { schema: schemaOf(type), pageSize, rowGroupSize: 123 })
            const { matrix, scaled } = yield* MatrixFile.load({ path })
            assert.deepStrictEqual(
              matrix.ids,
              list.map((id) => PromptId.make(id))
            )
            assert.strictEqual(scaled, 500)
            for (const [row, vector] of vectors.entries())
              for (const [i, x] of vector.entries())
                assert.closeTo(matrix.row(row)[i] ?? 9, x / Math.hypot(...vector), 1e-6)
            assert.isTrue(yield* MatrixFile.holdsVectors(path))
          })
        )
      )

  it.live("takes the column and the ids that are said, and the only column of vectors", () =>
    run(
      Effect.gen(function* () {
        const path = yield* holding(
          columnsOf(
            [
              [3, 0],
              [0, 1]
            ],
            "meaning"
          ),
          { schema: schemaOf("FLOAT", "meaning") }
        )
        assert.isFalse(yield* MatrixFile.holdsVectors(path))
        const { matrix, scaled } = yield* MatrixFile.load({ path, column: "meaning", idColumn: "id", dimension: 2 })
        assert.deepStrictEqual([...matrix.data, scaled], [1, 0, 0, 1, 1])
        assert.deepStrictEqual((yield* MatrixFile.read({ path })).data, matrix.data)
        const other = yield* Effect.flip(MatrixFile.read({ path, column: "embedding" }))
        assert.include(other.message, "column embedding: no such column of vectors: its lists of floats are meaning")
        const ids = yield* Effect.flip(MatrixFile.read({ path, idColumn: "key" }))
        assert.include(ids.message, "column key: no such column: it has id, meaning")
      })
    )
  )

  const bad: ReadonlyArray<readonly [string, ReadonlyArray<unknown>, Partial<MatrixFile.Options>, string]> = [
    ["a row without a vector", [[1, 0], null, [1, 0]], {}, "row 2, column embedding: no vector, or nulls in it"],
    [
      "a null in a vector",
      [
        [1, 0],
        [1, 0],
        [null, 1]
      ],
      {},
      "row 3, column embedding: no vector, or nulls in it"
    ],
    ["rows of two lengths", [[1, 0], [1]], {}, "row 2, column embedding: 1 numbers where 2 are expected"],
    [
      "a longer row",
      [
        [1, 0],
        [1, 2, 3]
      ],
      {},
      "row 2, column embedding: more than 2 numbers where 2"
    ],
    ["another dimension", [[1, 0]], { dimension: 3 }, "row 1, column embedding: 2 numbers where 3 are expected"],
    [
      "zeros",
      [
        [1, 0],
        [0, 0]
      ],
      {},
      "row 2, column embedding: its vector is all zeros"
    ],
    ["what is no number", [[1, Number.NaN]], {}, "row 1, column embedding: number 2 of its vector is NaN"]
  ]
  for (const [name, data, more, words] of bad)
    it.live(`refuses ${name}, by row and column`, () =>
      run(
        Effect.gen(function* () {
          const path = yield* holding(columnsOf(data), { schema: schemaOf("FLOAT") })
          assert.include((yield* Effect.flip(MatrixFile.read({ path, ...more }))).message, words)
        })
      )
    )

  it.live("changed or cut off anywhere, it gives a matrix or says what is wrong", () =>
    run(
      Effect.gen(function* () {
        const path = yield* holding(columnsOf(vectors.slice(0, 40)), { schema: schemaOf("FLOAT"), pageSize: 300 })
        const files = yield* FileSystem.FileSystem
        const whole = yield* files.readFile(path)
        const told = Effect.fnUntraced(function* (bytes: Uint8Array) {
          yield* files.writeFile(path, bytes)
          const loaded = yield* Effect.result(MatrixFile.load({ path }))
          if (loaded._tag === "Failure") assert.include(["MatrixFileError", "EmbeddingError"], loaded.failure._tag)
        })
        for (let at = 0; at < whole.length; at += 97) yield* told(whole.subarray(0, at))
        for (let at = 0; at < whole.length; at += 19) {
          const bytes = Uint8Array.from(whole)
          bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
          yield* told(bytes)
        }
      })
    )
  )

  it.live("refuses what is no Parquet, and a file without vectors", () =>
    run(
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const path = join(yield* files.makeTempDirectoryScoped(), "a.parquet")
        yield* files.writeFileString(path, "hello, this is no parquet")
        assert.include((yield* Effect.flip(MatrixFile.read({ path }))).message, "it can't be read as Parquet")
        const plain = yield* holding([{ name: "prompt", data: ["a", "b"] }])
        assert.isFalse(yield* MatrixFile.holdsVectors(plain))
        assert.include((yield* Effect.flip(MatrixFile.read({ path: plain }))).message, "it has no list of floats")
      })
    )
  )
})
