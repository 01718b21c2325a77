import * as Votes from "@consortium/aggregation/Votes"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { one, order, random } from "./said.js"

const wrong = (candidates: string, ...votes: ReadonlyArray<Votes.Said>): string => {
  const made = Votes.make([
    { candidates: ["x"], votes: [] },
    { candidates: [...candidates], votes }
  ])
  if (Result.isSuccess(made)) throw new Error("votes that should be refused")
  return made.failure.message
}

describe("Votes", () => {
  it("says the same in orders, pairs and scores", () => {
    const a = one("abc", order("j", "a>b=c"))
    const b = one("abc", { judge: "j", scores: { a: 9, b: 2, c: 2 } })
    const c = one(
      "abc",
      { judge: "j", pair: ["a", "b"], preference: 1 },
      { judge: "j", pair: ["c", "a"], preference: 0 },
      { judge: "j", pair: ["b", "c"], preference: 0.5 }
    )
    assert.deepStrictEqual([...a.preference], [0, 1, 1, 0, 0, 0.5, 0, 0.5, 0])
    assert.deepStrictEqual(a.preference, b.preference)
    assert.deepStrictEqual(a.preference, c.preference)
    assert.deepStrictEqual([...a.heard], [...c.heard])
  })

  it("has no verdict where none was given, and a half for a reversal", () => {
    const votes = one(
      "abc",
      order("j", "a>b"),
      order("j", "b>a"),
      { judge: "k", pair: ["a", "c"], preference: null },
      { judge: "l", scores: { a: 1, c: null } }
    )
    assert.deepStrictEqual([...votes.heard], [0, 2, 0, 2, 0, 0, 0, 0, 0, ...new Array<number>(18).fill(0)])
    assert.strictEqual(votes.preference[1], 0.5)
  })

  it("keeps what was shown", () => {
    const votes = one(
      "abc",
      { judge: "j", order: ["a", "b"], shown: ["c", "a", "b"] },
      { judge: "k", pair: ["b", "a"], preference: null }
    )
    assert.deepStrictEqual([...votes.shown], [1, 2, 0, 1, 0, -1])
  })

  it("decides truth by majority", () => {
    const truth = [...Array<0>(2)].map(() => ({ judge: "h", pair: ["a", "b"] as const, preference: 1 as const }))
    const votes = Result.getOrThrow(
      Votes.make([
        { candidates: ["a", "b"], votes: [], truth: [...truth, { judge: "h", pair: ["b", "a"], preference: 1 }] }
      ])
    )
    assert.deepStrictEqual([...votes.truth], [0.5, 1, 0, 0.5])
  })

  it("refuses what can't be counted, and says where", () => {
    assert.strictEqual(
      wrong("ab", order("j", "a>z")),
      "group 1, judge j: z is no candidate; correct it or leave it out"
    )
    assert.include(wrong("ab", order("j", "a>a")), "ranked twice")
    assert.include(wrong("aab"), "stands there twice")
    assert.include(wrong(""), "no candidates")
    assert.include(wrong("ab", { judge: "j", pair: ["a", "a"], preference: 1 }), "with itself")
    assert.include(wrong("ab", { judge: "j", scores: { a: Number.NaN } }), "a score of NaN")
    assert.include(wrong("ab", { judge: "j", order: ["a"], shown: ["q"] }), "was shown q")
  })

  it("reads columns as it reads orders", () => {
    const columns = Votes.ofLevels(["j", "k"], 3, Int16Array.of(0, 1, 1, 2, -1, 0, 0, 0, 0, 1, 0, 2))
    const orders = Result.getOrThrow(
      Votes.make([
        { candidates: ["0", "1", "2"], votes: [order("j", "0>1=2"), order("k", "2>0")] },
        { candidates: ["0", "1", "2"], votes: [order("j", "0=1=2"), order("k", "1>0>2")] }
      ])
    )
    assert.deepStrictEqual(columns.preference, orders.preference)
    assert.deepStrictEqual(columns.heard, orders.heard)
    assert.deepStrictEqual(columns.candidates, orders.candidates)
  })

  it("picks groups, also twice", () => {
    const votes = random(1, 4, 3, 2)
    const picked = Votes.pick(votes, [2, 0, 2])
    assert.strictEqual(Votes.size(picked), 3)
    assert.deepStrictEqual(picked.preference.slice(0, 18), votes.preference.slice(36, 54))
    assert.deepStrictEqual(picked.preference.slice(18, 36), votes.preference.slice(0, 18))
    assert.deepStrictEqual(picked.truth.slice(18), votes.truth.slice(18, 27))
    assert.deepStrictEqual(Votes.candidatesOf(picked, 1), ["a", "b", "c"])
  })
})
