import type { Completion } from "@consortium/core/Completion"
import { MemberId } from "@consortium/core/Ids"
import { message } from "@consortium/core/Prompt"
import { record } from "@consortium/core/Receipt"
import * as Consortium from "@consortium/ensemble/Consortium"
import * as ConsortiumModel from "@consortium/ensemble/ConsortiumModel"
import { chatStack } from "@consortium/middleware/Stack"
import * as Fakes from "@consortium/testing/Fakes"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"

const member = (model: Fakes.FakeChatModel) => ({ id: MemberId.make(model.ref), model, samples: 1 })
const saying = (id: string, text: string, more: Partial<Completion> = {}) =>
  Fakes.chatModel(`fake/${id}`, () =>
    Fakes.completion(text, { usage: { inputTokens: 10, outputTokens: 5, usd: 0.25 }, ...more })
  )

/** Judged by length: the longer answer wins. */
const of = (a: Fakes.FakeChatModel, b: Fakes.FakeChatModel) =>
  Consortium.make({ members: [member(a), member(b)], judges: [{ judge: Fakes.judge() }] })

const request = { messages: [message("user", "Why?")] } as const
const schema = {
  type: "object",
  properties: { hue: { type: "string" } },
  required: ["hue"],
  additionalProperties: false
}

describe("a consortium as a chat model", () => {
  it.live("answers with the winner's text, everyone's tokens and price, and tells the proof", () =>
    Effect.gen(function* () {
      const model = ConsortiumModel.make(of(saying("a", "short"), saying("b", "longer, and so better")))
      const [outcome, receipt] = yield* record(model.complete)(request)
      const completion = yield* Effect.fromResult(outcome)
      assert.deepStrictEqual(completion, {
        parts: [{ _tag: "Text", text: "longer, and so better" }],
        finish: { kind: "stop", raw: "stop" },
        usage: { inputTokens: 20, outputTokens: 10, usd: 0.5 },
        model: "consortium/best"
      })
      assert.deepStrictEqual(
        receipt.events.map(({ _tag }) => _tag),
        ["Note"]
      )
      const [note] = receipt.events
      assert.isTrue(note?._tag === "Note" && note.source === ConsortiumModel.source)
      if (note?._tag !== "Note" || !Predicate.isObject(note.data)) return
      assert.deepInclude(note.data, { by: "fake/b", judged: true, usd: 0.5 })
      assert.doesNotThrow(() => structuredClone(note.data))
      const parts = yield* Stream.runCollect(model.stream(request))
      assert.deepStrictEqual(
        parts.map(({ _tag }) => _tag),
        ["Text", "Done"]
      )
    })
  )

  it.live("as a member of another its calls are paid for once", () =>
    Effect.gen(function* () {
      const inner = ConsortiumModel.make(of(saying("a", "short"), saying("b", "longer")))
      const [, receipt] = yield* record(chatStack()(inner).complete)(request)
      assert.strictEqual(receipt.usd, 0.5)
      assert.strictEqual(receipt.attempts, 1)
    })
  )

  it.live("members are asked what the request says, but for one vendor's fields; other samples draw anew", () =>
    Effect.gen(function* () {
      const [a, b] = [saying("a", "short"), saying("b", "longer")]
      const model = ConsortiumModel.make(of(a, b), { ref: "house/wise", settings: { sampling: { topP: 0.9 } } })
      const asked = { ...request, temperature: 0.5, maxTokens: 64, seed: 7, providerOptions: { store: true } }
      assert.strictEqual((yield* model.complete(asked)).model, "house/wise")
      yield* model.complete({ ...asked, sample: 1 })
      const [first, second] = a.asked
      assert.deepInclude(first, { temperature: 0.5, maxTokens: 64, topP: 0.9 })
      assert.isUndefined(first?.providerOptions)
      assert.notStrictEqual(first?.seed, b.asked[0]?.seed)
      assert.notStrictEqual(first?.seed, second?.seed)
    })
  )

  it.live("in a schema: what is none is out, and the JSON comes without its fence", () =>
    Effect.gen(function* () {
      const fenced = saying("a", '```json\n{ "hue": "blue" }\n```')
      const wrong = saying("b", `{"colour":"blue, and a long answer"}`)
      const model = ConsortiumModel.make(of(fenced, wrong))
      const { parts } = yield* model.complete({ ...request, responseSchema: { name: "sky", schema } })
      assert.deepStrictEqual(parts, [{ _tag: "Text", text: '{"hue":"blue"}' }])
      assert.deepStrictEqual(fenced.asked[0]?.responseSchema, { name: "sky", schema })
    })
  )

  it.live("tools are offered to all, and the winner's calls come back, also where a schema is wanted in the end", () =>
    Effect.gen(function* () {
      const call = { _tag: "ToolCall", id: "c1", name: "look_up", arguments: '{"at":"sky"}' } as const
      const model = ConsortiumModel.make(of(saying("a", "", { parts: [call] }), saying("b", "", { parts: [call] })))
      const tools = [{ name: "look_up", parameters: { type: "object" } }] as const
      const { parts } = yield* model.complete({ ...request, tools, responseSchema: { name: "sky", schema } })
      assert.deepStrictEqual(parts, [call])
    })
  )

  it.live("fails as the consortium does", () =>
    Effect.gen(function* () {
      const broken = Fakes.chatModel("fake/a", () => Fakes.modelError())
      const quick = { stack: { timeout: "1 second" } } as const
      const alone = Consortium.make({
        members: [member(broken)],
        judges: [{ judge: Fakes.judge() }],
        deadline: 200,
        ...quick
      })
      const error = yield* Effect.flip(ConsortiumModel.make(alone).complete(request))
      assert.strictEqual(error._tag, "ConsortiumError")
      assert.isTrue(["no-answer", "deadline"].includes(error.why))
    })
  )
})
