import { Ballot } from "@consortium/core/Ballot"
import type { Sheet } from "@consortium/core/Blind"
import { JudgeId, Label, PromptId } from "@consortium/core/Ids"
import type { Judge } from "@consortium/core/Judge"
import { message } from "@consortium/core/Prompt"
import * as Seed from "@consortium/core/Seed"
import * as Cascade from "@consortium/panel/Cascade"
import * as PanelLayer from "@consortium/panel/Panel"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

const seed = Seed.Seed.make(3)
const sheet: Sheet = {
  promptId: PromptId.make("p"),
  task: [message("user", "Why?")],
  options: [
    { label: Label.make("R1"), text: "good" },
    { label: Label.make("R2"), text: "bad" }
  ]
}

/** Orders by a rule over the shown texts. */
const judge = (id: string, first: (texts: ReadonlyArray<string>) => string, confidence?: number): Judge => ({
  id: JudgeId.make(id),
  judge: (on) => {
    const best = first(on.options.map((option) => option.text))
    const sorted = [...on.options].sort((a, b) => Number(b.text === best) - Number(a.text === best))
    return Effect.fromResult(
      Ballot.make(on, {
        tiers: sorted.map((option) => [option.label]),
        ...(confidence !== undefined && { confidence })
      })
    )
  }
})
const twice = (one: Judge) => PanelLayer.make({ judges: [one], seed, stopAt: 2 })
const whole = PanelLayer.make({ judges: [judge("b", () => "good"), judge("c", () => "good")], seed, stopAt: 2 })
const judges = (first: Judge) =>
  Effect.map(Cascade.make({ first: twice(first), then: whole }).judge(sheet), ({ votes }) =>
    votes.map((vote) => vote.judge).join("")
  )

describe("Cascade", () => {
  it.effect("is done where the cheap judge keeps to its word when the order turns", () =>
    Effect.map(judges(judge("a", () => "good")), (asked) => assert.strictEqual(asked, "aa"))
  )

  it.effect("asks the panel where the cheap judge follows the order, or says that it doubts", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* judges(judge("a", ([top = ""]) => top)), "aabcbc")
      assert.strictEqual(yield* judges(judge("a", () => "good", 0.4)), "aabcbc")
    })
  )

  it.effect("takes one vote for no agreement, and a rule of one's own for the last word", () =>
    Effect.gen(function* () {
      const once = PanelLayer.make({ judges: [judge("a", () => "good")], seed, maxPasses: 1 })
      const { votes } = yield* Cascade.make({ first: once, then: whole }).judge(sheet)
      assert.strictEqual(votes.length, 5)
      const enough = Cascade.make({ first: once, then: whole, isEnough: () => true })
      assert.strictEqual((yield* enough.judge(sheet)).votes.length, 1)
    })
  )

  it.effect("keeps the labels of the sheet", () =>
    Effect.gen(function* () {
      const ballots = yield* Cascade.make({ first: twice(judge("a", ([top = ""]) => top)), then: whole }).judge(sheet)
      assert.deepStrictEqual(ballots.labels, [Label.make("R1"), Label.make("R2")])
      for (const vote of ballots.votes) assert.isTrue(Result.isSuccess(vote.outcome))
    })
  )
})
