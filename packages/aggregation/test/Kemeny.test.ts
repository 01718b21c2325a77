import * as Kemeny from "@consortium/aggregation/Kemeny"
import type { Pooled } from "@consortium/aggregation/Pairs"
import { draws, Seed, shuffle } from "@consortium/core/Seed"
import { assert, describe, it } from "@effect/vitest"

const pooled = (n: number, preferenceOf: (a: number, b: number) => number): Pooled => {
  const preference = new Float64Array(n * n).fill(0.5)
  for (let a = 0; a < n; a++) {
    for (let b = a + 1; b < n; b++) {
      const p = preferenceOf(a, b)
      preference[a * n + b] = p
      preference[b * n + a] = 1 - p
    }
  }
  return { n, preference, weight: new Float64Array(n * n).fill(1) }
}
const random = (n: number, word: number): Pooled => {
  const draw = draws(Seed.make(word), "kemeny")
  return pooled(n, () => Math.floor(draw() * 6) / 5)
}
const permutations = (items: ReadonlyArray<number>): ReadonlyArray<ReadonlyArray<number>> =>
  items.length <= 1
    ? [items]
    : items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]))

describe("Kemeny", () => {
  it("equals the best of all orders, and the mean over the best ones", () => {
    for (let word = 0; word < 30; word++) {
      const one = random(5, word)
      const orders = permutations([0, 1, 2, 3, 4])
      const least = Math.min(...orders.map((order) => Kemeny.costOf(one, order)))
      const best = orders.filter((order) => Kemeny.costOf(one, order) < least + 1e-9)
      const found = Kemeny.consensus(one)
      assert.isTrue(found.exact)
      assert.approximately(found.cost, least, 1e-9)
      for (const [a, score] of found.scores.entries()) {
        const mean = best.reduce((sum, order) => sum + (4 - order.indexOf(a)) / 4, 0) / best.length
        assert.approximately(score, mean, 1e-9)
      }
    }
  })

  it("is exact for eight candidates, and says where it is not", () => {
    assert.isTrue(Kemeny.consensus(random(8, 1)).exact)
    const nine = Kemeny.consensus(random(9, 1))
    assert.isFalse(nine.exact)
    assert.deepStrictEqual([...nine.order].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8])
  })

  it("finds by moves an order that no single move betters, and the true one where all agree", () => {
    const hidden = shuffle([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], Seed.make(3), "order")
    assert.deepStrictEqual(
      Kemeny.consensus(pooled(12, (a, b) => (hidden.indexOf(a) < hidden.indexOf(b) ? 0.7 : 0.3))).order,
      hidden
    )
    for (let word = 0; word < 10; word++) {
      const one = random(10, word)
      const { order, cost } = Kemeny.consensus(one)
      for (const x of order) {
        const others = order.filter((other) => other !== x)
        for (let to = 0; to <= others.length; to++) {
          assert.isAtLeast(Kemeny.costOf(one, [...others.slice(0, to), x, ...others.slice(to)]), cost - 1e-9)
        }
      }
    }
  })
})
