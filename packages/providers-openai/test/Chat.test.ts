import { ChatModel, type ChatRequest } from "@consortium/core/ChatModel"
import * as Completion from "@consortium/core/Completion"
import { message } from "@consortium/core/Prompt"
import * as ChatModelContract from "@consortium/testing/ChatModelContract"
import { serve } from "@consortium/testing/Exchanges"
import * as HttpClients from "@consortium/wire/HttpClients"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Chat from "../src/Chat.js"
import { spelling } from "./chatSpelling.js"

const said = spelling.whole({ text: "yes", finish: "stop", inputTokens: 1, outputTokens: 1 })

describe("Chat keeps the contract of chat models", () => {
  const subject: ChatModelContract.Subject<HttpClients.HttpClient> = {
    make: (at) => Chat.make({ model: ChatModelContract.modelName, baseUrl: at.url, apiKey: at.apiKey }),
    spelling
  }
  for (const { name, run } of ChatModelContract.cases(subject)) {
    it.effect(name, () => Effect.provide(run, HttpClients.layerDirect))
  }
})

const asked = (model: string, request: Partial<ChatRequest>, options: Partial<Chat.Options> = {}) =>
  Effect.gen(function* () {
    const player = yield* serve([{ body: said }])
    const chat = yield* Chat.make({ model, baseUrl: player.url, ...options })
    yield* chat.complete({ messages: [message("system", "s"), message("user", "hi")], ...request })
    return {
      ref: chat.ref,
      wire: chat.wire,
      headers: player.asked[0]?.headers,
      body: JSON.parse(player.asked[0]?.body ?? "")
    }
  }).pipe(Effect.provide(HttpClients.layerDirect))

const everything = {
  temperature: 0.5,
  topP: 0.9,
  topK: 40,
  presencePenalty: 0.1,
  frequencyPenalty: 0.2,
  maxTokens: 100,
  seed: 7,
  stop: ["\n"],
  reasoningEffort: "max"
} as const satisfies Partial<ChatRequest>

describe("Chat", () => {
  it.effect("sends a model that does not reason all but what it has no word for", () =>
    Effect.gen(function* () {
      const { body, ref, wire } = yield* asked("gpt-4.1", everything)
      assert.strictEqual(ref, "openai.chat/gpt-4.1")
      assert.strictEqual(wire, "openai.chat")
      assert.deepStrictEqual(body, {
        model: "gpt-4.1",
        messages: [
          { role: "system", content: "s" },
          { role: "user", content: "hi" }
        ],
        temperature: 0.5,
        top_p: 0.9,
        presence_penalty: 0.1,
        frequency_penalty: 0.2,
        max_completion_tokens: 100,
        seed: 7,
        stop: ["\n"]
      })
    })
  )

  it.effect("leaves out what a model that reasons refuses", () =>
    Effect.gen(function* () {
      const { body } = yield* asked("o3", everything)
      assert.deepStrictEqual(body, {
        model: "o3",
        messages: [
          { role: "developer", content: "s" },
          { role: "user", content: "hi" }
        ],
        max_completion_tokens: 100,
        seed: 7,
        reasoning_effort: "high"
      })
      const still = yield* asked("gpt-5.2", { ...everything, reasoningEffort: "none" })
      assert.deepInclude(still.body, { reasoning_effort: "none", temperature: 0.5, top_p: 0.9 })
    })
  )

  it.effect("enforces a schema that is closed, and only asks for one that is not", () =>
    Effect.gen(function* () {
      const closed = {
        type: "object",
        properties: { a: { type: "string" } },
        required: ["a"],
        additionalProperties: false
      }
      for (const [schema, strict] of [
        [closed, true],
        [{ type: "object" }, false]
      ] as const) {
        const { body } = yield* asked("gpt-5", { responseSchema: { name: "my verdict", schema } })
        assert.deepStrictEqual(body.response_format, {
          type: "json_schema",
          json_schema: { name: "my_verdict", schema, strict }
        })
      }
      const own = { type: "json_object" }
      const { body } = yield* asked("gpt-5", {
        responseSchema: { name: "verdict", schema: closed },
        providerOptions: { response_format: own }
      })
      assert.deepStrictEqual(body.response_format, own)
    })
  )

  it.effect("names who pays, and reads key and base URL from the configuration", () =>
    Effect.gen(function* () {
      const { headers } = yield* asked("gpt-5", {}, { organization: "org-1", project: "proj-1", headers: { a: "b" } })
      assert.strictEqual(headers?.["openai-organization"], "org-1")
      assert.strictEqual(headers?.["openai-project"], "proj-1")
      assert.strictEqual(headers?.a, "b")
      const player = yield* serve([{ body: said }])
      const env = { OPENAI_API_KEY: "sk-synthetic", OPENAI_BASE_URL: player.url }
      const model = Layer.provide(Chat.layerConfig({ model: "gpt-5" }), [
        HttpClients.layerDirect,
        ConfigProvider.layer(ConfigProvider.fromEnv({ env }))
      ])
      const answer = yield* ChatModel.use((it) => it.complete({ messages: [message("user", "hi")] })).pipe(
        Effect.provide(model)
      )
      assert.strictEqual(Completion.text(answer), "yes")
      assert.strictEqual(player.asked[0]?.headers.authorization, "Bearer sk-synthetic")
    })
  )
})
