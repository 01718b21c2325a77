import * as Pairs from "@consortium/aggregation/Pairs"
import { assert, describe, it } from "@effect/vitest"
import { ballotsOf } from "./ballots.js"

const rows = (values: ArrayLike<number>, n: number) =>
  Array.from({ length: n }, (_, row) => Array.from({ length: n }, (_, column) => values[row * n + column]))

describe("Pairs", () => {
  it("makes of an order preferences, of a tie a half, of no verdict nothing", () => {
    const pairs = Pairs.make(ballotsOf(4, ["j", "A>B=C|D"]))
    assert.deepStrictEqual(rows(pairs.preference, 4), [
      [0, 1, 1, 0],
      [0, 0, 0.5, 0],
      [0, 0.5, 0, 0],
      [0, 0, 0, 0]
    ])
    assert.deepStrictEqual(rows(pairs.heard, 4), [
      [0, 1, 1, 0],
      [1, 0, 1, 0],
      [1, 1, 0, 0],
      [0, 0, 0, 0]
    ])
    assert.deepStrictEqual([...pairs.levels], [0, 1, 1, -1])
  })

  it("puts unacceptable ones below all ranked, tied among themselves", () => {
    const pairs = Pairs.make(ballotsOf(4, ["j", "A>B!CD"]))
    assert.deepStrictEqual(rows(pairs.preference, 4), [
      [0, 1, 1, 1],
      [0, 0, 1, 1],
      [0, 0, 0, 0.5],
      [0, 0, 0.5, 0]
    ])
    assert.deepStrictEqual([...Pairs.rejection(pairs)], [0, 0, 1, 1])
  })

  it("averages a judge's passes first, so that a reversal is a tie", () => {
    const pairs = Pairs.make(ballotsOf(2, ["j", "A>B", "B>A"], ["k", "A>B"]))
    assert.deepStrictEqual([...pairs.preference], [0, 0.5, 0.5, 0, 0, 1, 0, 0])
    assert.deepStrictEqual([...Pairs.pool(pairs).preference], [0.5, 0.75, 0.25, 0.5])
  })

  it("weights judges, and leaves out those without weight", () => {
    const weight = (judge: string) => ({ j: 3, k: 1, l: 0, m: Number.NaN })[judge] ?? 1
    const pairs = Pairs.make(ballotsOf(2, ["j", "A>B"], ["k", "B>A"], ["l", "B>A"], ["m", "B>A"]), { weight })
    assert.deepStrictEqual([...pairs.judges], ["j", "k"])
    assert.deepStrictEqual([...Pairs.pool(pairs).preference], [0.5, 0.75, 0.25, 0.5])
  })

  it("lowers a judge's preference by its offset, inside 0 to 1", () => {
    const offset = (judge: string, label: string) => (judge === "j" && label === "A" ? 0.1 : 0)
    const [, won, lost] = Pairs.make(ballotsOf(2, ["j", "A>B"]), { offset }).preference
    assert.deepStrictEqual([won, lost], [0.9, 0.1])
    const [, alreadyLost, alreadyWon] = Pairs.make(ballotsOf(2, ["j", "B>A"]), { offset }).preference
    assert.deepStrictEqual([alreadyLost, alreadyWon], [0, 1])
  })
})
