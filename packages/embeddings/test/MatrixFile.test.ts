import { EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import { PromptId } from "@consortium/core/Ids"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Schema from "effect/Schema"
import { join } from "node:path"
import * as MatrixFile from "../src/MatrixFile.js"

/** A folder with one file in it, for as long as the test. */
const holding = (name: string, content: string | Uint8Array) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const folder = yield* files.makeTempDirectoryScoped()
    const path = join(folder, name)
    yield* files.writeFile(path, typeof content === "string" ? new TextEncoder().encode(content) : content)
    return path
  })

const npyOf = (descr: string, shape: string, body: Uint8Array, order = "False", version = 1) => {
  const dict = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }\n`
  const lead = version === 1 ? 10 : 12
  const bytes = new Uint8Array(lead + dict.length + body.length)
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0])
  const view = new DataView(bytes.buffer)
  if (version === 1) view.setUint16(8, dict.length, true)
  else view.setUint32(8, dict.length, true)
  bytes.set(new TextEncoder().encode(dict), lead)
  bytes.set(body, lead + dict.length)
  return bytes
}

const numbers = <T extends { readonly buffer: ArrayBufferLike }>(of: T) => new Uint8Array(of.buffer)

const read = (options: MatrixFile.Options) => MatrixFile.read(options)
const refused = (name: string, content: string | Uint8Array, more: Partial<MatrixFile.Options> = {}) =>
  Effect.flatMap(holding(name, content), (path) =>
    Effect.map(Effect.flip(read({ path, ...more })), (error) => error.message.replaceAll(path, name))
  )

const rows = ({ data, space }: EmbeddingMatrix) => [space.dimension, ...data]

describe("MatrixFile", () => {
  const files = {
    float32: npyOf("<f4", "(2, 2)", numbers(Float32Array.of(1, 0, 0, 2))),
    "float64, version 2": npyOf("<f8", "(2, 2)", numbers(Float64Array.of(3, 0, 0, 4)), "False", 2),
    float16: npyOf("<f2", "(2, 2)", numbers(Uint16Array.of(0x3c00, 0, 0x8000, 0x4400))),
    int8: npyOf("|i1", "(2, 2)", numbers(Int8Array.of(127, 0, 0, 1)))
  }
  for (const [name, bytes] of Object.entries(files)) {
    it.effect(`reads .npy of ${name}, scaled to length 1, ids by number`, () =>
      Effect.gen(function* () {
        const matrix = yield* read({ path: yield* holding("a.npy", bytes) })
        assert.deepStrictEqual(
          rows(matrix).map((x) => x + 0),
          [2, 1, 0, 0, 1]
        )
        assert.deepStrictEqual(
          matrix.ids,
          ["1", "2"].map((id) => PromptId.make(id))
        )
        assert.strictEqual(matrix.space.model, "a.npy")
      }).pipe(Effect.provide(NodeFileSystem.layer))
    )
  }

  it.effect("reads float16 as its bits say, subnormal ones too", () =>
    Effect.gen(function* () {
      const bits = Uint16Array.of(0x0001, 0x03ff, 0x3555, 0xc000)
      const matrix = yield* read({ path: yield* holding("a.npy", npyOf("<f2", "(1, 4)", numbers(bits))) })
      const plain = [2 ** -24, 1023 * 2 ** -24, 0.333251953125, -2]
      const length = Math.hypot(...plain)
      for (const [at, x] of plain.entries()) assert.closeTo(((matrix.data[at] ?? 0) * length) / x, 1, 1e-6)
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.effect("reads raw float32 with ids from a file, and from one of the matrix's name", () =>
    Effect.gen(function* () {
      const path = yield* holding("a.f32", numbers(Float32Array.of(1, 0, 0, 1, 0, 0)))
      const files = yield* FileSystem.FileSystem
      yield* files.writeFileString(`${path}.ids`, 'tea\n"two\\nlines"\n')
      assert.deepStrictEqual(
        (yield* read({ path, dimension: 3 })).ids,
        ["tea", "two\nlines"].map((id) => PromptId.make(id))
      )
      yield* files.writeFileString(`${path}.other`, "x\ny\nz\n")
      const more = { path, dimension: 2, ids: `${path}.other` }
      const error = yield* Effect.flip(read({ ...more, path: yield* holding("b.f32", numbers(Float32Array.of(1, 0))) }))
      assert.include(error.message, "3 ids for 1 rows")
      const zero = yield* Effect.flip(read(more))
      assert.include(zero.message, "the vector of z")
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.effect("reads JSON lines with ids or without, blank lines passed over", () =>
    Effect.gen(function* () {
      const path = yield* holding(
        "a.jsonl",
        '\uFEFF{"id":"a","embedding":[2,0]}\n\r\n{"id":7,"vector":[0,-1],"x":null}'
      )
      const matrix = yield* read({ path })
      assert.deepStrictEqual(rows(matrix), [2, 1, 0, 0, -1])
      assert.deepStrictEqual(
        matrix.ids,
        ["a", "7"].map((id) => PromptId.make(id))
      )
      assert.isTrue(yield* MatrixFile.holdsVectors(path))
      assert.isFalse(yield* MatrixFile.holdsVectors(yield* holding("b.jsonl", '{"prompt":"x"}\n')))
      assert.isFalse(yield* MatrixFile.holdsVectors(yield* holding("c.jsonl", "")))
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  const bad: ReadonlyArray<readonly [string, string, string | Uint8Array, Partial<MatrixFile.Options>, string]> = [
    ["an unknown kind", "a.txt", "", {}, "its kind is unknown: use .npy"],
    ["raw float32 without a dimension", "a.f32", "", {}, "say its dimension"],
    ["half a row", "a.f32", new Uint8Array(12), { dimension: 2 }, "12 bytes are no whole number of rows of 2 float32"],
    ["no rows", "a.jsonl", "\n", {}, "no rows in it"],
    ["no npy", "a.npy", "hello, this is no numpy", {}, "no whole .npy file"],
    ["an empty npy", "a.npy", "", {}, "no whole .npy file"],
    ["columns", "a.npy", npyOf("<f4", "(1, 2)", new Uint8Array(8), "True"), {}, "ascontiguousarray"],
    ["one dimension", "a.npy", npyOf("<f4", "(2,)", new Uint8Array(8)), {}, "1 dimension: save an array of two"],
    ["big-endian", "a.npy", npyOf(">f4", "(1, 2)", new Uint8Array(8)), {}, 'a.astype("<f4")'],
    ["a cut npy", "a.npy", npyOf("<f4", "(9, 2)", new Uint8Array(8)), {}, "ends before its last row"],
    [
      "another dimension",
      "a.npy",
      npyOf("<f4", "(1, 2)", new Uint8Array(8)),
      { dimension: 3 },
      "have 2 numbers where 3"
    ],
    ["no JSON", "a.jsonl", '{"embedding":[1]}\n{"emb', {}, "row 2: not a JSON object"],
    ["no vector", "a.jsonl", '{"prompt":"x"}', {}, 'put an array of numbers into "embedding" or "vector"'],
    ["rows of two lengths", "a.jsonl", '{"vector":[1]}\n{"vector":[1,2]}', {}, "row 2: 2 numbers where 1 are expected"],
    ["a word in a vector", "a.jsonl", '{"vector":[1,"x"]}', {}, 'number 2 of its vector is "x"'],
    ["a number beyond float32", "a.jsonl", '{"vector":[1e300]}', {}, "no float32"],
    ["zeros", "a.jsonl", '{"vector":[0,0]}', {}, "row 1: its vector is all zeros"],
    ["an empty id", "a.jsonl", '{"id":"","vector":[1]}', {}, "row 1: its id is no text or number"],
    ["an id twice", "a.jsonl", '{"id":"x","vector":[1]}\n{"id":"x","vector":[1]}', {}, "x names two rows"]
  ]
  for (const [name, file, content, more, words] of bad) {
    it.effect(`refuses ${name} and says what to do`, () =>
      Effect.map(refused(file, content, more), (message) => assert.include(message, words)).pipe(
        Effect.provide(NodeFileSystem.layer)
      )
    )
  }

  it.effect("refuses a missing file and a folder", () =>
    Effect.gen(function* () {
      const path = yield* holding("a.npy", "")
      assert.include((yield* Effect.flip(read({ path: `${path}.npy` }))).message, "no such file")
      const files = yield* FileSystem.FileSystem
      yield* files.makeDirectory(`${path}s.npy`)
      assert.include((yield* Effect.flip(read({ path: `${path}s.npy` }))).message, "it is a folder")
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  const vectors = Arbitrary.flatMap(
    Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 12 }))),
    (rows) =>
      Arbitrary.all({
        ids: Arbitrary.array(Arbitrary.schema(Schema.NonEmptyString), { minLength: rows, maxLength: rows }),
        data: Arbitrary.array(Arbitrary.schema(Schema.Finite.check(Schema.isBetween({ minimum: 0.125, maximum: 1 }))), {
          minLength: rows * 3,
          maxLength: rows * 3
        })
      })
  )
  it.effect.prop("reads again what it wrote, to the bit", [vectors], ([{ data, ids }]) =>
    Effect.gen(function* () {
      const given = ids.map((id, row) => PromptId.make(`${id}${row}`))
      const matrix = yield* Effect.fromResult(
        EmbeddingMatrix.make({ model: "m", dimension: 3 }, given, Float32Array.from(data))
      )
      const path = yield* holding("a.npy", "")
      yield* MatrixFile.write(path, matrix)
      const again = yield* read({ path, model: "m" })
      assert.deepStrictEqual(again.ids, matrix.ids)
      assert.deepStrictEqual(again.data, matrix.data)
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )
})
