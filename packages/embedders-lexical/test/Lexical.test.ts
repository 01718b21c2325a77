import { assert, describe, it } from "@effect/vitest"
import { Embedder, embedAll } from "@consortium/core/Embedder"
import { PromptId } from "@consortium/core/Ids"
import { isNonEmpty, type NonEmpty } from "@consortium/core/NonEmpty"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { embedder, layer, space, vectors } from "../src/Lexical.js"

const vectorOf = (text: string): Float32Array => vectors([text]).data
const cosine = (a: string, b: string): number => {
  const [x, y] = [vectorOf(a), vectorOf(b)]
  const dot = (p: Float32Array, q: Float32Array) => p.reduce((sum, value, i) => sum + value * (q[i] ?? 0), 0)
  return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y))
}
const nearest = (query: string, texts: NonEmpty<string>): string =>
  texts.reduce((best, text) => (cosine(query, text) > cosine(query, best) ? text : best))

describe("Lexical", () => {
  it.effect("says its space and fits the stage", () =>
    Effect.gen(function* () {
      const rows = Stream.fromIterable(
        ["a red fox", "a brown bear", ""].map((text, i) => ({ id: PromptId.make(`p${i}`), text }))
      )
      const { matrix, failed } = yield* embedAll(yield* Embedder, rows, 3)
      assert.deepStrictEqual([matrix.rows, failed.length], [3, 0])
      assert.deepStrictEqual(matrix.space, { model: "lexical/default", dimension: 384, variant: "r1" })
      assert.deepStrictEqual([embedder.ref, embedder.local], ["lexical/default", true])
    }).pipe(Effect.provide(layer))
  )

  it.effect.prop(
    "gives a text the same vector in any batch, and never a zero or non-finite one",
    [Schema.Array(Schema.String)],
    ([texts]) =>
      Effect.gen(function* () {
        if (!isNonEmpty(texts)) return
        const { data } = yield* embedder.embed(texts)
        for (const [row, text] of texts.entries()) {
          const vector = data.slice(row * space.dimension, (row + 1) * space.dimension)
          assert.deepStrictEqual(vector, vectorOf(text))
          assert.isTrue(vector.every(Number.isFinite) && vector.some((x) => x !== 0))
        }
      }),
    { arbitrary: { runs: 100 } }
  )

  it.effect("never gives a lone word a zero vector", () =>
    Effect.gen(function* () {
      const result = yield* Arbitrary.checkEffect(
        Arbitrary.schema(Schema.Int),
        (n) => Effect.succeed(vectorOf(`w${n}`).some((x) => x !== 0)),
        { runs: 2000 }
      )
      assert.notStrictEqual(result._tag, "Falsified")
    })
  )

  it("gives every text without words the same direction", () => {
    for (const text of ["", "   \n", "?!", "—…", "\u0000"]) assert.deepStrictEqual(vectorOf(text), vectorOf("."))
  })

  it("does not mind case, layout, punctuation or compatible forms", () => {
    const plain = vectorOf("explain the file format in detail")
    for (const text of [
      "Explain THE file\n\nformat: in detail!",
      "explain the \ufb01le format in detail",
      "ｅｘｐｌａｉｎ the file format in detail"
    ]) {
      assert.deepStrictEqual(vectorOf(text), plain)
    }
  })

  it("finds a reworded text among others", () => {
    const texts: NonEmpty<string> = [
      "Write a poem about a ship that leaves the harbour at dawn.",
      "Explain how a ship is steered, and what a rudder does.",
      "How many apples are left when Tom eats 3 of 12?",
      "How many apples are left when Tom eats 5 of 12?",
      "港の船について詩を書いてください。",
      "リンゴは何個残っていますか。",
      "Wie wird ein Schiff gesteuert?"
    ]
    assert.strictEqual(nearest("what a rudder does; explain how ships are steered", texts), texts[1])
    assert.strictEqual(nearest("when Tom eats 5 apples of 12, how many remain?", texts), texts[3])
    assert.strictEqual(nearest("船と港の詩", texts), texts[4])
    assert.strictEqual(nearest("ein Schiff steuern", texts), texts[6])
    assert.isBelow(Math.abs(cosine("Explain how a ship is steered.", "リンゴは何個残っていますか。")), 0.2)
  })

  it("reads words of one stem as kin, and counts repetition sparingly", () => {
    assert.isAbove(cosine("translation", "translations"), 0.25)
    assert.isBelow(cosine("translation", "harbour"), 0.15)
    const once = cosine("harbour weather", "harbour")
    const often = cosine("harbour harbour harbour harbour weather", "harbour")
    assert.isTrue(often > once && often < 0.99)
  })

  it("reads texts that are longer than its tables, and short ones after them", () => {
    const long = Array.from({ length: 40_000 }, (_, i) => `word${i * 7919}`).join(" ")
    const before = vectorOf("a short text")
    assert.isTrue(vectorOf(long).some((x) => x !== 0))
    assert.deepStrictEqual(vectorOf(long), vectorOf(long))
    assert.deepStrictEqual(vectorOf("a short text"), before)
  })

  it("keeps its vectors from release to release: another variant must be named when these change", () => {
    const { data } = vectors(["The quick brown fox jumps over the lazy dog."])
    const print = data.reduce((sum, x, i) => sum + x * (i + 1), 0)
    assert.closeTo(print, 285.29935079813004, 1e-2)
  })
})
