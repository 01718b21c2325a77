import * as DawidSkene from "@consortium/aggregation/DawidSkene"
import * as EffectiveVotes from "@consortium/aggregation/EffectiveVotes"
import * as FlipRate from "@consortium/aggregation/FlipRate"
import * as JudgeAware from "@consortium/aggregation/JudgeAware"
import * as LogOdds from "@consortium/aggregation/LogOdds"
import * as Rank from "@consortium/aggregation/Rank"
import * as Stacking from "@consortium/aggregation/Stacking"
import * as Votes from "@consortium/aggregation/Votes"
import * as Weights from "@consortium/aggregation/Weights"
import { draws } from "@consortium/core/Seed"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { one, order, random, seed } from "./said.js"

/** Pairs with a truth; judges are right with these chances, and `copies` repeat the last judge. */
const panel = (groups: number, accuracies: ReadonlyArray<number>, copies = 0): Votes.Votes => {
  const draw = draws(seed, "panel", groups, copies)
  return Result.getOrThrow(
    Votes.make(
      Array.from({ length: groups }, () => {
        const right = draw() < 0.5 ? 1 : 0
        const said = accuracies.map((accuracy) => (draw() < accuracy ? right : 1 - right))
        const all = [...said, ...new Array<number>(copies).fill(said.at(-1) ?? 0)]
        const pair = ["a", "b"] as const
        return {
          candidates: ["a", "b"],
          votes: all.map((win, j) => ({ judge: `j${j}`, pair, preference: win === 1 ? (1 as const) : (0 as const) })),
          truth: [{ judge: "t", pair, preference: right === 1 ? (1 as const) : (0 as const) }]
        }
      })
    )
  )
}
const near = (value: number | undefined, wanted: number, by: number) =>
  assert.approximately(value ?? Number.NaN, wanted, by)

describe("FlipRate", () => {
  it("counts pairs without one strict winner, and weighs by the logit", () => {
    const votes = one(
      "abc",
      order("j", "a>b>c"),
      order("j", "a>c>b"),
      order("k", "a>b>c"),
      order("k", "a>b>c"),
      order("l", "a>b")
    )
    assert.deepStrictEqual(FlipRate.rates(votes), [
      { judge: "j", pairs: 3, instability: 1 / 3 },
      { judge: "k", pairs: 3, instability: 0 },
      { judge: "l", pairs: 0, instability: 0 }
    ])
    const weights = FlipRate.weights(votes)
    near(weights.get("j"), Math.log(2), 1e-12)
    near(weights.get("k"), Math.log(0.97 / 0.03), 1e-12)
    // Never asked twice: as good as the others on average.
    near(weights.get("l"), (Math.log(2) + Math.log(0.97 / 0.03)) / 2, 1e-12)
  })
})

describe("Stacking", () => {
  it("stands at the optimum: no slope where a weight is above 0, and none upwards at 0", () => {
    const votes = random(3, 12, 4, 4)
    const weights = Stacking.weights(votes)
    const list = votes.judges.map((judge) => weights.get(judge) ?? 0)
    for (const [j, weight] of list.entries()) {
      let slope = -3 * (weight - 1 / 4)
      for (let g = 0; g < 12; g++) {
        for (let a = 0; a < 4; a++) {
          for (let b = a + 1; b < 4; b++) {
            const x = list.map((_, k) => {
              const cell = (g * 4 + k) * 16 + a * 4 + b
              return votes.heard[cell] === 0 ? 0 : 2 * (votes.preference[cell] ?? 0) - 1
            })
            const odds = x.reduce((sum, value, k) => sum + value * (list[k] ?? 0), 0)
            slope += (x[j] ?? 0) * ((votes.truth[g * 16 + a * 4 + b] ?? 0) - 1 / (1 + Math.exp(-odds)))
          }
        }
      }
      if (weight > 0) near(slope, 0, 1e-6)
      else assert.isAtMost(slope, 0)
    }
  })

  it("divides one judge's weight among its copies, where log-odds counts each", () => {
    const votes = panel(400, [0.9, 0.6], 3)
    const stacked = Stacking.weights(votes)
    const logOdds = LogOdds.weights(votes)
    const copies = ["j1", "j2", "j3", "j4"]
    const sum = (weights: Weights.Weights) => copies.reduce((all, judge) => all + (weights.get(judge) ?? 0), 0)
    assert.isBelow(sum(stacked), 0.5 * sum(logOdds))
    assert.isAbove(stacked.get("j0") ?? 0, sum(stacked))
  })

  it("is the prior without labels, and 0 for a judge that is always wrong", () => {
    const prior = new Map([
      ["j0", 1],
      ["j1", 0.5]
    ])
    assert.deepStrictEqual(Stacking.weights(Votes.pick(panel(2, [0.9, 0.6]), []), { prior }), prior)
    assert.strictEqual(Stacking.weights(panel(200, [0.9, 0.05])).get("j1"), 0)
  })
})

describe("LogOdds", () => {
  it("weighs by the logit of the accuracy, and scores by the summed log-odds", () => {
    const weights = LogOdds.weights(panel(4000, [0.8, 0.6, 0.2]))
    near(weights.get("j0"), Math.log(4), 0.15)
    near(weights.get("j1"), Math.log(1.5), 0.1)
    assert.strictEqual(weights.get("j2"), 0)
    const [a = 0] = Rank.scores(
      one("ab", order("j", "a>b"), order("k", "b>a")),
      "log-odds",
      new Map([
        ["j", 2],
        ["k", 0.5]
      ])
    )
    near(a, 1 / (1 + Math.exp(-1.5)), 1e-12)
  })
})

describe("DawidSkene", () => {
  it("recovers accuracies of independent judges without labels, and warns all the same", () => {
    const { accuracies, weights, warnings } = DawidSkene.fit(panel(3000, [0.9, 0.75, 0.65]))
    near(accuracies.get("j0"), 0.9, 0.04)
    near(accuracies.get("j1"), 0.75, 0.04)
    near(accuracies.get("j2"), 0.65, 0.04)
    near(weights.get("j1"), Math.log(3), 0.25)
    assert.include(warnings[0] ?? "", "share an error")
  })

  it("says that it trusts an unstable judge more than a steady one", () => {
    // Two judges agree with each other; the third contradicts them, and never itself.
    const sheets = Array.from({ length: 20 }, (_, at) => ({
      candidates: ["a", "b"],
      votes: [
        ...["j", "k"].flatMap((judge) => [order(judge, "a>b"), order(judge, at % 5 === 0 ? "b>a" : "a>b")]),
        order("l", "b>a"),
        order("l", "b>a")
      ]
    }))
    const { warnings } = DawidSkene.fit(Result.getOrThrow(Votes.make(sheets)))
    assert.isTrue(warnings.some((warning) => warning.includes("j is trusted most though it is unstable on 20 %")))
  })
})

describe("JudgeAware", () => {
  it("discriminates better where a judge agrees with the strengths, and warns", () => {
    const { discriminations, strengths, warnings } = JudgeAware.fit(random(5, 40, 5, 3))
    // Judges are noisier the higher their number.
    assert.isAbove(discriminations.get("j0") ?? 0, discriminations.get("j2") ?? 1)
    assert.strictEqual(strengths.length, 200)
    assert.isAtLeast(warnings.length, 1)
  })
})

describe("EffectiveVotes", () => {
  it("counts independent judges whole, and copies once", () => {
    near(EffectiveVotes.measure(panel(4000, [0.8, 0.7, 0.6])).votes, 3, 0.2)
    const copies = EffectiveVotes.measure(panel(400, [0.7], 3))
    near(copies.correlation, 1, 1e-9)
    near(copies.votes, 1, 1e-9)
    near(copies.perJudge, 0.25, 1e-9)
  })
})

describe("Weights", () => {
  it("scales to a sum, equal where all are 0, and takes bad numbers for 0", () => {
    assert.deepStrictEqual(
      [
        ...Weights.scaled(
          new Map([
            ["a", 1],
            ["b", 3],
            ["c", Number.NaN]
          ]),
          2
        )
      ],
      [
        ["a", 0.5],
        ["b", 1.5],
        ["c", 0]
      ]
    )
    assert.deepStrictEqual(
      [
        ...Weights.scaled(
          new Map([
            ["a", 0],
            ["b", 0]
          ]),
          1
        )
      ],
      [
        ["a", 0.5],
        ["b", 0.5]
      ]
    )
  })
})
