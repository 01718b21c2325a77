import * as ChatModel from "@consortium/core/ChatModel"
import { type ModelError, Overloaded } from "@consortium/core/ModelError"
import { message } from "@consortium/core/Prompt"
import { tell } from "@consortium/core/Receipt"
import * as Fakes from "@consortium/testing/Fakes"
import { assert, describe, it } from "@effect/vitest"
import * as AiError from "effect/ai/AiError"
import * as Chat from "effect/ai/Chat"
import * as LanguageModel from "effect/ai/LanguageModel"
import * as Model from "effect/ai/Model"
import type * as Response from "effect/ai/Response"
import * as Tool from "effect/ai/Tool"
import * as Toolkit from "effect/ai/Toolkit"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { CurrentSampling, fromLanguageModel, fromModel, layer } from "../src/LanguageModel.js"

const usage = { inputTokens: 12, cacheReadTokens: 4, outputTokens: 9, reasoningTokens: 3, usd: 0.25 }

const scripted = (...replies: ReadonlyArray<Fakes.Reply>) =>
  Fakes.chatModel("synthetic/sky", (_, index) => replies[index] ?? replies.at(-1) ?? "")

const LookUp = Tool.make("look_up", {
  description: "finds it",
  parameters: Schema.Struct({ at: Schema.String }),
  success: Schema.Struct({ seen: Schema.String })
})
const tools = Toolkit.make(LookUp)
const handlers = tools.toLayer({ look_up: ({ at }) => Effect.succeed({ seen: at }) })
const call = { _tag: "ToolCall", id: "c1", name: "look_up", arguments: '{ "at": "sky" }', signature: "s2" } as const

describe("ours under effect/ai's own functions", () => {
  it.effect("generateText: text, reasoning, usage, finish, ids, sampling", () => {
    const model = scripted(
      Fakes.completion("", {
        parts: [
          { _tag: "Reasoning", text: "It is day.", signature: "s1" },
          { _tag: "Text", text: "Blue." }
        ],
        usage,
        id: "answer-1",
        model: "sky-2026"
      })
    )
    return Effect.gen(function* () {
      const said = yield* LanguageModel.generateText({
        prompt: [
          { role: "system", content: "Be short." },
          { role: "user", content: "Why?" }
        ]
      }).pipe(Effect.provideService(CurrentSampling, { temperature: 0.5, maxTokens: 64 }))
      assert.strictEqual(said.text, "Blue.")
      assert.strictEqual(said.reasoningText, "It is day.")
      assert.strictEqual(said.finishReason, "stop")
      assert.deepInclude(said.usage.inputTokens, { total: 12, uncached: 8, cacheRead: 4 })
      assert.deepInclude(said.usage.outputTokens, { total: 9, text: 6, reasoning: 3 })
      const named = said.content.find((part) => part.type === "response-metadata")
      assert.deepInclude(named, { id: "answer-1", modelId: "sky-2026" })
      assert.deepStrictEqual(yield* Effect.all([Model.ProviderName, Model.ModelName]), ["synthetic", "sky"])
      assert.deepStrictEqual(model.asked, [
        { messages: [message("system", "Be short."), message("user", "Why?")], temperature: 0.5, maxTokens: 64 }
      ])
    }).pipe(Effect.provide(layer(model)))
  })

  it.effect("tools run, and a chat sends their results with what the model wrote", () => {
    const model = scripted(Fakes.completion("", { parts: [call] }), "Blue.")
    return Effect.gen(function* () {
      const chat = yield* Chat.empty
      const first = yield* chat.generateText({ prompt: "Why?", toolkit: tools })
      assert.deepStrictEqual(
        first.toolResults.map(({ result }) => result),
        [{ seen: "sky" }]
      )
      assert.strictEqual((yield* chat.generateText({ prompt: [], toolkit: tools })).text, "Blue.")
      assert.deepStrictEqual(model.asked[0]?.tools, [
        {
          name: "look_up",
          description: "finds it",
          parameters: {
            type: "object",
            properties: { at: { type: "string" } },
            required: ["at"],
            additionalProperties: false
          }
        }
      ])
      assert.deepStrictEqual(model.asked[1]?.messages.slice(1), [
        { role: "assistant", parts: [call] },
        { role: "tool", parts: [{ _tag: "ToolResult", id: "c1", name: "look_up", text: '{"seen":"sky"}' }] }
      ])
    }).pipe(Effect.provide([layer(model), handlers]))
  })

  it.effect("streamText: pieces, tools and the end; generateObject: a value", () => {
    const model = scripted(
      Fakes.completion("", { parts: [{ _tag: "Text", text: "Look." }, call], usage }),
      '{"hue":"blue"}',
      "no JSON"
    )
    return Effect.gen(function* () {
      const parts = yield* Stream.runCollect(LanguageModel.streamText({ prompt: "Why?", toolkit: tools }))
      assert.deepStrictEqual(
        parts.map(({ type }) => type),
        [
          "text-start",
          "text-delta",
          "tool-params-start",
          "tool-params-delta",
          "text-end",
          "tool-params-end",
          "tool-call",
          "response-metadata",
          "tool-result",
          "finish"
        ]
      )
      const Sky = Schema.Struct({ hue: Schema.String }).annotate({ identifier: "Sky" })
      const asked = LanguageModel.generateObject({ prompt: "Which?", schema: Sky })
      assert.deepStrictEqual((yield* asked).value, { hue: "blue" })
      assert.deepInclude(model.asked[1]?.responseSchema, { name: "Sky" })
      assert.deepInclude(model.asked[1]?.responseSchema?.schema, { type: "object", required: ["hue"] })
      assert.strictEqual((yield* Effect.flip(asked)).reason._tag, "StructuredOutputError")
    }).pipe(Effect.provide([layer(model), handlers]))
  })

  it.effect("notes of middleware and of consortia come out with the finish", () => {
    const noted = ChatModel.make({
      ref: "noted",
      complete: () =>
        Effect.as(tell({ _tag: "Note", source: "proof", data: { by: "a" } }), Fakes.completion("Blue.", { usage }))
    })
    return Effect.gen(function* () {
      const { content } = yield* LanguageModel.generateText({ prompt: "Why?" })
      const streamed = yield* Stream.runCollect(LanguageModel.streamText({ prompt: "Why?" }))
      for (const parts of [content, streamed]) {
        const metadata = parts.find((part) => part.type === "finish")?.metadata.consortium
        assert.deepInclude(metadata, { usd: 0.25, notes: [{ source: "proof", data: { by: "a" } }] })
      }
    }).pipe(Effect.provide(layer(noted)))
  })

  it.effect("failures keep whether they are worth a retry, and how long to wait", () => {
    const model = scripted(Fakes.modelError(new Overloaded({ retryAfterMillis: 5 })))
    return Effect.gen(function* () {
      const error = yield* Effect.flip(LanguageModel.generateText({ prompt: "Why?" }))
      assert.strictEqual(error.reason._tag, "InternalProviderError")
      assert.isTrue(error.isRetryable)
      const pdf = { type: "file", mediaType: "application/pdf", data: new Uint8Array([1]) } as const
      const refused = LanguageModel.generateText({ prompt: [{ role: "user", content: [pdf] }] })
      assert.match((yield* Effect.flip(refused)).message, /not supported: files of application\/pdf/)
    }).pipe(Effect.provide(layer(model)))
  })
})

const request = { messages: [message("user", "Why?")] } as const
const theirs = (
  generateText: () => Effect.Effect<Array<Response.PartEncoded>, AiError.AiError>,
  streamText: () => Stream.Stream<Response.StreamPartEncoded, AiError.AiError> = () => Stream.empty
) => LanguageModel.make({ generateText, streamText })

const finish = (headers: Readonly<Record<string, string>> = {}): Response.FinishPartEncoded => ({
  type: "finish",
  reason: "pause",
  usage: { inputTokens: { uncached: 3, cacheRead: 2 }, outputTokens: { total: 4 } },
  response: { status: 200, headers }
})

describe("theirs as ours", () => {
  it.effect("metadata is the signature; headers tell the request's id and the limits", () =>
    Effect.gen(function* () {
      const model = fromLanguageModel(
        yield* theirs(() =>
          Effect.succeed([
            { type: "reasoning", text: "Day.", metadata: { openai: { itemId: "r1" } } },
            { type: "text", text: "Blue." },
            { type: "source", sourceType: "url", id: "s", url: "https://example.com", title: "t" },
            finish({ "X-Request-Id": "req-1", "x-ratelimit-remaining-tokens": "9" })
          ])
        ),
        { ref: "openai/gpt" }
      )
      assert.deepStrictEqual(yield* model.complete(request), {
        parts: [
          { _tag: "Reasoning", text: "Day.", signature: '{"openai":{"itemId":"r1"}}' },
          { _tag: "Text", text: "Blue." }
        ],
        finish: { kind: "other", raw: "pause" },
        usage: { inputTokens: 5, cacheReadTokens: 2, outputTokens: 4 },
        model: "gpt",
        requestId: "req-1",
        limits: { tokensRemaining: 9 }
      })
    })
  )

  it.effect("a model that knows its name needs none, and what it asks can be configured", () =>
    Effect.gen(function* () {
      const seen: Array<number | undefined> = []
      const service = theirs(() =>
        Effect.map(CurrentSampling, ({ temperature }) => {
          seen.push(temperature)
          return [{ type: "text", text: "Blue." }, finish()]
        })
      )
      const named = Model.make("anthropic", "claude", Layer.effect(LanguageModel.LanguageModel, service))
      const model = yield* fromModel(named, {
        configure: (of) => (effect) => Effect.tap(effect, () => Effect.sync(() => seen.push(of.seed)))
      })
      assert.strictEqual(model.ref, "anthropic/claude")
      yield* model.complete({ ...request, temperature: 0.5, seed: 7 })
      assert.deepStrictEqual(seen, [0.5, 7])
    })
  )

  it.effect("every reason of effect/ai has one of ours", () =>
    Effect.gen(function* () {
      const http = (status: number, body = "") => ({ response: { status, headers: { "retry-after": "7" } }, body })
      const cases: ReadonlyArray<readonly [AiError.AiErrorReason, ModelError["reason"]["_tag"]]> = [
        [new AiError.RateLimitError({}), "RateLimited"],
        [
          new AiError.RateLimitError({ http: http(429, '{"error":{"code":"insufficient_quota","message":"x"}}') }),
          "QuotaExhausted"
        ],
        [new AiError.QuotaExhaustedError({}), "QuotaExhausted"],
        [new AiError.AuthenticationError({ kind: "InvalidKey" }), "Authentication"],
        [new AiError.AuthenticationError({ kind: "InsufficientPermissions" }), "Permission"],
        [new AiError.ContentPolicyError({ description: "no" }), "ContentPolicy"],
        [new AiError.InvalidRequestError({}), "InvalidRequest"],
        [new AiError.UnknownError({ http: http(404) }), "NotFound"],
        [new AiError.InternalProviderError({ description: "no", http: http(529) }), "Overloaded"],
        [new AiError.InternalProviderError({ description: "no" }), "ServerError"],
        [new AiError.NetworkError({ reason: "TransportError", method: "POST", url: "u" }), "Network"],
        [new AiError.InvalidOutputError({ description: "no" }), "MalformedOutput"],
        [new AiError.InvalidUserInputError({ description: "no" }), "InvalidRequest"],
        [new AiError.UnknownError({ description: "no" }), "Unknown"]
      ]
      for (const [reason, tag] of cases) {
        const service = yield* theirs(() => Effect.fail(AiError.make({ module: "m", method: "m", reason })))
        const error = yield* Effect.flip(fromLanguageModel(service, { ref: "v/m" }).complete(request))
        assert.strictEqual(error.reason._tag, tag)
        assert.strictEqual(error.vendor, "v")
      }
    })
  )

  it.effect("a stream's error part and its missing end are failures", () =>
    Effect.gen(function* () {
      const streaming = (...parts: ReadonlyArray<Response.StreamPartEncoded>) =>
        Effect.map(
          theirs(
            () => Effect.succeed([]),
            () => Stream.fromIterable(parts)
          ),
          (service) => Stream.runDrain(fromLanguageModel(service, { ref: "v/m" }).stream(request))
        )
      const stated = yield* streaming({ type: "error", error: { type: "overloaded_error", message: "busy" } })
      assert.strictEqual((yield* Effect.flip(stated)).reason._tag, "Overloaded")
      const cut = yield* streaming({ type: "text-start", id: "0" }, { type: "text-delta", id: "0", delta: "Bl" })
      assert.strictEqual((yield* Effect.flip(cut)).reason._tag, "Network")
    })
  )

  it.effect("a schema that is no object's is refused before anything is sent", () =>
    Effect.gen(function* () {
      const service = yield* theirs(() => Effect.die(new Error("not asked")))
      const model = fromLanguageModel(service, { ref: "v/m" })
      const wants = { ...request, responseSchema: { name: "n", schema: { type: "string" } } }
      assert.strictEqual((yield* Effect.flip(model.complete(wants))).reason._tag, "InvalidRequest")
    })
  )
})
