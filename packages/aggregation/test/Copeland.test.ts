import * as Copeland from "@consortium/aggregation/Copeland"
import * as Pairs from "@consortium/aggregation/Pairs"
import { assert, describe, it } from "@effect/vitest"
import { ballotsOf } from "./ballots.js"

describe("Copeland", () => {
  it("counts duels won, however narrowly, and ties for half", () => {
    const pooled = Pairs.pool(Pairs.make(ballotsOf(3, ["j", "A>B>C"], ["k", "A>B=C"], ["l", "B>A=C"])))
    // A beats B (2 of 3) and C (2.5 of 3); B beats C (2.5 of 3).
    assert.deepStrictEqual([...Copeland.scores(pooled)], [1, 0.5, 0])
    const even = Pairs.pool(Pairs.make(ballotsOf(3, ["j", "A>B>C"], ["k", "B>A>C"])))
    assert.deepStrictEqual([...Copeland.scores(even)], [0.75, 0.75, 0])
  })

  it("takes preferences within 0.02 of 0.5 for a tie", () => {
    const duel = (weight: number) => {
      const weighting = { weight: (judge: string) => (judge === "j" ? weight : 1 - weight) }
      return Copeland.duel(Pairs.pool(Pairs.make(ballotsOf(2, ["j", "A>B"], ["k", "B>A"]), weighting)), 0, 1)
    }
    assert.deepStrictEqual([0.47, 0.48, 0.5, 0.52, 0.53].map(duel), [0, 0.5, 0.5, 0.5, 1])
  })
})
