import * as Learn from "@consortium/aggregation/Learn"
import * as Votes from "@consortium/aggregation/Votes"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"

/** Groups of two in which `firm` keeps to its word, `fair` mostly does, and `lost` always follows the order. */
const groups = (count: number, passes = 2): Votes.Votes =>
  Result.getOrThrow(
    Votes.make(
      Array.from({ length: count }, (_, g) => ({
        candidates: ["a", "b"],
        votes: Array.from({ length: passes }, (_, pass) => {
          const shown = pass % 2 === 0 ? ["a", "b"] : ["b", "a"]
          return [
            { judge: "firm", order: ["a", "b"], shown },
            { judge: "fair", order: g % 4 === 0 ? shown : ["a", "b"], shown },
            { judge: "lost", order: shown, shown }
          ]
        }).flat()
      }))
    )
  )

describe("learn", () => {
  it("weighs judges by how seldom they reverse themselves, and removes those who follow the order", () => {
    const { from, removed, weights } = Learn.learn(groups(40))
    assert.strictEqual(from, "flip-rate")
    assert.deepStrictEqual(removed, ["lost"])
    assert.strictEqual(weights.get("lost"), 0)
    assert.isAbove(weights.get("firm") ?? 0, weights.get("fair") ?? 9)
    assert.closeTo((weights.get("firm") ?? 0) + (weights.get("fair") ?? 0), 2, 1e-12)
  })

  it("learns nothing from few groups, or from groups in one order", () => {
    for (const votes of [groups(29), groups(100, 1)]) {
      const learnt = Learn.learn(votes)
      assert.deepStrictEqual([learnt.from, learnt.removed.length], ["equal", 0])
      assert.deepStrictEqual([...learnt.weights.values()], [1, 1, 1])
    }
  })

  it("hears somebody even where all are unstable", () => {
    const votes = Result.getOrThrow(
      Votes.make(
        Array.from({ length: 50 }, () => ({
          candidates: ["a", "b"],
          votes: [
            { judge: "x", order: ["a", "b"] },
            { judge: "x", order: ["b", "a"] }
          ]
        }))
      )
    )
    const { removed, weights } = Learn.learn(votes)
    assert.deepStrictEqual([removed.length, weights.get("x")], [0, 1])
  })

  it("takes weights from labels as they are", () => {
    const weights = new Map([["firm", 0.2]])
    assert.deepStrictEqual(Learn.learn(groups(40), { weights }).weights, weights)
  })

  it("learns by how much a judge is for its own answers", () => {
    const votes = Result.getOrThrow(
      Votes.make(
        Array.from({ length: 100 }, () => ({
          candidates: ["a", "b"],
          votes: [
            { judge: "vain", order: ["b", "a"] },
            { judge: "x", order: ["a", "b"] },
            { judge: "y", order: ["a", "b"] }
          ]
        }))
      )
    )
    const { offsets } = Learn.learn(votes, { own: (judge, candidate) => judge === "vain" && candidate === "b" })
    assert.strictEqual(offsets.get("vain"), 0.15)
    assert.strictEqual(offsets.get("x"), 0)
  })
})
