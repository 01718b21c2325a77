import * as Calibration from "@consortium/aggregation/Calibration"
import * as Interval from "@consortium/aggregation/Interval"
import * as Rank from "@consortium/aggregation/Rank"
import { draws } from "@consortium/core/Seed"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { one, order, seed } from "./said.js"

/** Says σ(2 x) where σ(x) is true: a temperature of 2 mends it. */
const overconfident = (count: number): ReadonlyArray<Calibration.Outcome> => {
  const draw = draws(seed, "calibration")
  return Array.from({ length: count }, () => {
    const x = 2 * draw()
    return { certainty: 1 / (1 + Math.exp(-2 * x)), right: draw() < 1 / (1 + Math.exp(-x)) ? 1 : 0 }
  })
}

describe("Calibration", () => {
  it("finds the temperature that certainties were made with, and mends them", () => {
    const outcomes = overconfident(5000)
    const calibration = Result.getOrThrow(Calibration.fit(outcomes))
    assert.approximately(calibration.temperature, 2, 0.2)
    const mended = outcomes.map(({ certainty, right }) => ({
      certainty: Calibration.scale(certainty, calibration),
      right
    }))
    assert.isBelow(Calibration.error(mended), 0.03)
    assert.isAbove(Calibration.error(outcomes), 0.08)
  })

  it("refuses to learn from fewer than forty labels", () => {
    const few = Calibration.fit(overconfident(39))
    assert.isTrue(Result.isFailure(few) && few.failure.message.startsWith("39 labels where 40 are needed"))
  })

  it("measures the error as worked by hand", () => {
    // Bins at 0.6 (two, one right) and 0.9 (one, right): |1.2 − 1| + |0.9 − 1| over three.
    const outcomes = [
      { certainty: 0.6, right: 1 },
      { certainty: 0.6, right: 0 },
      { certainty: 0.9, right: 1 }
    ]
    assert.approximately(Calibration.error(outcomes), 0.1, 1e-12)
  })

  it("scales several chances to a sum of 1, two like one", () => {
    const two = Calibration.scaleAll([0.8, 0.2], { temperature: 2 })
    assert.approximately(two[0] ?? 0, Calibration.scale(0.8, { temperature: 2 }), 1e-12)
    assert.approximately(
      Calibration.scaleAll([0.7, 0.3, 0], { temperature: 3 }).reduce((sum, p) => sum + p, 0),
      1,
      1e-12
    )
  })
})

describe("Interval", () => {
  it("nears the normal interval of a mean", () => {
    const draw = draws(seed, "mean")
    const values = Array.from({ length: 400 }, draw)
    const { value, low, high } = Interval.ofMean(values, { seed })
    const half = 1.96 * Math.sqrt(1 / 12 / 400)
    assert.approximately(high - value, half, half / 5)
    assert.approximately(value - low, half, half / 5)
  })
})

describe("Rank", () => {
  const votes = one("abc", order("j", "a>b>c"), order("k", "a>b>c"), order("l", "b>a>c"), order("m", "c>a>b"))

  it("gives places with scores, strengths and chances, and says who agrees", () => {
    const [ranking] = Rank.all(votes, { weights: new Map([["m", 0]]) })
    assert.deepStrictEqual(
      ranking?.places.map((place) => place.id),
      ["a", "b", "c"]
    )
    assert.deepStrictEqual([ranking?.judges, ranking?.agree, ranking?.exact], [3, 2, true])
    const [a] = ranking?.places ?? []
    assert.approximately(a?.score ?? 0, (2 / 3 + 1) / 2, 1e-12)
    assert.isTrue(a !== undefined && a.strength.low < a.strength.value && a.strength.value < a.strength.high)
    assert.isUndefined(a?.calibrated)
    assert.isAbove(ranking?.stopConfidence ?? 0, a?.pBest ?? 1)
  })

  it("shows a calibrated chance only with a calibration", () => {
    const places = Rank.all(votes, { calibration: { temperature: 2, labels: 40 } })[0]?.places ?? []
    assert.approximately(
      places.reduce((sum, place) => sum + (place.calibrated ?? 0), 0),
      1,
      1e-12
    )
    assert.isBelow(places[0]?.calibrated ?? 1, places[0]?.pBest ?? 0)
  })

  it("says where Kemeny is a heuristic, and breaks ties by the order of candidates", () => {
    const nine = one("abcdefghi", order("j", "a=b=c=d=e=f=g=h=i"))
    assert.strictEqual(Rank.all(nine, { rule: "kemeny" })[0]?.exact, false)
    assert.strictEqual(Rank.all(nine)[0]?.exact, true)
    assert.strictEqual(Rank.all(nine)[0]?.places[0].id, "a")
  })

  it("has narrower intervals at more effective votes", () => {
    const width = (effectiveVotes: number) => {
      const strength = Rank.all(votes, { effectiveVotes })[0]?.places[0].strength
      return (strength?.high ?? 0) - (strength?.low ?? 0)
    }
    assert.isBelow(width(1), width(0.6))
  })

  it("resamples judges: wide where they differ, of no width where all agree", () => {
    const [a] = Rank.bootstrap(votes)
    assert.isTrue(a !== undefined && a.low < a.value && a.value < a.high)
    const [b] = Rank.bootstrap(one("ab", order("j", "a>b"), order("k", "a>b")))
    assert.deepStrictEqual(b, { value: 1, low: 1, high: 1 })
  })
})
