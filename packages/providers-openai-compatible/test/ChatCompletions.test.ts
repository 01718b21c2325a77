import { ChatModel } from "@consortium/core/ChatModel"
import * as Completion from "@consortium/core/Completion"
import { message } from "@consortium/core/Prompt"
import { type Exchange, serve } from "@consortium/testing/Exchanges"
import * as HttpClients from "@consortium/wire/HttpClients"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as ChatCompletions from "../src/ChatCompletions.js"
import { vendors } from "../src/Vendors.js"
import { sse } from "./spelling.js"

const request = { messages: [message("user", "hi")] } as const

const asking = (exchange: Exchange, options: Partial<ChatCompletions.Options> = {}) =>
  Effect.gen(function* () {
    const player = yield* serve([exchange])
    const model = yield* ChatCompletions.make({
      vendor: vendors.openrouter,
      model: "a/b",
      baseUrl: player.url,
      ...options
    })
    return { player, model }
  })

const completed = (exchange: Exchange, options: Partial<ChatCompletions.Options> = {}) =>
  Effect.flatMap(asking(exchange, options), ({ model }) => model.complete(request)).pipe(
    Effect.provide(HttpClients.layerDirect)
  )

const streamed = (exchange: Exchange) =>
  Effect.flatMap(asking(exchange), ({ model }) => Stream.runCollect(model.stream(request))).pipe(
    Effect.provide(HttpClients.layerDirect)
  )

const env = (values: Record<string, string>) => ConfigProvider.layer(ConfigProvider.fromEnv({ env: values }))
const answer = JSON.stringify({ choices: [{ message: { content: "yes" }, finish_reason: "stop" }] })

describe("ChatCompletions", () => {
  it.effect("names itself, keeps the request's id and the limits, and sends what it was given", () =>
    Effect.gen(function* () {
      const headers = {
        "content-type": "application/json",
        "x-generation-id": "gen-1",
        "x-request-id": "req-1",
        "x-ratelimit-remaining-requests": "12",
        "x-ratelimit-reset-requests": "6m0s"
      }
      const { model, player } = yield* asking({ headers, body: answer }, { headers: { "x-title": "test" } })
      const completion = yield* model.complete(request)
      assert.strictEqual(model.ref, "openrouter/a/b")
      assert.strictEqual(model.wire, "openai.chat")
      assert.strictEqual(completion.requestId, "gen-1")
      assert.deepStrictEqual(completion.limits, { requestsRemaining: 12, requestsResetMillis: 360_000 })
      assert.strictEqual(player.asked[0]?.path, "/chat/completions")
      assert.strictEqual(player.asked[0]?.headers["x-title"], "test")
      assert.notProperty(player.asked[0]?.headers, "authorization")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("asks for its credentials at each call", () =>
    Effect.gen(function* () {
      let turn = 0
      const credentials = Effect.sync(() => ({ authorization: Redacted.make(`Bearer token-number-${++turn}`) }))
      const player = yield* serve([{ body: answer }, { body: answer }])
      const model = yield* ChatCompletions.make({ vendor: vendors.vllm, model: "m", baseUrl: player.url, credentials })
      yield* model.complete(request)
      yield* model.complete(request)
      assert.deepStrictEqual(
        player.asked.map((asked) => asked.headers.authorization),
        ["Bearer token-number-1", "Bearer token-number-2"]
      )
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("works over fetch too", () =>
    Effect.gen(function* () {
      const { model } = yield* asking({ body: answer })
      assert.strictEqual(Completion.text(yield* model.complete(request)), "yes")
    }).pipe(Effect.provide(HttpClients.layerFetch))
  )

  const codes: ReadonlyArray<readonly [number, object, string]> = [
    [429, { code: "insufficient_quota", message: "You exceeded your current quota" }, "QuotaExhausted"],
    [400, { code: "context_length_exceeded", message: "too long" }, "ContextOverflow"],
    [
      400,
      { message: "This endpoint's maximum context length is 8192 tokens. However, you requested about 9000" },
      "ContextOverflow"
    ],
    [400, { code: "content_filter", message: "no" }, "ContentPolicy"],
    [403, { message: "Your input was flagged", metadata: { reasons: ["x"] } }, "ContentPolicy"],
    [400, { message: "a/b is not a valid model ID" }, "NotFound"],
    [
      400,
      { code: "tool_use_failed", message: "Failed to call a function", failed_generation: "<x>" },
      "MalformedOutput"
    ],
    [200, { code: 429, message: "Rate limited upstream" }, "RateLimited"],
    [200, { code: 402, message: "Insufficient credits" }, "QuotaExhausted"]
  ]
  for (const [status, error, reason] of codes) {
    it.effect(`status ${status} with ${JSON.stringify(error)} is ${reason}`, () =>
      Effect.gen(function* () {
        const failure = yield* Effect.flip(completed({ status, body: JSON.stringify({ error }) }))
        assert.strictEqual(failure.reason._tag, reason)
      })
    )
  }

  it.effect("fails with the error of a choice, and with an answer without choices", () =>
    Effect.gen(function* () {
      const stated = {
        choices: [{ message: { content: "" }, finish_reason: "error", error: { code: 503, message: "busy" } }]
      }
      assert.strictEqual((yield* Effect.flip(completed({ body: JSON.stringify(stated) }))).reason._tag, "Overloaded")
      assert.strictEqual((yield* Effect.flip(completed({ body: '{"choices":[]}' }))).reason._tag, "MalformedOutput")
      assert.strictEqual((yield* Effect.flip(completed({ body: '["no object"]' }))).reason._tag, "MalformedOutput")
    })
  )

  it.effect("ends a stream with the body, whether marked or finished", () =>
    Effect.gen(function* () {
      const chunk = (delta: object, finish_reason: string | null = null) => ({ choices: [{ delta, finish_reason }] })
      const headers = { "content-type": "text/event-stream" }
      const finished = yield* streamed({ headers, body: sse([chunk({ content: "a" }), chunk({}, "stop")], false) })
      assert.strictEqual(finished.at(-1)?._tag, "Done")
      const marked = yield* streamed({ headers, body: sse([chunk({ content: "a" }, "")]) })
      const last = marked.at(-1)
      assert.deepStrictEqual(last?._tag === "Done" ? last.completion.finish : last, { kind: "unknown", raw: null })
      const nothing = yield* Effect.flip(streamed({ headers, body: sse([]) }))
      assert.strictEqual(nothing.reason._tag, "MalformedOutput")
    })
  )

  it.effect("streams the answer of a server that does not stream", () =>
    Effect.gen(function* () {
      const parts = yield* streamed({ body: answer })
      assert.deepStrictEqual(
        parts.map((part) => part._tag),
        ["Text", "Done"]
      )
    })
  )

  it.effect("takes such an answer as a whole, whatever stands in it for a chunk", () =>
    Effect.gen(function* () {
      const message = { role: "assistant", content: "a" }
      const choices = [{ index: 0, message, delta: { content: "" }, finish_reason: "" }]
      const body = JSON.stringify({ id: "c", model: "m", choices })
      for (const type of ["application/json", "text/event-stream"]) {
        const last = (yield* streamed({ headers: { "content-type": type }, body })).at(-1)
        const whole = yield* completed({ body })
        assert.deepStrictEqual(last?._tag === "Done" ? last.completion : last, whole)
        assert.deepStrictEqual(whole.parts, [{ _tag: "Text", text: "a" }])
      }
    })
  )

  it.effect("reads key and base URL from the configuration, and names the variable of a missing key", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: answer }])
      const { groq, ollama } = vendors
      const model = Layer.provide(ChatCompletions.layerConfig({ vendor: groq, model: "m" }), [
        HttpClients.layer,
        env({ GROQ_API_KEY: " gsk_synthetic\n", GROQ_BASE_URL: `${player.url}/v1/` })
      ])
      yield* ChatModel.use((it) => it.complete(request)).pipe(Effect.provide(model))
      assert.strictEqual(player.asked[0]?.path, "/v1/chat/completions")
      assert.strictEqual(player.asked[0]?.headers.authorization, "Bearer gsk_synthetic")
      for (const values of [{}, { GROQ_API_KEY: "" }]) {
        const missing = yield* Effect.flip(Effect.provide(ChatCompletions.config(groq), env(values)))
        assert.strictEqual(missing._tag, "ConfigError")
        assert.include(missing.message, "GROQ_API_KEY")
      }
      assert.deepStrictEqual(yield* Effect.provide(ChatCompletions.config(ollama), env({})), {
        baseUrl: ollama.baseUrl
      })
    })
  )

  it.effect("refuses a key that no header can carry without showing it", () =>
    Effect.gen(function* () {
      const failure = yield* Effect.flip(completed({ body: answer }, { apiKey: Redacted.make("abc\ndef-密") }))
      assert.strictEqual(failure.reason._tag, "Authentication")
      assert.notInclude(failure.message, "abc")
    })
  )
})
