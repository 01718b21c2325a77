import type { Sheet } from "@consortium/core/Blind"
import * as ChatModel from "@consortium/core/ChatModel"
import { InvalidBallot } from "@consortium/core/Ballot"
import { Label, PromptId } from "@consortium/core/Ids"
import { map, type NonEmpty } from "@consortium/core/NonEmpty"
import { message, textOf } from "@consortium/core/Prompt"
import { answerSchema, pointwise } from "@consortium/judge-strategies/Pointwise"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const sheetOf = (texts: NonEmpty<string>): Sheet => ({
  promptId: PromptId.make("p"),
  task: [message("user", "Say something.")],
  options: map(texts, (text, at) => ({ label: Label.make(String.fromCharCode(65 + at)), text }))
})

/** A model that says of each candidate, seen alone, what its text maps to. */
const rater = (says: Readonly<Record<string, unknown>>) => {
  const requests: Array<ChatModel.ChatRequest> = []
  const model = ChatModel.make({
    ref: "fake/rater",
    complete: (request) =>
      Effect.sync(() => {
        requests.push(request)
        const found = [
          ...request.messages
            .map(textOf)
            .join("\n")
            .matchAll(/^<candidate id="\w+" fence="\w+">\n(.*)$/gm)
        ]
        assert.strictEqual(found.length, 1, "one candidate at a time")
        const said = says[found[0]?.[1] ?? ""]
        return {
          parts: [{ _tag: "Text", text: typeof said === "string" ? said : JSON.stringify(said) }],
          finish: { kind: "stop", raw: null },
          usage: {},
          model: "rater"
        } as const
      })
  })
  return { model, requests }
}

describe("pointwise", () => {
  it.effect("rates each alone and ranks by the scores; equal ones tie", () =>
    Effect.gen(function* () {
      const { model, requests } = rater({
        good: { criteria: [], reference: "", critique: "fine", score: 8, acceptable: true },
        same: { score: 8, acceptable: true, critique: "" },
        fair: { score: "5/10", acceptable: "yes" },
        bad: { score: 1, acceptable: false }
      })
      const judge = pointwise(model)
      const ballot = yield* judge.judge(sheetOf(["fair", "good", "bad", "same"]))
      assert.strictEqual(judge.id, "pointwise:fake/rater")
      assert.deepStrictEqual(
        ballot.tiers.map((tier) => tier.join("=")),
        ["B=D", "A"]
      )
      assert.deepStrictEqual(ballot.unacceptable, [Label.make("C")])
      assert.strictEqual(ballot.reasons.get(Label.make("B")), "fine")
      assert.deepStrictEqual([...ballot.mended].sort(), ["acceptable in quotes", "the score in quotes"])
      assert.strictEqual(requests.length, 4)
      assert.deepStrictEqual(requests[0]?.responseSchema, { name: "rating", schema: answerSchema })
    })
  )

  it.effect("asks once more for what can't be read, and then has no verdict on it", () =>
    Effect.gen(function* () {
      const { model, requests } = rater({ good: { score: 8 }, fair: { score: 5 }, odd: { score: 11 } })
      const ballot = yield* pointwise(model).judge(sheetOf(["good", "odd", "fair"]))
      assert.deepStrictEqual(ballot.unranked, [Label.make("B")])
      assert.strictEqual(requests.length, 4)
      const last = requests.map(({ messages }) => textOf(messages[messages.length - 1] ?? messages[0]))
      assert.isTrue(last.some((said) => said.includes("no number from 1 to 10")))
      const error = yield* Effect.flip(pointwise(rater({}).model).judge(sheetOf(["a", "b"])))
      assert.instanceOf(error, InvalidBallot)
    })
  )

  const score = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10 }))
  it.effect.prop(
    "orders exactly by the scores",
    [Arbitrary.array(Arbitrary.schema(score), { minLength: 1, maxLength: 12 })],
    ([scores]) =>
      Effect.gen(function* () {
        const texts = scores.map((_, at) => `t${at}`)
        const { model } = rater(
          Object.fromEntries(texts.map((text, at) => [text, { score: scores[at], acceptable: true }]))
        )
        const ballot = yield* pointwise(model).judge(sheetOf([texts[0] ?? "", ...texts.slice(1)]))
        const of = (label: string) => scores[label.charCodeAt(0) - 65] ?? 0
        const levels = ballot.tiers.map((tier) => new Set(tier.map(of)))
        for (const level of levels) assert.strictEqual(level.size, 1)
        const order = levels.flatMap((level) => [...level])
        assert.deepStrictEqual(
          order,
          [...new Set(scores)].sort((a, b) => b - a)
        )
      })
  )
})
