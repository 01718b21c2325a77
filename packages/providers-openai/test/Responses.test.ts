import { ChatModel } from "@consortium/core/ChatModel"
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
import * as Responses from "../src/Responses.js"
import { openai } from "../src/Vendor.js"
import { type Event, message as said, messageEvents, response, spelling, sse } from "./responsesSpelling.js"

const request = { messages: [message("user", "hi")] } as const
const answer = JSON.stringify(response({ output: [said("yes")] }))
const events = { "content-type": "text/event-stream" }

const asking = (exchange: Exchange, options: Partial<Responses.Options> = {}) =>
  Effect.gen(function* () {
    const player = yield* serve([exchange])
    const model = yield* Responses.make({ model: "gpt-5", baseUrl: player.url, ...options })
    return { player, model }
  })

const completed = (exchange: Exchange, options: Partial<Responses.Options> = {}) =>
  Effect.flatMap(asking(exchange, options), ({ model }) => model.complete(request)).pipe(
    Effect.provide(HttpClients.layerDirect)
  )

const streamed = (all: ReadonlyArray<Event>) =>
  Effect.flatMap(asking({ headers: events, body: sse(all) }), ({ model }) =>
    Stream.runCollect(model.stream(request))
  ).pipe(Effect.provide(HttpClients.layerDirect))

const env = (values: Record<string, string>) => ConfigProvider.layer(ConfigProvider.fromEnv({ env: values }))

describe("Responses keeps the contract of chat models", () => {
  const subject: ChatModelContract.Subject<HttpClients.HttpClient> = {
    make: (at) => Responses.make({ model: ChatModelContract.modelName, baseUrl: at.url, apiKey: at.apiKey }),
    spelling
  }
  for (const { name, run } of ChatModelContract.cases(subject)) {
    it.effect(name, () => Effect.provide(run, HttpClients.layerDirect))
  }
})

describe("Responses", () => {
  it.effect("names itself, keeps ids and limits, and sends what it was given", () =>
    Effect.gen(function* () {
      const headers = {
        "content-type": "application/json",
        "x-request-id": "req-1",
        "x-ratelimit-remaining-requests": "12",
        "x-ratelimit-reset-requests": "6m0s"
      }
      const options = { headers: { "x-title": "test" }, organization: "org-1", project: "proj-1" }
      const { model, player } = yield* asking({ headers, body: answer }, options)
      const completion = yield* model.complete(request)
      assert.strictEqual(model.ref, "openai/gpt-5")
      assert.strictEqual(model.wire, "openai.responses")
      assert.strictEqual(completion.id, "resp_synthetic")
      assert.strictEqual(completion.requestId, "req-1")
      assert.deepStrictEqual(completion.limits, { requestsRemaining: 12, requestsResetMillis: 360_000 })
      const asked = player.asked[0]
      assert.strictEqual(asked?.path, "/responses")
      assert.strictEqual(asked?.headers["x-title"], "test")
      assert.strictEqual(asked?.headers["openai-organization"], "org-1")
      assert.strictEqual(asked?.headers["openai-project"], "proj-1")
      assert.notProperty(asked?.headers, "authorization")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("works over fetch, at another address and with a token that is asked for", () =>
    Effect.gen(function* () {
      const { model, player } = yield* asking(
        { body: answer },
        {
          vendor: { ...openai, id: "elsewhere" },
          credentials: Effect.succeed({ authorization: Redacted.make("Bearer synthetic-token") })
        }
      )
      assert.strictEqual(Completion.text(yield* model.complete(request)), "yes")
      assert.strictEqual(model.ref, "elsewhere/gpt-5")
      assert.strictEqual(player.asked[0]?.headers.authorization, "Bearer synthetic-token")
    }).pipe(Effect.provide(HttpClients.layerFetch))
  )

  const failed = (error: object | null) => response({ status: "failed", error })
  const failures: ReadonlyArray<readonly [object | null, string]> = [
    [{ code: "server_error", message: "The server had an error" }, "ServerError"],
    [{ code: "insufficient_quota", message: "You exceeded your current quota" }, "QuotaExhausted"],
    [{ code: "rate_limit_exceeded", message: "Rate limit reached" }, "RateLimited"],
    [{ code: "invalid_prompt", message: "Your prompt is no good" }, "InvalidRequest"],
    [{ code: "invalid_prompt", message: "Your prompt was flagged as a risk" }, "ContentPolicy"],
    [{ code: "failed_to_download_image", message: "no picture there" }, "InvalidRequest"],
    [{ code: "image_content_policy_violation", message: "no such pictures" }, "ContentPolicy"],
    [{ code: "bio_policy", message: "no" }, "ContentPolicy"],
    [null, "ServerError"]
  ]
  for (const [error, reason] of failures) {
    it.effect(`a response that failed with ${JSON.stringify(error)} is ${reason}, whole and streamed`, () =>
      Effect.gen(function* () {
        const whole = yield* Effect.flip(completed({ body: JSON.stringify(failed(error)) }))
        assert.strictEqual(whole.reason._tag, reason)
        const stream = yield* Effect.flip(streamed([{ type: "response.failed", response: failed(error) }]))
        assert.strictEqual(stream.reason._tag, reason)
        assert.strictEqual(stream.detail, whole.detail)
      })
    )
  }

  it.effect("reads an error event of either shape, and the wait in its words", () =>
    Effect.gen(function* () {
      const words = { code: "rate_limit_exceeded", message: "Rate limit reached. Please try again in 1m2.5s." }
      for (const event of [
        { type: "error", ...words, param: null },
        { type: "error", error: { type: "tokens", ...words } }
      ]) {
        const unnamed = `data: ${JSON.stringify(event)}\n\n`
        for (const body of [sse([event]), unnamed]) {
          const { model } = yield* asking({ headers: events, body })
          const error = yield* Effect.flip(Stream.runDrain(model.stream(request)))
          assert.strictEqual(error.reason._tag, "RateLimited")
          assert.strictEqual(Duration.toMillis(error.retryAfter ?? Duration.zero), 62_500)
        }
      }
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  const refusals: ReadonlyArray<readonly [number, object, string]> = [
    [400, { code: "model_not_found", message: "The requested model 'x' does not exist." }, "NotFound"],
    [400, { code: null, message: "Unsupported parameter: 'x' is not supported with this model." }, "InvalidRequest"],
    [400, { code: "context_length_exceeded", message: "too long" }, "ContextOverflow"],
    [401, { code: "invalid_api_key", message: "Incorrect API key provided" }, "Authentication"],
    [429, { code: "insufficient_quota", message: "You exceeded your current quota" }, "QuotaExhausted"],
    [429, { code: "rate_limit_exceeded", type: "tokens", message: "tokens per min (TPM)" }, "RateLimited"]
  ]
  for (const [status, error, reason] of refusals) {
    it.effect(`status ${status} with ${JSON.stringify(error)} is ${reason}`, () =>
      Effect.gen(function* () {
        const failure = yield* Effect.flip(completed({ status, body: JSON.stringify({ error }) }))
        assert.strictEqual(failure.reason._tag, reason)
      })
    )
  }

  it.effect("calls an answer without output malformed", () =>
    Effect.gen(function* () {
      for (const body of ['{"id":"resp_1"}', '{"type":"response.created","response":{}}', "[1]", '{"output":"x"}']) {
        assert.strictEqual((yield* Effect.flip(completed({ body }))).reason._tag, "MalformedOutput")
      }
    })
  )

  it.effect("takes neither a mark nor the end of the body for the end of a response", () =>
    Effect.gen(function* () {
      const body = `${sse(messageEvents(0, "half"))}data: [DONE]\n\n`
      const { model } = yield* asking({ headers: events, body })
      assert.strictEqual((yield* Effect.flip(Stream.runDrain(model.stream(request)))).reason._tag, "Network")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("streams the answer of a server that does not stream", () =>
    Effect.gen(function* () {
      const { model } = yield* asking({ body: answer })
      const parts = yield* Stream.runCollect(model.stream(request))
      assert.deepStrictEqual(
        parts.map((part) => (part._tag === "Text" ? part.delta : part._tag)),
        ["yes", "Done"]
      )
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("reads key and base URL from the configuration, and names the variable of a missing key", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: answer }])
      const model = Layer.provide(Responses.layerConfig({ model: "gpt-5" }), [
        HttpClients.layer,
        env({ OPENAI_API_KEY: " sk-synthetic\n", OPENAI_BASE_URL: `${player.url}/v1/` })
      ])
      yield* ChatModel.use((it) => it.complete(request)).pipe(Effect.provide(model))
      assert.strictEqual(player.asked[0]?.path, "/v1/responses")
      assert.strictEqual(player.asked[0]?.headers.authorization, "Bearer sk-synthetic")
      const missing = yield* Effect.flip(Effect.provide(Responses.config(), env({})))
      assert.strictEqual(missing._tag, "ConfigError")
      assert.include(missing.message, "OPENAI_API_KEY")
    })
  )
})
