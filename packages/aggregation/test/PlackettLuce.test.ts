import * as BradleyTerry from "@consortium/aggregation/BradleyTerry"
import * as PlackettLuce from "@consortium/aggregation/PlackettLuce"
import * as Rank from "@consortium/aggregation/Rank"
import * as Votes from "@consortium/aggregation/Votes"
import { assert, describe, it } from "@effect/vitest"
import { one, order, random, times } from "./said.js"

const strengths = (votes: Votes.Votes) => [...PlackettLuce.solver()(Votes.seek(votes, 0, Votes.cursor(votes)))]

/** The log posterior by its definition: ties as the mean over all ways to break them. */
const posterior = (
  orders: ReadonlyArray<ReadonlyArray<ReadonlyArray<number>>>,
  theta: ReadonlyArray<number>
): number => {
  const e = (a: number) => Math.exp(theta[a] ?? 0)
  const ways = (items: ReadonlyArray<number>): ReadonlyArray<ReadonlyArray<number>> =>
    items.length <= 1 ? [items] : items.flatMap((x) => ways(items.filter((y) => y !== x)).map((rest) => [x, ...rest]))
  let sum = -0.15 * theta.reduce((all, x) => all + x * x, 0)
  for (const tiers of orders) {
    for (const [level, tier] of tiers.entries()) {
      const rest = tiers
        .slice(level + 1)
        .flat()
        .reduce((all, a) => all + e(a), 0)
      const all = ways(tier)
      for (const way of all) {
        for (const [at, a] of way.entries()) {
          const left = rest + way.slice(at).reduce((total, b) => total + e(b), 0)
          sum += Math.log(e(a) / left) / all.length
        }
      }
    }
  }
  return sum
}

describe("PlackettLuce", () => {
  it("stands at the top of the posterior worked out by its definition, ties included", () => {
    const votes = one("abcd", order("j", "a>b=c>d"), order("k", "b>a>d"), order("l", "a=c=d>b"), order("m", "d>c>b>a"))
    const orders = [
      [[0], [1, 2], [3]],
      [[1], [0], [3]],
      [[0, 2, 3], [1]],
      [[3], [2], [1], [0]]
    ]
    const theta = strengths(votes)
    const top = posterior(orders, theta)
    for (const a of theta.keys()) {
      for (const step of [-1e-3, 1e-3]) {
        const moved = theta.map((x, b) => (b === a ? x + step : x))
        assert.isBelow(posterior(orders, moved), top)
        // And flat there: a top, not just a slope that ends.
        assert.isAbove(posterior(orders, moved), top - 1e-5)
      }
    }
  })

  it("is Bradley–Terry for two candidates, ties and reversals included", () => {
    const votes = one(
      "ab",
      order("j", "a>b"),
      order("j", "b>a"),
      order("k", "a=b"),
      order("l", "a>b"),
      order("m", "a>b")
    )
    const pooled = { n: 2, preference: Float64Array.of(0.5, 0.75, 0.25, 0.5), weight: Float64Array.of(0, 4, 4, 0) }
    const expected = BradleyTerry.fit(pooled).strengths
    for (const [a, theta] of strengths(votes).entries()) assert.approximately(theta, expected[a] ?? 0, 1e-9)
  })

  it("equals Bradley–Terry on votes by pairs", () => {
    const votes = random(5, 6, 4, 3)
    const byPairs = Rank.scores(votes, "plackett-luce")
    for (const [at, score] of Rank.scores(votes, "bradley-terry").entries()) {
      // Gaps make passes uneven, and only then do the two weigh pairs differently.
      assert.approximately(byPairs[at] ?? 0, score, 0.1)
    }
  })

  it("nears the shares of first places for three candidates and many voters", () => {
    // P(a first) = e^θa / Σ e^θ; ranks below follow Luce's choice, so the shares are reached.
    const votes = one(
      "abc",
      ...times(60, "a>b>c"),
      ...times(60, "a>c>b"),
      ...times(45, "b>a>c"),
      ...times(15, "b>c>a"),
      ...times(45, "c>a>b"),
      ...times(15, "c>b>a")
    )
    const [a = 0, b = 0, c = 0] = strengths(votes)
    const total = Math.exp(a) + Math.exp(b) + Math.exp(c)
    assert.approximately(Math.exp(a) / total, 0.54, 0.03)
    assert.approximately(b, c, 1e-9)
  })

  it("takes ties of more than eight by approximation, and stays finite and even", () => {
    const theta = strengths(one("abcdefghijkl", order("j", "a>b=c=d=e=f=g=h=i=j=k=l")))
    assert.isAbove(theta[0] ?? 0, 0)
    for (const other of theta.slice(2)) assert.approximately(other, theta[1] ?? 0, 1e-9)
  })
})
