import * as Aggregate from "@consortium/aggregation/Aggregate"
import { JudgeId, Label } from "@consortium/core/Ids"
import type { Ballots } from "@consortium/core/Judge"
import { map } from "@consortium/core/NonEmpty"
import { Aggregator, type Ranking, type Weighting } from "@consortium/core/Ranking"
import * as Seed from "@consortium/core/Seed"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { absent, ballotsOf, labels, vote } from "./ballots.js"

const seed = Seed.Seed.make(7)
const ranked = (ballots: Ballots, weighting?: Weighting, options: Partial<Aggregate.Options> = {}): Ranking =>
  Result.getOrThrow(Aggregate.make({ seed, ...options }).aggregate(ballots, weighting))
const orderOf = (ranking: Ranking) => ranking.places.map((place) => place.label).join("")
const weightOf = (weights: Record<string, number>): Weighting => ({ weight: (judge) => weights[judge] ?? 1 })

/** Random complete orders with ties of some judges over n labels. */
const randomBallots = (word: number, n: number, judges: number): Ballots => {
  const draw = Seed.draws(Seed.Seed.make(word >>> 0), "ballots")
  const shown = labels.slice(0, n)
  const said = () => {
    const order = Seed.shuffle(labels, Seed.Seed.make(Math.floor(draw() * 2 ** 32)), "order").filter((label) =>
      shown.includes(label)
    )
    return order.reduce((text, label) => (text === "" ? label : `${text}${draw() < 0.2 ? "=" : ">"}${label}`), "")
  }
  return ballotsOf(n, ...Array.from({ length: judges }, (_, judge) => [`j${judge}`, said(), said()]))
}
const scoresOf = (ranking: Ranking) => new Map(ranking.places.map((place) => [place.label, place.score]))
const World = { word: Schema.Int, n: Schema.Literals([2, 3, 4, 5]), judges: Schema.Literals([1, 2, 3, 5]) }

describe("Aggregate", () => {
  it.effect("is a layer", () =>
    Effect.gen(function* () {
      const { aggregate } = yield* Aggregator
      const ranking = Result.getOrThrow(aggregate(ballotsOf(3, ["j", "B>A>C"])))
      assert.strictEqual(orderOf(ranking), "BAC")
      assert.deepStrictEqual([ranking.judges, ranking.agree], [1, 1])
    }).pipe(Effect.provide(Aggregate.layer({ seed })))
  )

  it("ranks by mean preference, and by duels where it is told to", () => {
    // B is everyone's second choice, A first of two and last of one.
    const ballots = ballotsOf(4, ["j", "A>B>C>D"], ["k", "A>B>D>C"], ["l", "B>C>D>A"])
    assert.strictEqual(orderOf(ranked(ballots)), "BACD")
    assert.strictEqual(orderOf(ranked(ballots, undefined, { rule: "copeland" })), "ABCD")
    assert.strictEqual(ranked(ballots, undefined, { rule: "copeland" }).places[0].score, 1)
  })

  it("is a walkover for one label, whatever the quorum", () => {
    const ranking = ranked(ballotsOf(1), undefined, { quorum: 3 })
    assert.deepStrictEqual(ranking.places, [{ label: Label.make("A"), score: 1, pBest: 1, acceptable: true }])
    assert.deepStrictEqual([ranking.judges, ranking.agree], [0, 0])
    assert.strictEqual(Aggregate.stopConfidence(ballotsOf(1), { seed }), 1)
  })

  it("fails without a quorum of judges, and says who was absent and why", () => {
    const one = ballotsOf(2, ["j", "A>B", "A>B"])
    const ballots = { ...one, votes: [...one.votes, vote(one.labels, "k", absent), vote(one.labels, "l", "B>A")] }
    const result = Aggregate.make({ seed, quorum: 2 }).aggregate(ballots, weightOf({ l: 0 }))
    if (Result.isSuccess(result)) throw new Error("a ranking without a quorum")
    assert.deepStrictEqual([result.failure.needed, result.failure.judges], [2, 1])
    assert.deepStrictEqual(result.failure.failures, ["k: no order", "l: has no weight"])
  })

  it("puts candidates that more than half of the weight rejects below all others", () => {
    const ballots = ballotsOf(3, ["j", "A>B>C"], ["k", "A>C!B"], ["l", "B>C!A"])
    assert.deepStrictEqual(
      ranked(ballots).places.map((place) => place.acceptable),
      [true, true, true]
    )
    const heavy = ranked(ballots, weightOf({ l: 3 }))
    assert.strictEqual(orderOf(heavy), "BCA")
    assert.isFalse(heavy.places[2]?.acceptable)
    // Exactly half is not more than half.
    assert.isTrue(ranked(ballots, weightOf({ l: 2 })).places.every((place) => place.acceptable))
  })

  it("breaks ties by first places, then the heaviest judge, then the order on the sheet", () => {
    // All three are preferred half of the time; B is first twice, the others once.
    assert.strictEqual(
      orderOf(ranked(ballotsOf(3, ["j", "B>A>C"], ["k", "B>C>A"], ["l", "A>C>B"], ["m", "C>A>B"]))),
      "BAC"
    )
    assert.strictEqual(orderOf(ranked(ballotsOf(2, ["j", "B>A"], ["k", "A>B"]))), "AB")
    // A is preferred with 0.505, which is a tie; most weight puts B first, if only just.
    assert.strictEqual(
      orderOf(ranked(ballotsOf(2, ["j", "A>B"], ["k", "B>A", "B=A"]), weightOf({ j: 0.34, k: 0.66 }))),
      "BA"
    )
    assert.strictEqual(
      orderOf(ranked(ballotsOf(2, ["j", "A>B"], ["k", "B>A", "B=A"]), weightOf({ j: 0.4, k: 0.6 }))),
      "AB"
    )
    assert.strictEqual(orderOf(ranked(ballotsOf(3, ["j", "A=B>C"], ["k", "B>A>C", "A>B>C"], ["l", "B=A>C"]))), "ABC")
    // Equal first places, one judge heavier than the others.
    const split = ballotsOf(2, ["j", "B>A"], ["k", "A>B"], ["l", "A>B"])
    assert.strictEqual(orderOf(ranked(split, weightOf({ j: 2 }))), "BA")
  })

  it("prefers the winner of the duel among equal scores", () => {
    // A and C have the same mean; C beats A in 3 of 5, though A is first of more.
    const ranking = ranked(
      ballotsOf(4, ["j", "A>B>C>D"], ["k", "A>B>C>D"], ["l", "B>C>A>D"], ["m", "C>A>D>B"], ["n", "D>C>B>A"])
    )
    const scores = scoresOf(ranking)
    assert.approximately(scores.get(Label.make("A")) ?? 0, scores.get(Label.make("C")) ?? 1, 1e-12)
    assert.strictEqual(orderOf(ranking).slice(0, 2), "CA")
  })

  it("counts who agrees with the winner, alone or tied, after averaging passes", () => {
    const ranking = ranked(ballotsOf(3, ["j", "A>B>C", "B>A>C"], ["k", "A>B>C"], ["l", "B>A>C"], ["m", "A|BC"]))
    assert.strictEqual(ranking.places[0].label, Label.make("A"))
    assert.deepStrictEqual([ranking.judges, ranking.agree], [4, 3])
  })

  it("is about as sure as three judges that agree, or two against one, deserve", () => {
    const sure = (...judges: ReadonlyArray<ReadonlyArray<string>>) => {
      let sum = 0
      for (let word = 0; word < 20; word++) {
        sum += Aggregate.stopConfidence(ballotsOf([...new Set(judges.join("").match(/[A-E]/g))].length, ...judges), {
          seed: Seed.Seed.make(word)
        })
      }
      return sum / 20
    }
    assert.approximately(sure(["j", "A>B"], ["k", "A>B"], ["l", "A>B"]), 0.91, 0.02)
    assert.approximately(sure(["j", "A>B>C>D"], ["k", "A>B>C>D"], ["l", "A>B>C>D"]), 0.91, 0.03)
    assert.approximately(sure(["j", "A>B"], ["k", "A>B"], ["l", "B>A"]), 0.67, 0.04)
    assert.approximately(sure(["j", "A>B>C>D"], ["k", "A>B>C>D"], ["l", "B>A>C>D"]), 0.67, 0.05)
  })

  it("knows nothing where nobody gave an order", () => {
    assert.strictEqual(Aggregate.stopConfidence(ballotsOf(3), { seed }), 0)
  })

  it("shows less certainty than it stops at", () => {
    const ballots = ballotsOf(3, ["j", "A>B>C"], ["k", "A>B>C"], ["l", "A>B>C"])
    const ranking = ranked(ballots)
    assert.isBelow(ranking.places[0].pBest, Aggregate.stopConfidence(ballots, { seed }))
    assert.approximately(
      ranking.places.reduce((sum, place) => sum + place.pBest, 0),
      1,
      1e-12
    )
  })

  it.prop("is neutral: other labels, the same scores", World, ({ word, n, judges }) => {
    const ballots = randomBallots(word, n, judges)
    const other = (label: Label) => Label.make(`X${(ballots.labels.indexOf(label) + 1) % n}`)
    const relabelled = rename(ballots, other)
    const before = scoresOf(ranked(ballots))
    const after = scoresOf(ranked(relabelled))
    for (const [label, score] of before) assert.approximately(after.get(other(label)) ?? Number.NaN, score, 1e-9)
  })

  it.prop("is anonymous: the order of votes changes nothing at all", World, ({ word, n, judges }) => {
    const ballots = randomBallots(word, n, judges)
    const [first, ...rest] = ballots.votes
    if (first === undefined) throw new Error("no votes")
    const votes = Seed.shuffle([first, ...rest], Seed.Seed.make(word >>> 0), "votes")
    // Weights whose sums depend on the order of adding.
    const weighting: Weighting = { weight: (judge) => 0.1 + 0.7 / (1 + Number(judge.slice(1))) }
    assert.deepStrictEqual(ranked({ ...ballots, votes }, weighting), ranked(ballots, weighting))
  })

  it.prop("is unanimous: what all prefer stands higher", World, ({ word, n, judges }) => {
    const ballots = randomBallots(word, n, judges)
    const above = (a: Label, b: Label) =>
      ballots.votes.every(({ outcome }) => {
        const tiers = Result.getOrThrow(outcome).tiers
        return tiers.findIndex((tier) => tier.includes(a)) < tiers.findIndex((tier) => tier.includes(b))
      })
    for (const rule of ["borda", "copeland"] as const) {
      const order = ranked(ballots, undefined, { rule }).places.map((place) => place.label)
      for (const [at, a] of order.entries()) for (const b of order.slice(at + 1)) assert.isFalse(above(b, a))
    }
  })

  it.prop("does not hear judges without weight", World, ({ word, n, judges }) => {
    const ballots = randomBallots(word, n, judges)
    const noise = randomBallots(word + 1, n, 2).votes.map((one) => ({
      ...one,
      judge: JudgeId.make(`silent-${one.judge}`)
    }))
    const weighting: Weighting = { weight: (judge) => (judge.startsWith("silent") ? 0 : 1) }
    assert.deepStrictEqual(
      ranked({ ...ballots, votes: [...noise, ...ballots.votes] }, weighting),
      ranked(ballots, weighting)
    )
  })
})

/** The same votes over other labels. */
const rename = (ballots: Ballots, other: (label: Label) => Label): Ballots => {
  const shown = map(ballots.labels, other)
  const sorted = [...shown].sort()
  const [first = shown[0], ...rest] = sorted
  const sheet = {
    promptId: ballots.promptId,
    task: [{ role: "user", parts: [{ _tag: "Text", text: "Why?" }] }] as const,
    options: map([first, ...rest], (label) => ({ label, text: label }))
  }
  const votes = ballots.votes.map((one) => ({
    ...one,
    outcome: Result.mapError(Result.getOrThrow(one.outcome).restore(sheet, other), () => absent)
  }))
  return { ...ballots, labels: [first, ...rest], votes }
}
