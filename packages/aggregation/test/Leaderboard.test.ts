import * as Leaderboard from "@consortium/aggregation/Leaderboard"
import { draws } from "@consortium/core/Seed"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { seed } from "./said.js"

/** Baseball's American League East, 1987: Agresti, Categorical Data Analysis, table 11.10; wins of the row. */
const teams = ["Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore"]
const wins = [
  [0, 7, 9, 7, 7, 9, 11],
  [6, 0, 7, 5, 11, 9, 9],
  [4, 6, 0, 7, 7, 8, 12],
  [6, 8, 6, 0, 6, 7, 10],
  [6, 2, 6, 7, 0, 7, 12],
  [4, 4, 5, 6, 6, 0, 6],
  [2, 4, 1, 3, 1, 7, 0]
]
const season = wins.flatMap((row, a) =>
  row.flatMap((count, b) =>
    Array.from({ length: count }, () => ({ first: teams[a] ?? "", second: teams[b] ?? "", preference: 1 }))
  )
)

describe("Leaderboard", () => {
  it("gives the published abilities of a baseball season", () => {
    const { entries, parts } = Result.getOrThrow(Leaderboard.fit(Leaderboard.columns(season), { ridge: 1e-9 }))
    const last = entries.at(-1)?.strength.value ?? 0
    assert.deepStrictEqual(
      entries.map((entry) => entry.id),
      teams
    )
    const abilities = [1.581, 1.436, 1.294, 1.248, 1.108, 0.684, 0]
    for (const [at, ability] of abilities.entries())
      assert.approximately((entries[at]?.strength.value ?? 0) - last, ability, 1e-3)
    assert.strictEqual(parts, 1)
    assert.strictEqual(entries[0]?.comparisons, 78)
    assert.approximately(entries[0]?.winRate ?? 0, 50 / 78, 1e-12)
    assert.approximately(
      (entries[0]?.rating.value ?? 0) - 1000,
      (entries[0]?.strength.value ?? 0) * (400 / Math.LN10),
      1e-9
    )
  })

  it("has Laplace intervals about as wide as bootstrap ones", () => {
    const data = Leaderboard.columns(season)
    const laplace = Result.getOrThrow(Leaderboard.fit(data)).entries
    const bootstrap = Result.getOrThrow(Leaderboard.fit(data, { interval: "bootstrap", draws: 300 })).entries
    for (const [at, { strength }] of laplace.entries()) {
      const other = bootstrap[at]?.strength ?? { low: 0, high: 0, value: 0 }
      assert.approximately(other.value, strength.value, 1e-12)
      const ratio = (other.high - other.low) / (strength.high - strength.low)
      assert.isAbove(ratio, 0.6)
      assert.isBelow(ratio, 1.4)
    }
  })

  it("holds the truth about as often as it says", () => {
    const truth = [1, 0.5, 0, -0.5, -1]
    let held = 0
    for (let world = 0; world < 100; world++) {
      const draw = draws(seed, "world", world)
      const data = Array.from({ length: 300 }, () => {
        const a = Math.floor(draw() * 5)
        const b = (a + 1 + Math.floor(draw() * 4)) % 5
        const p = 1 / (1 + Math.exp((truth[b] ?? 0) - (truth[a] ?? 0)))
        return { first: String(a), second: String(b), preference: draw() < p ? 1 : 0 }
      })
      for (const { id, strength } of Result.getOrThrow(Leaderboard.fit(Leaderboard.columns(data))).entries) {
        const value = truth[Number(id)] ?? 0
        if (strength.low <= value && value <= strength.high) held++
      }
    }
    assert.isAtLeast(held, 460)
    assert.isAtMost(held, 490)
  })

  it("counts parts, takes weights for copies, and refuses what can't be counted", () => {
    const twice = [
      { first: "a", second: "b", preference: 1 },
      { first: "a", second: "b", preference: 1 },
      { first: "c", second: "d", preference: 0.5 }
    ]
    const once = [
      { first: "a", second: "b", preference: 1, weight: 2 },
      { first: "c", second: "d", preference: 0.5 }
    ]
    const copies = Result.getOrThrow(Leaderboard.fit(Leaderboard.columns(twice)))
    assert.deepStrictEqual(Result.getOrThrow(Leaderboard.fit(Leaderboard.columns(once))), copies)
    assert.strictEqual(copies.parts, 2)
    const fails = (first: number, second: number, preference: number) => {
      const result = Leaderboard.fit({
        candidates: ["a", "b"],
        first: [first],
        second: [second],
        preference: [preference]
      })
      return Result.isFailure(result) ? result.failure.message : "nothing"
    }
    assert.include(fails(0, 2, 1), "comparison 0: no candidates 0 and 2")
    assert.include(fails(1, 1, 1), "with itself")
    assert.include(fails(0, 1, Number.NaN), "not from 0 to 1")
  })
})
