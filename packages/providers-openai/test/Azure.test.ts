import { Network } from "@consortium/core/ModelError"
import * as Completion from "@consortium/core/Completion"
import { message } from "@consortium/core/Prompt"
import * as ChatModelContract from "@consortium/testing/ChatModelContract"
import { type Asked, type Exchange, serve } from "@consortium/testing/Exchanges"
import * as Fuzz from "@consortium/testing/Fuzz"
import * as AccessToken from "@consortium/wire/AccessToken"
import * as HttpClients from "@consortium/wire/HttpClients"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as AzureChat from "../src/AzureChat.js"
import * as AzureResponses from "../src/AzureResponses.js"
import * as EntraToken from "../src/EntraToken.js"
import { familyOf } from "../src/Family.js"
import * as chat from "./chatSpelling.js"
import * as responses from "./responsesSpelling.js"

type Subject = ChatModelContract.Subject<HttpClients.HttpClient>
const model = ChatModelContract.modelName
const version = "2024-10-21"

/** The spelling with Azure's key, and the model where the address has it. */
const at = (spelling: ChatModelContract.Spelling, path: RegExp): ChatModelContract.Spelling => ({
  ...spelling,
  read: (asked: Asked) => {
    assert.match(asked.path, path)
    return { ...spelling.read(asked), key: asked.headers["api-key"] }
  }
})

const subjects: Readonly<Record<string, Subject>> = {
  "by Responses": {
    make: ({ apiKey, url }) => AzureResponses.make({ model, endpoint: url, apiKey }),
    spelling: at(responses.spelling, /^\/openai\/v1\/responses$/)
  },
  "by Chat Completions": {
    make: ({ apiKey, url }) => AzureChat.make({ model, endpoint: `${url}/openai/v1/`, apiKey }),
    spelling: at(chat.spelling, /^\/openai\/v1\/chat\/completions$/)
  },
  "by a deployment's address": {
    make: ({ apiKey, url }) => AzureChat.make({ model, endpoint: `${url}/`, apiKey, apiVersion: version }),
    spelling: at(chat.spelling, /^\/openai\/deployments\/synthetic-model\/chat\/completions\?api-version=2024-10-21$/)
  },
  "by a resource's models": {
    make: ({ apiKey, url }) => AzureChat.make({ model, endpoint: `${url}/models`, apiKey, apiVersion: version }),
    spelling: at(chat.spelling, /^\/models\/chat\/completions\?api-version=2024-10-21$/)
  }
}

for (const [name, subject] of Object.entries(subjects)) {
  describe(`Azure ${name} keeps the contract of chat models`, () => {
    for (const one of [...ChatModelContract.cases(subject), ...Fuzz.cases(subject, { mutants: 10 })]) {
      it.effect(one.name, () => Effect.provide(one.run, HttpClients.layerDirect))
    }
  })
}

const request = { messages: [message("system", "s"), message("user", "hi")], maxTokens: 9 } as const
const said = chat.spelling.whole({ text: "yes", finish: "stop", inputTokens: 1, outputTokens: 1 })
const asking = (exchange: Exchange, options: Partial<AzureChat.Options> = {}) =>
  Effect.gen(function* () {
    const player = yield* serve([exchange])
    const made = yield* AzureChat.make({
      model: "my deployment",
      endpoint: player.url,
      apiKey: Redacted.make("key-1"),
      ...options
    })
    return { model: made, player }
  })

describe("Azure", () => {
  it.effect("names itself as its users do", () =>
    Effect.gen(function* () {
      const options = { model: "mine", endpoint: "https://x.test", apiKey: Redacted.make("k") }
      const chatting = yield* AzureChat.make(options)
      const responding = yield* AzureResponses.make(options)
      assert.deepStrictEqual([chatting.ref, chatting.wire], ["azure.chat/mine", "openai.chat"])
      assert.deepStrictEqual([responding.ref, responding.wire], ["azure/mine", "openai.responses"])
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("has one field for the longest answer at each address and family", () =>
    Effect.gen(function* () {
      const sent = (options: Partial<AzureChat.Options>) =>
        Effect.gen(function* () {
          const { model, player } = yield* asking({ body: said }, options)
          yield* model.complete(request)
          const body = JSON.parse(player.asked[0]?.body ?? "")
          return [player.asked[0]?.path, Object.keys(body).find((name) => name.startsWith("max"))]
        })
      const escaped = "/openai/deployments/my%20deployment/chat/completions?api-version=v"
      assert.deepStrictEqual(yield* sent({}), ["/openai/v1/chat/completions", "max_completion_tokens"])
      assert.deepStrictEqual(yield* sent({ apiVersion: "v" }), [escaped, "max_tokens"])
      const family = familyOf("gpt-5")
      assert.deepStrictEqual(yield* sent({ apiVersion: "v", family }), [escaped, "max_completion_tokens"])
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("reads what its content filter says, in prompts, answers and errors", () =>
    Effect.gen(function* () {
      const filter = { hate: { filtered: true, severity: "high" } }
      const refused = yield* asking({
        status: 400,
        headers: { "content-type": "application/json", "apim-request-id": "req-1" },
        body: JSON.stringify({
          error: {
            message: "The response was filtered due to the prompt triggering Azure's content management policy.",
            type: null,
            param: "prompt",
            code: "content_filter",
            status: 400,
            innererror: { code: "ResponsibleAIPolicyViolation", content_filter_result: filter }
          }
        })
      })
      const error = yield* Effect.flip(refused.model.complete(request))
      assert.deepStrictEqual([error.reason._tag, error.requestId], ["ContentPolicy", "req-1"])
      const chunk = (choices: ReadonlyArray<object>, more: object = {}) =>
        `data: ${JSON.stringify({ id: "", model: "", object: "", created: 0, choices, ...more })}\n\n`
      const streamed = yield* asking({
        headers: { "content-type": "text/event-stream" },
        body: [
          chunk([], { prompt_filter_results: [{ prompt_index: 0, content_filter_results: filter }] }),
          chunk([{ index: 0, delta: { role: "assistant", content: "Blue" }, finish_reason: null }], {
            id: "c1",
            model: "gpt-x"
          }),
          chunk([{ index: 0, delta: {}, content_filter_results: filter, finish_reason: "content_filter" }], {
            id: "c1",
            model: "gpt-x"
          }),
          "data: [DONE]\n\n"
        ].join("")
      })
      const parts = yield* Stream.runCollect(streamed.model.stream(request))
      const last = parts.at(-1)
      assert.deepInclude(last?._tag === "Done" ? last.completion : {}, {
        id: "c1",
        model: "gpt-x",
        finish: { kind: "content-filter", raw: "content_filter" }
      })
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("waits as long as its whole seconds say, where it says no milliseconds", () =>
    Effect.gen(function* () {
      const { model } = yield* asking({
        status: 429,
        headers: { "content-type": "application/json", "retry-after": "1", "retry-after-ms": "0" },
        body: JSON.stringify({ error: { code: "RateLimitReached", message: "slow down", details: "slow down" } })
      })
      const error = yield* Effect.flip(model.complete(request))
      assert.strictEqual(error.reason._tag, "RateLimited")
      assert.strictEqual(error.retryAfter === undefined ? 0 : Duration.toMillis(error.retryAfter), 1000)
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("takes tokens of Entra in place of a key", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: said }])
      const scopes: Array<string> = []
      const token = EntraToken.fromCredential({
        getToken: async (scope) => {
          scopes.push(scope)
          return { token: "entra-1", expiresOnTimestamp: 3_600_000 }
        }
      })
      const made = yield* AzureChat.make({ model: "m", endpoint: player.url, token })
      yield* made.complete(request)
      assert.strictEqual(player.asked[0]?.headers.authorization, "Bearer entra-1")
      assert.notProperty(player.asked[0]?.headers, "api-key")
      assert.deepStrictEqual(scopes, ["https://cognitiveservices.azure.com/.default"])
      assert.strictEqual((yield* token).lifetimeMillis, 3_600_000)
      const none = yield* Effect.flip(EntraToken.fromCredential({ getToken: async () => null }))
      assert.strictEqual(none.reason._tag, "Authentication")
      const broken = EntraToken.fromCredential({
        getToken: () => Promise.reject(new Error("no developer is signed in"))
      })
      assert.include((yield* Effect.flip(broken)).message, "no developer is signed in")
      const gone = new AccessToken.TokenError({ reason: new Network({}), detail: "no server" })
      const failing = yield* AzureResponses.make({ model: "m", endpoint: player.url, token: Effect.fail(gone) })
      assert.strictEqual((yield* Effect.flip(failing.complete(request))).reason._tag, "Network")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("finds key, address and version by the variables", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: said }, { body: said }])
      const env = { AZURE_OPENAI_API_KEY: "k", AZURE_OPENAI_ENDPOINT: `${player.url}/` }
      const made = (from: Record<string, string>) =>
        Effect.provide(
          AzureChat.makeConfig({ model: "m" }),
          ConfigProvider.layer(ConfigProvider.fromEnv({ env: from }))
        )
      for (const from of [env, { ...env, OPENAI_API_VERSION: "v1" }]) {
        const found = yield* made(from)
        assert.strictEqual(Completion.text(yield* found.complete(request)), "yes")
      }
      assert.deepStrictEqual(
        player.asked.map(({ path }) => path),
        ["/openai/v1/chat/completions", "/openai/deployments/m/chat/completions?api-version=v1"]
      )
      assert.include(String(yield* Effect.flip(made({ AZURE_OPENAI_API_KEY: "k" }))), "AZURE_OPENAI_ENDPOINT")
      assert.include(String(yield* Effect.flip(made({ AZURE_OPENAI_ENDPOINT: "e" }))), "AZURE_OPENAI_API_KEY")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )
})
