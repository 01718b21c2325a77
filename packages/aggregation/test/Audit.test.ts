import * as LengthAudit from "@consortium/aggregation/LengthAudit"
import * as PositionAudit from "@consortium/aggregation/PositionAudit"
import * as SelfPreference from "@consortium/aggregation/SelfPreference"
import * as Votes from "@consortium/aggregation/Votes"
import { draws } from "@consortium/core/Seed"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { one, order, seed } from "./said.js"

const made = (sheets: ReadonlyArray<Votes.Sheet>) => Result.getOrThrow(Votes.make(sheets))

describe("PositionAudit", () => {
  it("counts how often the one shown earlier is preferred, in pairs and lists", () => {
    const votes = one(
      "abc",
      { judge: "j", pair: ["a", "b"], preference: 1 },
      { judge: "j", pair: ["b", "a"], preference: 1 },
      { judge: "j", pair: ["a", "c"], preference: 0.5 },
      { judge: "k", order: ["b", "a", "c"], shown: ["a", "b", "c"] },
      order("l", "a>b>c")
    )
    const [j, k, l] = PositionAudit.audit(votes, seed)
    assert.deepStrictEqual([j?.pairs, j?.first.value, j?.reverses.value], [3, 2.5 / 3, 1])
    assert.deepStrictEqual([k?.pairs, k?.first.value], [3, 2 / 3])
    assert.strictEqual(l?.pairs, 0)
    assert.isNaN(l?.first.value ?? 0)
  })

  it("has an interval that holds no bias for a judge without one, and not for one with", () => {
    const draw = draws(seed, "position")
    const sheets = Array.from({ length: 200 }, () => ({
      candidates: ["a", "b"],
      votes: [
        ["fair", 0.5],
        ["biased", 0.8]
      ].map(([judge, p]) => ({
        judge: String(judge),
        pair: ["a", "b"] as const,
        preference: draw() < Number(p) ? (1 as const) : (0 as const)
      }))
    }))
    const [biased, fair] = PositionAudit.audit(made(sheets), seed)
    assert.isAbove(biased?.first.low ?? 0, 0.5)
    assert.isTrue((fair?.first.low ?? 1) < 0.5 && (fair?.first.high ?? 0) > 0.5)
  })
})

describe("LengthAudit", () => {
  it("finds the coefficient by which a judge was made, labels known", () => {
    const draw = draws(seed, "length")
    const lengths: Array<number> = []
    const sheets = Array.from({ length: 1500 }, () => {
      const [a, b] = [2 ** (5 + 3 * draw()), 2 ** (5 + 3 * draw())]
      lengths.push(a, b)
      const right = draw() < 0.5 ? 1 : -1
      const p = 1 / (1 + Math.exp(-(1.5 * Math.log2(a / b) + right)))
      return {
        candidates: ["a", "b"],
        votes: [
          { judge: "j", pair: ["a", "b"] as const, preference: draw() < p ? (1 as const) : (0 as const) },
          { judge: "k", pair: ["a", "b"] as const, preference: right > 0 ? (1 as const) : (0 as const) }
        ],
        truth: [{ judge: "t", pair: ["a", "b"] as const, preference: right > 0 ? (1 as const) : (0 as const) }]
      }
    })
    const [j, k] = LengthAudit.audit(made(sheets), lengths, seed)
    assert.approximately(j?.coefficient.value ?? 0, 1.5, 0.25)
    assert.isTrue((j?.coefficient.low ?? 9) < 1.5 && (j?.coefficient.high ?? 0) > 1.5)
    assert.isTrue(j?.suspicious)
    assert.isAbove(j?.longer.low ?? 0, 0.6)
    assert.isFalse(k?.suspicious)
    assert.approximately(k?.longer.value ?? 0, 0.5, 0.06)
  })
})

describe("SelfPreference", () => {
  const own: SelfPreference.Own = (judge, candidate) => judge === candidate
  /** `a` always prefers its own answer, the others prefer it half of the time. */
  const votes = (groups: number) =>
    made(
      Array.from({ length: groups }, (_, g) => ({
        candidates: ["a", "b", "c"],
        votes: [order("a", "a>b=c"), order("d", g % 2 === 0 ? "a>b=c" : "b=c>a")]
      }))
    )

  it("is the judge's preference for its own answers minus that of the others", () => {
    const [a, d] = SelfPreference.audit(votes(30), own, seed)
    assert.deepStrictEqual([a?.judge, a?.pairs, a?.excess.value], ["a", 60, 0.5])
    assert.isAbove(a?.excess.low ?? 0, 0.3)
    assert.strictEqual(d?.pairs, 0)
  })

  it("gives offsets that are drawn to 0, capped, and 0 below thirty pairs", () => {
    assert.deepStrictEqual(
      [...SelfPreference.offsets(votes(10), own)],
      [
        ["a", 0],
        ["d", 0]
      ]
    )
    assert.strictEqual(SelfPreference.offsets(votes(30), own).get("a"), 0.15)
    const mild = made(
      Array.from({ length: 30 }, (_, g) => ({
        candidates: ["a", "b"],
        votes: [order("a", "a>b"), order("d", g < 27 ? "a>b" : "b>a")]
      }))
    )
    // 0.1 over 30 pairs, drawn half-way to 0.
    assert.approximately(SelfPreference.offsets(mild, own).get("a") ?? 0, 0.05, 1e-12)
  })

  it("lowers only what a judge says of its own", () => {
    const before = votes(1)
    const after = SelfPreference.corrected(before, own, new Map([["a", 0.1]]))
    assert.deepStrictEqual([...after.preference.slice(0, 9)], [0, 0.9, 0.9, 1 - 0.9, 0, 0.5, 1 - 0.9, 0.5, 0])
    assert.deepStrictEqual(after.preference.slice(9), before.preference.slice(9))
  })
})
