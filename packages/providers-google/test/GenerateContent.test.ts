import { ChatModel, type StreamPart } from "@consortium/core/ChatModel"
import * as Completion from "@consortium/core/Completion"
import { message } from "@consortium/core/Prompt"
import * as ChatModelContract from "@consortium/testing/ChatModelContract"
import { type Exchange, serve } from "@consortium/testing/Exchanges"
import * as HttpClients from "@consortium/wire/HttpClients"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as GenerateContent from "../src/GenerateContent.js"
import { google } from "../src/vendors/google.js"
import { gemini, sse } from "./spelling.js"

const request = { messages: [message("user", "hi")] } as const

const asking = (exchange: Exchange, options: Partial<GenerateContent.Options> = {}) =>
  Effect.gen(function* () {
    const player = yield* serve([exchange])
    const model = yield* GenerateContent.make({ model: "gemini-x", baseUrl: player.url, ...options })
    return { player, model }
  })

const completed = (exchange: Exchange, options: Partial<GenerateContent.Options> = {}) =>
  Effect.flatMap(asking(exchange, options), ({ model }) => model.complete(request)).pipe(
    Effect.provide(HttpClients.layerDirect)
  )

/** What came before the end, and how it ended. */
const streamed = (exchange: Exchange) =>
  Effect.gen(function* () {
    const { model } = yield* asking(exchange)
    const parts: Array<StreamPart> = []
    const exit = yield* Effect.result(
      Stream.runForEach(model.stream(request), (part) => Effect.sync(() => parts.push(part)))
    )
    return { parts, error: exit._tag === "Failure" ? exit.failure : undefined }
  }).pipe(Effect.provide(HttpClients.layerDirect))

const env = (values: Record<string, string>) => ConfigProvider.layer(ConfigProvider.fromEnv({ env: values }))
const said = (text: string, finishReason?: string) => ({
  candidates: [{ content: { parts: [{ text }] }, ...(finishReason !== undefined && { finishReason }) }]
})
const answer = JSON.stringify(said("yes", "STOP"))
const events = { "content-type": "text/event-stream" }

describe("GenerateContent keeps the contract of chat models", () => {
  const subject = {
    make: (at: ChatModelContract.Address) =>
      GenerateContent.make({ model: ChatModelContract.modelName, baseUrl: at.url, apiKey: at.apiKey }),
    spelling: gemini
  }
  for (const { name, run } of ChatModelContract.cases(subject)) {
    it.effect(name, () => Effect.provide(run, HttpClients.layerDirect))
  }
})

describe("GenerateContent", () => {
  it.effect("names itself, sends what it was given, and keeps the key out of the address", () =>
    Effect.gen(function* () {
      const { model, player } = yield* asking(
        { body: answer },
        { apiKey: Redacted.make(" key-1\n"), headers: { "x-title": "test" } }
      )
      const completion = yield* model.complete(request)
      assert.strictEqual(model.ref, "google/gemini-x")
      assert.strictEqual(model.wire, "google.generate-content")
      assert.strictEqual(completion.model, "gemini-x")
      const [asked] = player.asked
      assert.strictEqual(asked?.path, "/v1beta/models/gemini-x:generateContent")
      assert.strictEqual(asked?.headers["x-goog-api-key"], "key-1")
      assert.strictEqual(asked?.headers["x-title"], "test")
      assert.deepStrictEqual(JSON.parse(asked?.body ?? ""), { contents: [{ role: "user", parts: [{ text: "hi" }] }] })
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("streams from an address of its own", () =>
    Effect.gen(function* () {
      const { model, player } = yield* asking({ headers: events, body: sse([said("a", "STOP")]) })
      yield* Stream.runDrain(model.stream(request))
      assert.strictEqual(player.asked[0]?.path, "/v1beta/models/gemini-x:streamGenerateContent?alt=sse")
      assert.notProperty(player.asked[0]?.headers, "x-goog-api-key")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  const addresses: ReadonlyArray<readonly [string, string, string]> = [
    ["/", "gemini-x", "/v1beta/models/gemini-x:generateContent"],
    ["/v1", "gemini-x", "/v1/models/gemini-x:generateContent"],
    ["/proxy/v1beta/", "models/gemini-x", "/proxy/v1beta/models/gemini-x:generateContent"],
    ["", "tunedModels/mine", "/v1beta/tunedModels/mine:generateContent"],
    ["", "a b?c#d", "/v1beta/models/a%20b%3Fc%23d:generateContent"]
  ]
  for (const [suffix, model, path] of addresses) {
    it.effect(`asks ${path} for ${model} at "${suffix}"`, () =>
      Effect.gen(function* () {
        const player = yield* serve([{ body: answer }])
        const made = yield* GenerateContent.make({ model, baseUrl: `${player.url}${suffix}` })
        yield* made.complete(request)
        assert.strictEqual(player.asked[0]?.path, path)
      }).pipe(Effect.provide(HttpClients.layerDirect))
    )
  }

  it.effect("works over fetch too", () =>
    Effect.gen(function* () {
      const { model } = yield* asking({ body: answer })
      assert.strictEqual(Completion.text(yield* model.complete(request)), "yes")
    }).pipe(Effect.provide(HttpClients.layerFetch))
  )

  const violation = (quotaId: string) => ({
    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
    violations: [{ quotaId }]
  })
  const errors: ReadonlyArray<readonly [name: string, status: number, body: unknown, expected: object]> = [
    [
      "a bad key",
      400,
      {
        error: {
          code: 400,
          message: "synthetic words",
          status: "INVALID_ARGUMENT",
          details: [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID" }]
        }
      },
      { tag: "Authentication" }
    ],
    [
      "no key",
      403,
      { error: { code: 403, message: "Method doesn't allow unregistered callers", status: "PERMISSION_DENIED" } },
      { tag: "Authentication" }
    ],
    [
      "a quota of requests, with a wait",
      429,
      {
        error: {
          code: 429,
          message: "synthetic words",
          status: "RESOURCE_EXHAUSTED",
          details: [
            violation("GenerateRequestsPerMinutePerProjectPerModel"),
            { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34.4s" }
          ]
        }
      },
      { tag: "RateLimited", scope: "requests", millis: 34_400 }
    ],
    [
      "a quota of tokens",
      429,
      { error: { code: 429, message: "x", details: [violation("GenerateContentInputTokensPerModelPerMinute")] } },
      { tag: "RateLimited", scope: "tokens" }
    ],
    [
      "quotas of both",
      429,
      { error: { code: 429, message: "x", details: [violation("InputTokensPerMinute"), violation("RequestsPerDay")] } },
      { tag: "RateLimited", scope: "unknown" }
    ],
    [
      "a model without a quota",
      429,
      { error: { code: 429, message: "Quota exceeded for metric: synthetic, limit: 0", status: "RESOURCE_EXHAUSTED" } },
      { tag: "QuotaExhausted" }
    ],
    [
      "a prompt that is too long",
      400,
      { error: { code: 400, message: "The input token count (9) exceeds the maximum number of tokens allowed (8)." } },
      { tag: "ContextOverflow" }
    ],
    [
      "a prompt that is too long, as Vertex says it",
      400,
      { error: { code: 400, message: "the input token count is 9 but model only supports up to 8." } },
      { tag: "ContextOverflow" }
    ],
    [
      "an error in an array",
      503,
      [{ error: { code: 503, message: "x", status: "UNAVAILABLE" } }],
      { tag: "Overloaded" }
    ],
    [
      "an error in an array in a 200",
      200,
      [{ error: { code: 429, message: "x" } }],
      { tag: "RateLimited", scope: "unknown" }
    ],
    [
      "a status without a number in a 200",
      200,
      { error: { message: "x", status: "UNAVAILABLE" } },
      { tag: "Overloaded" }
    ],
    [
      "a prompt that is refused",
      200,
      { promptFeedback: { blockReason: "PROHIBITED_CONTENT", blockReasonMessage: "synthetic words" } },
      { tag: "ContentPolicy" }
    ],
    ["no candidate", 200, { candidates: [], usageMetadata: { promptTokenCount: 3 } }, { tag: "MalformedOutput" }],
    ["no candidates at all", 200, { modelVersion: "x" }, { tag: "MalformedOutput" }],
    ["another JSON", 200, ["no object"], { tag: "MalformedOutput" }]
  ]
  for (const [name, status, body, expected] of errors) {
    it.effect(`${name} is ${JSON.stringify(expected)}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(completed({ status, body: JSON.stringify(body) }))
        const { reason, retryAfter } = error
        assert.deepStrictEqual(
          {
            tag: reason._tag,
            ...("scope" in reason && { scope: reason.scope }),
            ...(retryAfter !== undefined && { millis: Duration.toMillis(retryAfter) })
          },
          expected
        )
      })
    )
  }

  it.effect("says why a prompt was refused", () =>
    Effect.gen(function* () {
      const body = JSON.stringify({ promptFeedback: { blockReason: "SAFETY", blockReasonMessage: "synthetic words" } })
      const error = yield* Effect.flip(completed({ body }))
      assert.include(error.message, "SAFETY: synthetic words")
      assert.isFalse(error.isRetryable)
    })
  )

  it.effect("ends a stream with an error, a refusal or rubbish in its middle", () =>
    Effect.gen(function* () {
      const ends: ReadonlyArray<readonly [object, string]> = [
        [{ error: { code: 503, message: "overloaded", status: "UNAVAILABLE" } }, "Overloaded"],
        [{ promptFeedback: { blockReason: "SAFETY" } }, "ContentPolicy"],
        [{ candidates: "none" }, "MalformedOutput"]
      ]
      for (const [last, reason] of ends) {
        const { error, parts } = yield* streamed({ headers: events, body: sse([said("a"), last]) })
        assert.strictEqual(error?.reason._tag, reason)
        assert.deepStrictEqual(parts, [{ _tag: "Text", delta: "a" }])
      }
      const { error } = yield* streamed({ headers: events, body: sse([{ usageMetadata: { promptTokenCount: 1 } }]) })
      assert.strictEqual(error?.reason._tag, "MalformedOutput")
    })
  )

  it.effect("reads a stream that comes as a JSON array, and an answer that is not streamed", () =>
    Effect.gen(function* () {
      for (const body of [JSON.stringify([said("a"), said("b", "STOP")]), JSON.stringify(said("ab", "STOP"))]) {
        const { error, parts } = yield* streamed({ body })
        assert.isUndefined(error)
        const last = parts.at(-1)
        assert.strictEqual(last?._tag === "Done" ? Completion.text(last.completion) : last, "ab")
      }
      assert.strictEqual(Completion.text(yield* completed({ body: JSON.stringify([said("a"), said("b")]) })), "ab")
    })
  )

  it.effect("takes a mark of the end for nothing", () =>
    Effect.gen(function* () {
      const { parts } = yield* streamed({ headers: events, body: `${sse([said("a", "STOP")])}data: [DONE]\n\n` })
      assert.strictEqual(parts.at(-1)?._tag, "Done")
    })
  )

  it.effect("reads key and base URL from the configuration; GOOGLE_API_KEY wins, and a missing key is named", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: answer }])
      const model = Layer.provide(GenerateContent.layerConfig({ model: "m" }), [
        HttpClients.layerDirect,
        env({ GEMINI_API_KEY: "second", GOOGLE_API_KEY: "first", GEMINI_BASE_URL: player.url })
      ])
      yield* ChatModel.use((it) => it.complete(request)).pipe(Effect.provide(model))
      assert.strictEqual(player.asked[0]?.headers["x-goog-api-key"], "first")
      const found = yield* Effect.provide(GenerateContent.config, env({ GEMINI_API_KEY: "only" }))
      assert.strictEqual(Redacted.value(found.apiKey), "only")
      assert.strictEqual(found.baseUrl, google.baseUrl)
      for (const values of [{}, { GEMINI_API_KEY: "" }]) {
        const missing = yield* Effect.flip(Effect.provide(GenerateContent.config, env(values)))
        assert.strictEqual(missing._tag, "ConfigError")
        assert.include(missing.message, "GEMINI_API_KEY")
      }
    })
  )
})
