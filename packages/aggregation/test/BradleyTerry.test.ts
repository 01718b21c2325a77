import * as BradleyTerry from "@consortium/aggregation/BradleyTerry"
import * as Pairs from "@consortium/aggregation/Pairs"
import { Seed } from "@consortium/core/Seed"
import { assert, describe, it } from "@effect/vitest"
import { ballotsOf } from "./ballots.js"

const pooled = (...args: Parameters<typeof ballotsOf>) => Pairs.pool(Pairs.make(ballotsOf(...args)))

/** The same posterior by plain gradient ascent: slow, and nothing in common with Newton's method. */
const ascent = ({ n, preference, weight }: Pairs.Pooled, ridge: number): ReadonlyArray<number> => {
  let theta = Array.from({ length: n }, () => 0)
  for (let round = 0; round < 20_000; round++) {
    theta = theta.map((mine, a) => {
      let slope = -ridge * mine
      for (let b = 0; b < n; b++) {
        if (b === a) continue
        const p = 1 / (1 + Math.exp((theta[b] ?? 0) - mine))
        slope += (weight[a * n + b] ?? 0) * ((preference[a * n + b] ?? 0) - p)
      }
      return mine + 0.02 * slope
    })
  }
  return theta
}

describe("BradleyTerry", () => {
  it("solves the two-candidate case worked by hand", () => {
    // 3 σ(−d) = 0.15 d, where d is the difference of the strengths ±d/2.
    const { strengths } = BradleyTerry.fit(pooled(2, ["j", "A>B"], ["k", "A>B"], ["l", "A>B"]))
    const d = (strengths[0] ?? 0) - (strengths[1] ?? 0)
    assert.approximately(3 / (1 + Math.exp(d)), 0.15 * d, 1e-9)
    assert.approximately(strengths[0] ?? 0, -(strengths[1] ?? 0), 1e-9)
  })

  it("agrees with gradient ascent on lists with ties, gaps and reversals", () => {
    const one = pooled(4, ["j", "A>B=C>D", "B>A>C=D"], ["k", "D>A|BC"], ["l", "A>C>B!D"])
    const fast = BradleyTerry.fit(one).strengths
    const slow = ascent(one, BradleyTerry.ridge)
    for (const [a, theta] of slow.entries()) assert.approximately(fast[a] ?? 0, theta, 1e-6)
  })

  it("gives shares that sum to 1, the same for the same seed, about Φ for two candidates", () => {
    const fit = BradleyTerry.fit(pooled(2, ["j", "A>B"], ["k", "A>B"], ["l", "A>B"]))
    const shares = BradleyTerry.bestShares(fit, Seed.make(1), "p")
    assert.deepStrictEqual(shares, BradleyTerry.bestShares(fit, Seed.make(1), "p"))
    assert.approximately((shares[0] ?? 0) + (shares[1] ?? 0), 1, 1e-12)
    // Mean over seeds of the draws against the exact share: d / sd = 2.13 / 1.52, Φ(1.40) = 0.92.
    let sum = 0
    for (let seed = 0; seed < 50; seed++) sum += BradleyTerry.bestShares(fit, Seed.make(seed), "p")[0] ?? 0
    assert.approximately(sum / 50, 0.92, 0.01)
  })

  it("knows nothing without verdicts", () => {
    const { strengths } = BradleyTerry.fit(pooled(3, ["j", "A|BC"]))
    assert.deepStrictEqual([...strengths], [0, 0, 0])
  })
})
