import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Vectors from "../src/Vectors.js"

const bytes = (array: Float32Array | Float64Array | Int8Array | Uint8Array) =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString("base64")

const read = (values: unknown, wanted: Partial<Vectors.Wanted> = {}) =>
  Vectors.read([{ values }], { texts: 1, ...wanted })

const rows = (values: unknown, wanted: Partial<Vectors.Wanted> = {}) => [
  ...Result.getOrThrow(read(values, wanted)).data
]

/** A unit vector of fractions that no power of two divides. */
const fractions = Array.from({ length: 64 }, (_, i) => Math.sin(i + 1) / 6)

describe("Vectors", () => {
  it("reads float32 as numbers and as base64, to the bit", () => {
    const floats = new Float32Array(fractions)
    assert.deepStrictEqual(rows(fractions), [...floats])
    assert.deepStrictEqual(rows(bytes(floats)), [...floats])
    assert.deepStrictEqual(rows(bytes(floats).replace(/=+$/, "")), [...floats])
  })

  it("reads base64 to the same bits where there is no Buffer, as in browsers", () => {
    const floats = bytes(new Float32Array(fractions))
    const doubles = bytes(new Float64Array(fractions))
    const signed = bytes(Int8Array.of(1, -2, 127, -128))
    const all = () => [
      rows(floats),
      rows(floats.replace(/=+$/, "").replaceAll("+", "-").replaceAll("/", "_")),
      rows(doubles),
      rows(signed, { encoding: "int8" }),
      Result.isFailure(read("not base64 at all!", { dimension: 4 }))
    ]
    const here = all()
    const node = Object.getOwnPropertyDescriptor(globalThis, "Buffer") ?? {}
    Reflect.deleteProperty(globalThis, "Buffer")
    try {
      assert.deepStrictEqual(all(), here)
    } finally {
      Object.defineProperty(globalThis, "Buffer", node)
    }
  })

  it("tells float64 by its length where the dimension is known, and by its bytes where it is not", () => {
    const doubles = new Float64Array(fractions)
    const floats = [...new Float32Array(fractions)]
    assert.deepStrictEqual(rows(bytes(doubles), { dimension: 64 }), floats)
    assert.deepStrictEqual(rows(bytes(doubles)), floats)
    // Of a model that computes in 16 bits, all lower halves are 0.
    const halves = fractions.map((x) => Math.round(x * 256) / 256)
    assert.deepStrictEqual(rows(bytes(new Float64Array(halves))), halves)
  })

  it("does not take float32 for float64", () => {
    const zeros = new Float32Array(64)
    assert.strictEqual(rows(bytes(zeros)).length, 64)
    const sparse = new Float32Array(64).fill(0.125, 32)
    assert.deepStrictEqual(rows(bytes(sparse)), [...sparse])
    const tiny = new Float32Array(64).fill(1e-30)
    assert.deepStrictEqual(rows(bytes(tiny)), [...tiny])
  })

  it("reads signed bytes as numbers and as base64", () => {
    const wanted = { encoding: "int8" } as const
    assert.deepStrictEqual(rows(bytes(Int8Array.from([1, -128, 127])), wanted), [1, -128, 127])
    assert.deepStrictEqual(rows([1, -128, 127], wanted), [1, -128, 127])
    assert.isTrue(Result.isFailure(read([1, 128], wanted)))
    assert.isTrue(Result.isFailure(read([0.5], wanted)))
  })

  it("unpacks bits, the highest first, so that a cosine counts what two rows share", () => {
    const wanted = { encoding: "bits" } as const
    const signs = [1, -1, 1, -1, -1, -1, 1, 1]
    assert.deepStrictEqual(rows([0b10100011], wanted), signs)
    assert.deepStrictEqual(rows(bytes(Uint8Array.from([0b10100011])), wanted), signs)
    assert.deepStrictEqual(rows([255, 0], { ...wanted, dimension: 16 }), [...Array(8).fill(1), ...Array(8).fill(-1)])
    assert.isTrue(Result.isFailure(read([-93], wanted)))
    assert.isTrue(Result.isFailure(read([255, 0], { ...wanted, dimension: 8 })))
  })

  it("refuses what is no row", () => {
    const bad = [[], "", null, {}, "?", [Number.NaN], [1, "2"], [1e300], bytes(new Float32Array([Infinity]))]
    for (const values of bad) assert.isTrue(Result.isFailure(read(values)), JSON.stringify(values))
    assert.isTrue(Result.isFailure(Vectors.read([], { texts: 1 })))
    assert.isTrue(
      Result.isFailure(Vectors.read([{ values: [1] }, { values: bytes(new Float32Array(2)) }], { texts: 2 }))
    )
  })

  it("puts rows where they say that they belong", () => {
    const given = [
      { index: 1, values: [3, 4] },
      { index: 0, values: [1, 2] }
    ]
    assert.deepStrictEqual([...Result.getOrThrow(Vectors.read(given, { texts: 2 })).data], [1, 2, 3, 4])
  })

  it("knows a count of tokens", () => {
    assert.deepStrictEqual([3, 0, -1, Number.NaN, "3", null].map(Vectors.tokens), [3, 0, ...Array(4).fill(undefined)])
  })
})
