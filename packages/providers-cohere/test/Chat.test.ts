import { ChatModel, type StreamPart } from "@consortium/core/ChatModel"
import * as Completion from "@consortium/core/Completion"
import { message } from "@consortium/core/Prompt"
import * as ChatModelContract from "@consortium/testing/ChatModelContract"
import { type Exchange, serve } from "@consortium/testing/Exchanges"
import * as HttpClients from "@consortium/wire/HttpClients"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Chat from "../src/Chat.js"
import { spelling, sse } from "./spelling.js"

const request = { messages: [message("user", "hi")] } as const

const asking = (exchange: Exchange, options: Partial<Chat.Options> = {}) =>
  Effect.gen(function* () {
    const player = yield* serve([exchange])
    const model = yield* Chat.make({ model: "command-x", baseUrl: player.url, ...options })
    return { player, model }
  })

const completed = (exchange: Exchange) =>
  Effect.flatMap(asking(exchange), ({ model }) => model.complete(request)).pipe(Effect.provide(HttpClients.layerDirect))

/** What came before the end, and how it ended. */
const streamed = (body: string) =>
  Effect.gen(function* () {
    const { model } = yield* asking({ headers: { "content-type": "text/event-stream" }, body })
    const parts: Array<StreamPart> = []
    const end = yield* Effect.result(
      Stream.runForEach(model.stream(request), (part) => Effect.sync(() => parts.push(part)))
    )
    return { parts, error: end._tag === "Failure" ? end.failure : undefined }
  }).pipe(Effect.provide(HttpClients.layerDirect))

const env = (values: Record<string, string>) => ConfigProvider.layer(ConfigProvider.fromEnv({ env: values }))
const answer = JSON.stringify({
  id: "a1",
  message: { content: [{ type: "text", text: "yes" }] },
  finish_reason: "COMPLETE"
})

describe("Chat keeps the contract of chat models", () => {
  const subject = {
    make: (at: ChatModelContract.Address) =>
      Chat.make({ model: ChatModelContract.modelName, baseUrl: at.url, apiKey: at.apiKey }),
    spelling
  }
  for (const { name, run } of ChatModelContract.cases(subject)) {
    it.effect(name, () => Effect.provide(run, HttpClients.layerDirect))
  }
})

describe("Chat", () => {
  for (const end of ["", "/", "/v2", "/v1/"])
    it.effect(`finds its address where the base URL ends in "${end}"`, () =>
      Effect.gen(function* () {
        const headers = {
          "content-type": "application/json",
          "x-debug-trace-id": "t1",
          "x-trial-endpoint-call-limit": "20",
          "x-trial-endpoint-call-remaining": "6"
        }
        const player = yield* serve([{ body: answer, headers }])
        const options = {
          baseUrl: player.url + end,
          apiKey: Redacted.make(" key-1\n"),
          headers: { "x-client-name": "c" }
        }
        const model = yield* Chat.make({ model: "command-x", ...options })
        const completion = yield* model.complete(request)
        assert.strictEqual(model.ref, "cohere/command-x")
        assert.strictEqual(model.wire, "cohere.chat")
        assert.strictEqual(Completion.text(completion), "yes")
        assert.deepStrictEqual(completion.limits, { requestsLimit: 20, requestsRemaining: 6 })
        assert.deepStrictEqual([completion.id, completion.requestId], ["a1", "t1"])
        const [asked] = player.asked
        assert.strictEqual(asked?.path, "/v2/chat")
        assert.strictEqual(asked?.headers.authorization, "Bearer key-1")
        assert.strictEqual(asked?.headers["x-client-name"], "c")
        assert.deepStrictEqual(JSON.parse(asked?.body ?? ""), {
          model: "command-x",
          messages: [{ role: "user", content: "hi" }]
        })
      }).pipe(Effect.provide(HttpClients.layerDirect))
    )

  it.effect("takes its key from either variable, the official one first, and names what is missing", () =>
    Effect.gen(function* () {
      const keyBy = (values: Record<string, string>) =>
        Effect.map(Effect.provide(Chat.config, env(values)), ({ apiKey }) => Redacted.value(apiKey))
      assert.strictEqual(yield* keyBy({ CO_API_KEY: "a", COHERE_API_KEY: "b" }), "a")
      assert.strictEqual(yield* keyBy({ COHERE_API_KEY: "b" }), "b")
      assert.include(String(yield* Effect.flip(keyBy({}))), "COHERE_API_KEY")
    })
  )

  it.effect("is one model of a program by its layers", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: answer }, { body: answer }])
      const ask = Effect.flatMap(ChatModel, (model) => model.complete(request))
      const found = { COHERE_API_KEY: "key-2", COHERE_BASE_URL: player.url }
      const byConfig = Layer.provide(Chat.layerConfig({ model: "m" }), [env(found), HttpClients.layerDirect])
      yield* Effect.provide(ask, byConfig)
      const plain = Chat.layer({ model: "m", baseUrl: player.url, apiKey: Redacted.make("key-3") })
      yield* Effect.provide(ask, Layer.provide(plain, HttpClients.layerDirect))
      assert.deepStrictEqual(
        player.asked.map(({ headers }) => headers.authorization),
        ["Bearer key-2", "Bearer key-3"]
      )
    })
  )

  it.effect("hands on a plan for tools as it is thought, and knows it by its name", () =>
    Effect.gen(function* () {
      const tool = { id: "c1", type: "function", function: { name: "look", arguments: "" } }
      const { error, parts } = yield* streamed(
        sse(
          [
            { type: "message-start", id: "a1" },
            { type: "tool-plan-delta", delta: { message: { tool_plan: "I will" } } },
            { type: "tool-plan-delta", delta: { message: { tool_plan: " look." } } },
            { type: "tool-call-start", index: 0, delta: { message: { tool_calls: tool } } },
            { type: "tool-call-end", index: 0 },
            { type: "debug", prompt: "of no use" },
            { type: "message-end", delta: { finish_reason: "TOOL_CALL" } }
          ].map((event) => ({ ...event }))
        )
      )
      assert.strictEqual(error, undefined)
      assert.deepStrictEqual(parts.slice(0, -1), [
        { _tag: "Reasoning", delta: "I will" },
        { _tag: "Reasoning", delta: " look." },
        { _tag: "ToolCall", index: 0, id: "c1", name: "look", delta: "" },
        { _tag: "ToolCall", index: 0, delta: "{}" }
      ])
      const done = parts.at(-1)
      assert.deepStrictEqual(done?._tag === "Done" ? done.completion.parts : [], [
        { _tag: "Reasoning", text: "I will look.", id: "tool_plan" },
        { _tag: "ToolCall", id: "c1", name: "look", arguments: "{}" }
      ])
    })
  )

  it.effect("tells the vendor's refusals apart", () =>
    Effect.gen(function* () {
      const said = (status: number, words: string) =>
        Effect.map(Effect.flip(completed({ status, body: JSON.stringify({ id: "e1", message: words }) })), (it) => [
          it.reason._tag,
          it.status
        ])
      assert.deepStrictEqual(yield* said(400, "too many tokens: size limit exceeded by 11326 tokens."), [
        "ContextOverflow",
        400
      ])
      assert.deepStrictEqual(yield* said(498, "your request was blocked, see our Usage Guidelines"), [
        "ContentPolicy",
        498
      ])
      assert.deepStrictEqual(yield* said(429, "You are using a Trial key, which is limited to 40 API calls / minute"), [
        "RateLimited",
        429
      ])
      assert.deepStrictEqual(yield* said(429, "a Trial key, which is limited to 1000 API calls / month"), [
        "QuotaExhausted",
        429
      ])
      assert.deepStrictEqual(yield* said(404, "model 'nonexistent' not found"), ["NotFound", 404])
    })
  )

  it.effect("says what is missing in an answer that is none", () =>
    Effect.gen(function* () {
      for (const body of ['{"text":"of an older version"}', '{"type":"message-start","id":"a"}', '{"type":7}', "[]"]) {
        const error = yield* Effect.flip(completed({ body }))
        assert.strictEqual(error.reason._tag, "MalformedOutput", body)
      }
      const empty = yield* streamed("data: [DONE]\n\n")
      assert.strictEqual(empty.error?.reason._tag, "MalformedOutput")
    })
  )
})
