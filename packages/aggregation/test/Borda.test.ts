import * as Borda from "@consortium/aggregation/Borda"
import * as Pairs from "@consortium/aggregation/Pairs"
import { assert, describe, it } from "@effect/vitest"
import { ballotsOf } from "./ballots.js"

const scores = (...args: Parameters<typeof ballotsOf>) => [...Borda.scores(Pairs.pool(Pairs.make(ballotsOf(...args))))]

describe("Borda", () => {
  it("equals the values worked by hand", () => {
    // A beats B twice of 3, C 3 of 3; B beats C twice of 3.
    const [a = 0, b = 0, c = 0] = scores(3, ["j", "A>B>C"], ["k", "A>C>B"], ["l", "B>A>C"])
    assert.approximately(a, (2 / 3 + 1) / 2, 1e-12)
    assert.approximately(b, (1 / 3 + 2 / 3) / 2, 1e-12)
    assert.approximately(c, (0 + 1 / 3) / 2, 1e-12)
  })

  it("counts only pairs that somebody compared, and is 0.5 where there are none", () => {
    assert.deepStrictEqual(scores(3, ["j", "A>B|C"]), [1, 0, 0.5])
  })
})
