import * as Rank from "@consortium/aggregation/Rank"
import * as Rule from "@consortium/aggregation/Rule"
import * as Votes from "@consortium/aggregation/Votes"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { one, order, randomSheets, times } from "./said.js"

const votesOf = (sheets: ReadonlyArray<Votes.Sheet>) => Result.getOrThrow(Votes.make(sheets))
const World = { word: Schema.Int, n: Schema.Literals([2, 3, 4, 5]), judges: Schema.Literals([1, 2, 3, 5]) }
const near = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  for (let i = 0; i < Math.max(a.length, b.length); i++)
    assert.approximately(a[i] ?? Number.NaN, b[i] ?? Number.NaN, 1e-7)
}
const orderOf = (votes: Votes.Votes, rule: Rule.Rule) =>
  Rank.all(votes, { rule })[0]
    ?.places.map((place) => place.id)
    .join("") ?? ""

/** Tennessee's capital: the example by which Condorcet methods are taught (Wikipedia, "Condorcet method"). */
const tennessee = one(
  "mnck",
  ...times(42, "m>n>c>k"),
  ...times(26, "n>c>k>m"),
  ...times(15, "c>k>n>m"),
  ...times(17, "k>c>n>m")
)

/** Schulze 2011, section 3.1 (Wikipedia, "Schulze method"): 45 voters, five candidates, E > A > C > B > D. */
const schulze45 = one(
  "abcde",
  ...times(5, "a>c>b>e>d"),
  ...times(5, "a>d>e>c>b"),
  ...times(8, "b>e>d>a>c"),
  ...times(3, "c>a>b>e>d"),
  ...times(7, "c>a>e>b>d"),
  ...times(2, "c>b>a>d>e"),
  ...times(7, "d>c>e>b>a"),
  ...times(8, "e>b>a>d>c")
)

describe("Rule", () => {
  it("names ten rules", () => {
    assert.strictEqual(Rule.names.length, 10)
  })

  it("ranks Tennessee's cities as published", () => {
    assert.strictEqual(orderOf(tennessee, "borda"), "ncmk")
    for (const rule of ["copeland", "majority", "schulze", "kemeny"] as const)
      assert.strictEqual(orderOf(tennessee, rule), "nckm", rule)
    // Borda's points with 3 for a first place: Nashville 194, Chattanooga 173, Memphis 126, Knoxville 107.
    const [m = 0, n = 0, c = 0, k = 0] = Rank.scores(tennessee, "borda")
    assert.deepStrictEqual(
      [m, n, c, k].map((score) => Math.round(score * 300)),
      [126, 194, 173, 107]
    )
  })

  it("ranks Schulze's own example as published", () => {
    assert.strictEqual(orderOf(schulze45, "schulze"), "eacbd")
  })

  it("gives every candidate the same where all are alike, and is 1 alone", () => {
    const tied = one("abc", order("j", "a=b=c"), order("k", "a>b>c"), order("l", "b>c>a"), order("m", "c>a>b"))
    for (const rule of Rule.names) {
      const [first = Number.NaN, ...others] = Rank.scores(tied, rule)
      near(others, [first, first])
      // Two middle ranks are worth less than a first and a last one in reciprocals, and only there.
      if (rule !== "reciprocal-rank") assert.approximately(first, 0.5, 1e-9, rule)
      near(Rank.scores(one("a", order("j", "a")), rule), [1])
    }
  })

  it.prop("is neutral: candidates in another order have the same scores", World, ({ word, n, judges }) => {
    const sheets = randomSheets(word, 2, n, judges)
    const plain = votesOf(sheets)
    const turned = votesOf(sheets.map((sheet) => ({ ...sheet, candidates: [...sheet.candidates].reverse() })))
    for (const rule of Rule.names) {
      const scores = Rank.scores(plain, rule)
      near([...Rank.scores(turned, rule).slice(0, n)].reverse(), scores.slice(0, n))
    }
  })

  it.prop("is anonymous: judges by other names and in another order", World, ({ word, n, judges }) => {
    const sheets = randomSheets(word, 2, n, judges)
    const renamed = sheets.map((sheet) => ({
      ...sheet,
      votes: [...sheet.votes].reverse().map((vote) => ({ ...vote, judge: `x${9 - Number(vote.judge.slice(1))}` }))
    }))
    for (const rule of Rule.names) near(Rank.scores(votesOf(renamed), rule), Rank.scores(votesOf(sheets), rule))
  })

  it.prop("does not hear weights of zero", World, ({ word, n, judges }) => {
    const sheets = randomSheets(word, 2, n, judges)
    const noise = randomSheets(word + 1, 2, n, 2).map((sheet) =>
      sheet.votes.map((vote) => ({ ...vote, judge: `z${vote.judge}` }))
    )
    const noisy = votesOf(sheets.map((sheet, g) => ({ ...sheet, votes: [...sheet.votes, ...(noise[g] ?? [])] })))
    const weights = new Map([
      ["zj0", 0],
      ["zj1", 0]
    ])
    for (const rule of Rule.names) near(Rank.scores(noisy, rule, weights), Rank.scores(votesOf(sheets), rule))
  })

  it.prop("is turned upside down with all preferences", World, ({ word, n, judges }) => {
    const sheets = randomSheets(word, 2, n, judges)
    const flip = (vote: Votes.Said): Votes.Said =>
      "pair" in vote && vote.preference !== null
        ? { ...vote, preference: vote.preference === 1 ? 0 : vote.preference === 0 ? 1 : 0.5 }
        : vote
    const turned = votesOf(sheets.map((sheet) => ({ ...sheet, votes: sheet.votes.map(flip) })))
    // Reciprocal ranks are not symmetric, nor are choices from the top.
    for (const rule of Rule.names.filter((name) => name !== "reciprocal-rank" && name !== "plackett-luce")) {
      near(
        Rank.scores(turned, rule),
        Rank.scores(votesOf(sheets), rule).map((score) => 1 - score)
      )
    }
  })

  it.prop("puts a Condorcet winner first: majority, Schulze, Kemeny", World, ({ word, n, judges }) => {
    const votes = votesOf(randomSheets(word, 4, n, judges))
    const duels = Rank.scores(votes, "majority")
    for (let g = 0; g < 4; g++) {
      const at = g * n
      const winner = duels.slice(at, at + n).indexOf(1)
      if (winner < 0) continue
      const schulze = Rank.scores(votes, "schulze").slice(at, at + n)
      assert.strictEqual(schulze[winner], 1)
    }
    const copeland = Rank.scores(votes, "copeland")
    const kemeny = Rank.scores(votes, "kemeny")
    for (let g = 0; g < 4; g++) {
      const winner = copeland.slice(g * n, (g + 1) * n).indexOf(1)
      if (winner >= 0) assert.approximately(kemeny[g * n + winner] ?? 0, 1, 1e-9)
    }
  })

  it.prop("is monotone: one more vote for a candidate does not lower it", World, ({ word, n, judges }) => {
    const sheets = randomSheets(word, 1, n, judges)
    const raised = sheets.map((sheet) => ({
      ...sheet,
      votes: sheet.votes.map(
        (vote, at): Votes.Said =>
          "pair" in vote && vote.pair[0] === "a" && at % 3 === 0 && vote.preference !== null
            ? { ...vote, preference: 1 }
            : vote
      )
    }))
    for (const rule of [
      "borda",
      "copeland",
      "majority",
      "schulze",
      "kemeny",
      "bradley-terry",
      "mean-rank",
      "log-odds"
    ] as const) {
      const before = Rank.scores(votesOf(sheets), rule)[0] ?? 0
      const after = Rank.scores(votesOf(raised), rule)[0] ?? 0
      assert.isAtLeast(after, before - 1e-7, rule)
    }
  })
})
