import type { Sheet } from "@consortium/core/Blind"
import * as ChatModel from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import { Label, PromptId } from "@consortium/core/Ids"
import { ModelError, Overloaded } from "@consortium/core/ModelError"
import { message, textOf } from "@consortium/core/Prompt"
import { answerSchema } from "@consortium/judge-strategies/JudgePrompt"
import { listwise } from "@consortium/judge-strategies/Listwise"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

const sheet: Sheet = {
  promptId: PromptId.make("p"),
  task: [message("user", "Why?")],
  options: [
    { label: Label.make("A"), text: "because" },
    { label: Label.make("B"), text: "no idea" }
  ]
}

const completion = (parts: Completion["parts"]): Completion => ({
  parts,
  finish: { kind: "stop", raw: "stop" },
  usage: {},
  model: "m"
})

/** A model that gives these answers in turn, and the requests that it got. */
const scripted = (...answers: ReadonlyArray<Completion["parts"]>) => {
  const requests: Array<ChatModel.ChatRequest> = []
  const model = ChatModel.make({
    ref: "fake/m",
    complete: (request) =>
      Effect.sync(() => {
        requests.push(request)
        return completion(answers[requests.length - 1] ?? [])
      })
  })
  return { model, requests }
}
const text = (words: string): Completion["parts"] => [{ _tag: "Text", text: words }]
const good = text('{"criteria":[],"critiques":[],"ranking":[["B"],["A"]],"unacceptable":[],"confidence":1}')

describe("listwise", () => {
  it.effect("asks once, with schema and temperature 0", () =>
    Effect.gen(function* () {
      const { model, requests } = scripted(good)
      const judge = listwise(model, { family: "f" })
      const ballot = yield* judge.judge(sheet)
      assert.deepStrictEqual(ballot.tiers, [[Label.make("B")], [Label.make("A")]])
      assert.deepStrictEqual([judge.id, judge.family], ["listwise:fake/m", "f"])
      assert.strictEqual(requests.length, 1)
      assert.strictEqual(requests[0]?.temperature, 0)
      assert.deepStrictEqual(requests[0]?.responseSchema, { name: "ballot", schema: answerSchema })
    })
  )

  it.effect("leaves schema and temperature out where it is told to", () =>
    Effect.gen(function* () {
      const { model, requests } = scripted(good)
      yield* listwise(model, { id: "strict", schema: false, sampling: { reasoningEffort: "high" } }).judge(sheet)
      assert.notProperty(requests[0], "responseSchema")
      assert.notProperty(requests[0], "temperature")
      assert.strictEqual(requests[0]?.reasoningEffort, "high")
    })
  )

  it.effect("reads the text and not the reasoning", () =>
    Effect.gen(function* () {
      const reasoning = { _tag: "Reasoning", text: '{"ranking":[["A"],["B"]]}' } as const
      const { model } = scripted([
        reasoning,
        ...text('<think>{"ranking":[["A"],["B"]]}</think>{"ranking":[["B"],["A"]]}')
      ])
      const ballot = yield* listwise(model).judge(sheet)
      assert.deepStrictEqual(ballot.tiers[0], [Label.make("B")])
    })
  )

  it.effect("asks once more with what was wrong, and notes it", () =>
    Effect.gen(function* () {
      const { model, requests } = scripted(text("B is nicer"), good)
      const ballot = yield* listwise(model).judge(sheet)
      assert.deepStrictEqual(ballot.tiers[0], [Label.make("B")])
      assert.match(ballot.mended[0] ?? "", /^asked twice: .*no JSON object/)
      const [first, second] = requests
      assert.deepStrictEqual<unknown>(second?.messages.slice(0, 2), first?.messages)
      assert.deepStrictEqual(second?.messages[2], message("assistant", "B is nicer"))
      assert.include(textOf(second?.messages[3] ?? message("user", "")), "no JSON object with a ranking")
    })
  )

  it.effect("fails with InvalidBallot after the second answer", () =>
    Effect.gen(function* () {
      const { model, requests } = scripted([], text("still no"), good)
      const error = yield* Effect.flip(listwise(model).judge(sheet))
      assert.strictEqual(error._tag, "InvalidBallot")
      assert.strictEqual(requests.length, 2)
      // An empty assistant message is refused by vendors.
      assert.deepStrictEqual(requests[1]?.messages[2], message("assistant", "(no text)"))
    })
  )

  it.effect("hands on the model's own error", () =>
    Effect.gen(function* () {
      const error = new ModelError({ vendor: "fake", model: "m", reason: new Overloaded(), detail: "" })
      const model = ChatModel.make({ ref: "fake/m", complete: () => Effect.fail(error) })
      assert.strictEqual(yield* Effect.flip(listwise(model).judge(sheet)), error)
    })
  )
})
