import { type EmbeddingError, EmbeddingMatrix, normalise, spaceKey } from "@consortium/core/EmbeddingMatrix"
import { PromptId } from "@consortium/core/Ids"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

const space = { model: "synthetic", dimension: 2 }
const ids = (...names: ReadonlyArray<string>) => names.map((name) => PromptId.make(name))
const whyNot = <A>(result: Result.Result<A, EmbeddingError>) => (Result.isFailure(result) ? result.failure.why : "made")

describe("normalise", () => {
  const finite = Schema.Finite.check(Schema.isBetween({ minimum: -3e38, maximum: 3e38 }))
  it.prop(
    "scales to length 1 in place and keeps the direction, for tiny and huge numbers too",
    [Arbitrary.array(Arbitrary.schema(finite), { minLength: 1 }), Schema.Literals([1, 1e-30, 1e30])],
    ([numbers, scale]) => {
      const data = Float32Array.from(numbers, (one) => one * scale)
      const before = Float32Array.from(data)
      const trouble = normalise(data, 0, data.length)
      if (before.some((one) => !Number.isFinite(one))) return assert.strictEqual(trouble, "not-finite")
      if (before.every((one) => one === 0)) return assert.strictEqual(trouble, "zero-vector")
      assert.isUndefined(trouble)
      assert.closeTo(Math.hypot(...data), 1, 1e-6)
      for (const [index, one] of data.entries())
        assert.isTrue(one === 0 || Math.sign(one) === Math.sign(before[index] ?? 0))
    }
  )

  it.prop(
    "changes nothing the second time",
    [Arbitrary.array(Arbitrary.schema(finite), { minLength: 1 })],
    ([numbers]) => {
      const data = Float32Array.from(numbers)
      if (normalise(data, 0, data.length) !== undefined) return
      const once = Float32Array.from(data)
      normalise(data, 0, data.length)
      assert.deepStrictEqual(data, once)
    }
  )

  it("says why it can't", () => {
    assert.strictEqual(normalise(Float32Array.of(0, 0), 0, 2), "zero-vector")
    assert.strictEqual(normalise(Float32Array.of(1, Number.NaN), 0, 2), "not-finite")
    assert.strictEqual(normalise(Float32Array.of(Infinity, 1), 0, 2), "not-finite")
  })
})

describe("EmbeddingMatrix.make", () => {
  it("takes the numbers over without a copy, as unit rows named by prompt", () => {
    const data = Float32Array.of(3, 4, 0, -2)
    const matrix = Result.getOrThrow(EmbeddingMatrix.make(space, ids("a", "b"), data))
    assert.strictEqual(matrix.data, data)
    assert.deepStrictEqual([...matrix.row(0), ...matrix.row(1)], [...Float32Array.of(0.6, 0.8, 0, -1)])
    assert.strictEqual(matrix.row(1).buffer, data.buffer)
    assert.strictEqual(matrix.rows, 2)
  })

  it("refuses what is no matrix", () => {
    assert.strictEqual(whyNot(EmbeddingMatrix.make(space, [], new Float32Array())), "empty")
    assert.strictEqual(whyNot(EmbeddingMatrix.make(space, ids("a"), new Float32Array(3))), "wrong-shape")
    assert.strictEqual(
      whyNot(EmbeddingMatrix.make({ model: "m", dimension: 0 }, ids("a"), new Float32Array())),
      "wrong-shape"
    )
    assert.strictEqual(whyNot(EmbeddingMatrix.make(space, ids("a", "a"), Float32Array.of(1, 0, 1, 0))), "repeated-id")
    assert.strictEqual(whyNot(EmbeddingMatrix.make(space, ids("a"), Float32Array.of(0, 0))), "zero-vector")
    assert.strictEqual(whyNot(EmbeddingMatrix.make(space, ids("a"), Float32Array.of(1, Number.NaN))), "not-finite")
  })
})

describe("append", () => {
  const one = Result.getOrThrow(EmbeddingMatrix.make(space, ids("a"), Float32Array.of(1, 0)))
  it("puts the other rows behind, and leaves both as they are", () => {
    const two = Result.getOrThrow(EmbeddingMatrix.make(space, ids("b"), Float32Array.of(0, 1)))
    const both = Result.getOrThrow(one.append(two))
    assert.deepStrictEqual([both.ids, [...both.data]], [ids("a", "b"), [1, 0, 0, 1]])
    assert.notStrictEqual(both.data.buffer, one.data.buffer)
  })

  it("joins neither two spaces nor a prompt twice", () => {
    const other = Result.getOrThrow(
      EmbeddingMatrix.make({ ...space, variant: "query" }, ids("b"), Float32Array.of(1, 0))
    )
    assert.strictEqual(whyNot(one.append(other)), "mixed-spaces")
    assert.strictEqual(whyNot(one.append(one)), "repeated-id")
    assert.strictEqual(spaceKey(other.space), "synthetic/2/query")
  })
})
