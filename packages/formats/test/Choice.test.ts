import { type Choice, rowsOf } from "@consortium/formats/Choice"
import { formats, type Name } from "@consortium/formats/Formats"
import { pairsOf } from "@consortium/formats/Pairs"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import { type Made, ranked } from "./ranked.js"

const texts = ["one", "two", "three", "four"]
const pairs = (which: "all" | "best-worst" | "adjacent", made: Made = { texts }) =>
  pairsOf(ranked(made), which).map(({ chosen, rejected }) => `${chosen.id}>${rejected.id}`)
const chosen = (name: Name, choice: Choice, made?: Made) => {
  const { left, near, rows } = rowsOf(formats[name], ranked(made), choice)
  return { rows: rows.length, left, near }
}

describe("pairs", () => {
  it("are all, the ends, or neighbours", () => {
    assert.deepStrictEqual(pairs("all"), ["a>b", "a>c", "a>d", "b>c", "b>d", "c>d"])
    assert.deepStrictEqual(pairs("best-worst"), ["a>d"])
    assert.deepStrictEqual(pairs("adjacent"), ["a>b", "b>c", "c>d"])
  })

  it("never prefer among equals, nor what is unacceptable", () => {
    assert.deepStrictEqual(pairs("all", { texts, scores: [1, 1, 0.5, 0.5] }), ["a>c", "a>d", "b>c", "b>d"])
    assert.deepStrictEqual(pairs("adjacent", { texts, acceptable: [true, false, false, false] }), ["a>b"])
    assert.deepStrictEqual(pairs("best-worst", { texts: ["one"] }), [])
  })

  it("count the orders for, against and tied; those who called one unacceptable put it last", () => {
    const row = ranked({ texts: ["one", "two"] })
    const judges = [
      { judge: "x", order: [["a"], ["b"]] },
      { judge: "x", order: [["b"], ["a"]] },
      { judge: "y", order: [["a", "b"]] },
      { judge: "z", order: [["a"]], unacceptable: ["b"] },
      { judge: "z", order: [["a"]] },
      { judge: "absent" }
    ]
    const [pair] = pairsOf({ ...row, judges }, "all")
    assert.deepStrictEqual(pair?.votes, { for: 2, against: 1, tied: 1 })
    assert.strictEqual(pair?.agreement, 0.5)
    assert.isNull(pairsOf({ ...row, judges: [] }, "all")[0]?.agreement ?? null)
  })

  it.prop(
    "all contain the others, and each is ahead by its margin",
    [Arbitrary.schema(Schema.Array(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))))],
    ([numbers]) => {
      const scores = [...numbers].sort((a, b) => b - a)
      const made = { texts: scores.map(String).map((text, at) => `${text} ${at}`), scores }
      const all = new Set(pairs("all", made))
      for (const which of ["best-worst", "adjacent"] as const) {
        for (const pair of pairs(which, made)) assert.isTrue(all.has(pair))
      }
      for (const { chosen, margin, rejected } of pairsOf(ranked(made), "all")) {
        assert.isAbove(margin, 0)
        assert.strictEqual(margin, chosen.score - rejected.score)
      }
    }
  )
})

describe("what is chosen", () => {
  it("is sure enough, and counted where it is not", () => {
    const none = { rows: 0, near: 0 }
    assert.deepStrictEqual(chosen("openai", { minPBest: 0.8 }), { ...none, left: ["low-p-best"] })
    assert.deepStrictEqual(chosen("openai", { minPBest: 0.75 }), { rows: 1, near: 0, left: [] })
    assert.deepStrictEqual(chosen("openai", { minMargin: 0.5 }), { ...none, left: ["low-margin"] })
    assert.deepStrictEqual(chosen("dpo", { minMargin: 0.5 }), { rows: 1, near: 0, left: [] })
    assert.deepStrictEqual(chosen("dpo", { minMargin: 0.5, pairs: "all" }), {
      rows: 1,
      near: 0,
      left: ["low-margin", "low-margin"]
    })
    const split = {
      orders: [
        [0, 1, 2],
        [2, 1, 0],
        [0, 2, 1]
      ]
    }
    assert.deepStrictEqual(chosen("openai", { minAgreement: 0.7 }, split), { ...none, left: ["low-agreement"] })
    assert.deepStrictEqual(chosen("dpo", { minAgreement: 0.6 }, split), { rows: 1, near: 0, left: [] })
    assert.deepStrictEqual(chosen("dpo", { minAgreement: 0.7 }, split), { ...none, left: ["low-agreement"] })
  })

  it("is nothing where nobody compared and certainty is asked for", () => {
    const alone = { texts: ["one"], orders: [] }
    assert.deepStrictEqual(chosen("openai", {}, alone), { rows: 1, near: 0, left: [] })
    for (const choice of [{ minMargin: 0.1 }, { minPBest: 0.1 }, { minAgreement: 0.1 }]) {
      assert.strictEqual(chosen("openai", choice, alone).rows, 0)
    }
    assert.deepStrictEqual(chosen("dpo", {}, alone).left, ["no-pair"])
  })

  it("says a thing once: of answers nearly alike the best stays", () => {
    const near = (a: string, b: string) => a.slice(0, 3) === b.slice(0, 3)
    const made = { texts: ["same one", "same two", "other"] }
    assert.deepStrictEqual(chosen("listwise", { near }, made), { rows: 1, near: 1, left: [] })
    const { rows } = rowsOf(formats.listwise, ranked(made), { near })
    assert.deepStrictEqual(rows[0]?.completions, ["same one", "other"])
    assert.strictEqual(chosen("dpo", { near, pairs: "adjacent" }, made).rows, 1)
  })

  it("labels what only wins and what only loses", () => {
    const labels = (choice: Choice, made?: Made) =>
      rowsOf(formats.kto, ranked(made), choice).rows.map(({ label }) => label)
    assert.deepStrictEqual(labels({ pairs: "all" }), [true, false])
    assert.deepStrictEqual(labels({ pairs: "adjacent" }, { texts, acceptable: [true, true, true, false] }), [
      true,
      false
    ])
    assert.deepStrictEqual(labels({}, { texts, acceptable: [true, false, false, false] }), [true, false, false, false])
  })

  it("says where it comes from, when it is asked to", () => {
    const [row] = rowsOf(formats.dpo, ranked(), { provenance: true }).rows
    assert.deepStrictEqual(row?.provenance, {
      id: "p1",
      seed: 7,
      version: "0.0.0",
      simulated: true,
      p_best: 0.75,
      margin: 1 - 1 / 3,
      judges: 1,
      judges_agree: 1,
      chosen: { candidate: "a", member: "member a", model: "made/up", score: 1 },
      rejected: { candidate: "c", member: "member c", model: "made/up", score: 1 / 3 },
      agreement: 1,
      votes: { for: 1, against: 0, tied: 0 }
    })
    assert.notProperty(rowsOf(formats.dpo, ranked()).rows[0] ?? {}, "provenance")
  })
})
