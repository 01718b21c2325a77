import { ChatModel } from "@consortium/core/ChatModel"
import * as Completion from "@consortium/core/Completion"
import { message } from "@consortium/core/Prompt"
import { Overloaded } from "@consortium/core/ModelError"
import * as ChatModelContract from "@consortium/testing/ChatModelContract"
import { serve } from "@consortium/testing/Exchanges"
import * as HttpClients from "@consortium/wire/HttpClients"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as PlatformError from "effect/PlatformError"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import * as AccessToken from "../src/AccessToken.js"
import * as Vertex from "../src/Vertex.js"
import { sse, vertex } from "./spelling.js"

const request = { messages: [message("user", "hi")] } as const
const answer = JSON.stringify({ candidates: [{ content: { parts: [{ text: "yes" }] }, finishReason: "STOP" }] })
const token = AccessToken.fixed(Redacted.make("ya29.synthetic"))
const env = (values: Record<string, string>) => ConfigProvider.layer(ConfigProvider.fromEnv({ env: values }))
const noSuchFile = PlatformError.systemError({ _tag: "NotFound", module: "FileSystem", method: "readFileString" })
const files = (found: Record<string, string>) =>
  FileSystem.layerNoop({
    readFileString: (path) => {
      const text = found[path]
      return text === undefined ? Effect.fail(noSuchFile) : Effect.succeed(text)
    }
  })

/** The addresses that a model asks, whole and streamed. */
const addresses = (options: Vertex.Options) =>
  Effect.gen(function* () {
    const asked: Array<string> = []
    const client = HttpClient.make((sent, url) =>
      Effect.sync(() => {
        asked.push(url.href)
        const stream = url.href.includes("stream")
        const headers = { "content-type": stream ? "text/event-stream" : "application/json" }
        return HttpClientResponse.fromWeb(sent, new Response(stream ? sse([JSON.parse(answer)]) : answer, { headers }))
      })
    )
    const model = yield* Effect.provideService(Vertex.make(options), HttpClient.HttpClient, client)
    yield* model.complete(request)
    yield* Stream.runDrain(model.stream(request))
    return asked
  })

describe("Vertex keeps the contract of chat models", () => {
  const subject = {
    make: (at: ChatModelContract.Address) =>
      Vertex.make({
        model: ChatModelContract.modelName,
        project: "p",
        baseUrl: at.url,
        token: AccessToken.fixed(at.apiKey)
      }),
    spelling: vertex
  }
  for (const { name, run } of ChatModelContract.cases(subject)) {
    it.effect(name, () => Effect.provide(run, HttpClients.layerDirect))
  }
})

describe("Vertex", () => {
  const places: ReadonlyArray<readonly [string, Vertex.Options, string]> = [
    [
      "nowhere in particular",
      { model: "gemini-x", project: "p", token },
      "https://aiplatform.googleapis.com/v1beta1/projects/p/locations/global/publishers/google/models/gemini-x"
    ],
    [
      "a region",
      { model: "gemini-x", project: "d.test:p", location: "europe-west4", token },
      "https://europe-west4-aiplatform.googleapis.com/v1beta1/projects/d.test%3Ap/locations/europe-west4/publishers/google/models/gemini-x"
    ],
    [
      "several regions, another publisher",
      { model: "publishers/x/models/y", project: "p", location: "eu", token },
      "https://aiplatform.eu.rep.googleapis.com/v1beta1/projects/p/locations/eu/publishers/x/models/y"
    ],
    [
      "an endpoint",
      { model: "endpoints/12", project: "p", location: "us-central1", token, baseUrl: "https://proxy.test/v1/" },
      "https://proxy.test/v1/projects/p/locations/us-central1/endpoints/12"
    ],
    [
      "a whole name",
      { model: "projects/q/locations/l/endpoints/12", project: "p", token },
      "https://aiplatform.googleapis.com/v1beta1/projects/q/locations/l/endpoints/12"
    ],
    [
      "express mode",
      { model: "gemini-x", apiKey: Redacted.make("k") },
      "https://aiplatform.googleapis.com/v1beta1/publishers/google/models/gemini-x"
    ]
  ]
  for (const [name, options, url] of places) {
    it.effect(`has its address: ${name}`, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* addresses(options), [
          `${url}:generateContent`,
          `${url}:streamGenerateContent?alt=sse`
        ])
      })
    )
  }

  it.effect("sends the key of express mode as the Gemini API takes it", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: answer }])
      const model = yield* Vertex.make({ model: "m", apiKey: Redacted.make("k"), baseUrl: player.url })
      assert.strictEqual(Completion.text(yield* model.complete(request)), "yes")
      assert.strictEqual(model.ref, "vertex/m")
      assert.strictEqual(model.wire, "google.generate-content")
      assert.strictEqual(player.asked[0]?.headers["x-goog-api-key"], "k")
      assert.notProperty(player.asked[0]?.headers, "authorization")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("keeps a token for both verbs, and takes a fresh one when it has expired", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: answer }, { body: answer }, { body: answer }])
      let count = 0
      const source = Effect.sync(() => ({ value: Redacted.make(`t${++count}\n`), lifetimeMillis: 3_600_000 }))
      const model = yield* Vertex.make({ model: "m", project: "p", baseUrl: player.url, token: source })
      yield* model.complete(request)
      yield* Stream.runDrain(model.stream(request))
      yield* TestClock.adjust("1 hour")
      yield* model.complete(request)
      assert.deepStrictEqual(
        player.asked.map(({ headers }) => headers.authorization),
        ["Bearer t1", "Bearer t1", "Bearer t2"]
      )
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("fails as its token source fails, and calls nobody", () =>
    Effect.gen(function* () {
      const player = yield* serve([])
      const source = Effect.fail(new AccessToken.TokenError({ reason: new Overloaded({}), detail: "busy" }))
      const model = yield* Vertex.make({ model: "m", project: "p", baseUrl: player.url, token: source })
      const errors = [
        yield* Effect.flip(model.complete(request)),
        yield* Effect.flip(Stream.runDrain(model.stream(request)))
      ]
      for (const error of errors) {
        assert.isTrue(error.isRetryable)
        assert.include(error.message, "vertex/m: Overloaded: no access token: busy")
      }
      assert.strictEqual(player.asked.length, 0)
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("does not show a token that the vendor repeats, also when it was renewed since", () =>
    Effect.gen(function* () {
      const tokens = ["ya29.first-synthetic-token", "ya29.second-synthetic-token"]
      const body = JSON.stringify({
        error: { code: 401, message: `bad: ${tokens.join(" ")}`, status: "UNAUTHENTICATED" }
      })
      const player = yield* serve([
        { status: 401, body },
        { status: 401, body }
      ])
      let count = 0
      const source = Effect.sync(() => ({ value: Redacted.make(tokens[count++ % 2] ?? "") }))
      const model = yield* Vertex.make({ model: "m", project: "p", baseUrl: player.url, token: source })
      yield* Effect.flip(model.complete(request))
      const error = yield* Effect.flip(model.complete(request))
      assert.strictEqual(error.reason._tag, "Authentication")
      for (const token of tokens) assert.notInclude(error.message, token)
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("reads project, place and credentials from the configuration", () =>
    Effect.gen(function* () {
      const grant = JSON.stringify({ access_token: "t1", expires_in: 3600 })
      const player = yield* serve([{ body: grant }, { body: answer }])
      const credentials = JSON.stringify({
        type: "authorized_user",
        client_id: "i",
        client_secret: "s",
        refresh_token: "r",
        token_uri: `${player.url}/token`
      })
      const model = Layer.provide(Vertex.layerConfig({ model: "m" }), [
        HttpClients.layerDirect,
        files({ "/keys/a.json": credentials }),
        env({
          GOOGLE_CLOUD_PROJECT: "p",
          GOOGLE_CLOUD_LOCATION: "us",
          GOOGLE_APPLICATION_CREDENTIALS: "/keys/a.json",
          GOOGLE_VERTEX_BASE_URL: player.url,
          GOOGLE_API_KEY: "not asked for"
        })
      ])
      yield* ChatModel.use((it) => it.complete(request)).pipe(Effect.provide(model))
      assert.deepStrictEqual(
        player.asked.map(({ path }) => path),
        ["/token", "/v1beta1/projects/p/locations/us/publishers/google/models/m:generateContent"]
      )
      assert.strictEqual(player.asked[1]?.headers.authorization, "Bearer t1")
      assert.notProperty(player.asked[1]?.headers, "x-goog-api-key")
    })
  )

  it.effect("reads a key where there is no project", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: answer }])
      const model = Layer.provide(Vertex.layerConfig({ model: "m" }), [
        HttpClients.layerDirect,
        files({}),
        env({ GOOGLE_API_KEY: "k", GOOGLE_VERTEX_BASE_URL: player.url })
      ])
      yield* ChatModel.use((it) => it.complete(request)).pipe(Effect.provide(model))
      assert.strictEqual(player.asked[0]?.path, "/v1beta1/publishers/google/models/m:generateContent")
      assert.strictEqual(player.asked[0]?.headers["x-goog-api-key"], "k")
    })
  )

  const lacks: ReadonlyArray<readonly [Record<string, string>, string, string]> = [
    [{}, "ConfigError", "GOOGLE_CLOUD_PROJECT"],
    [{ GOOGLE_CLOUD_PROJECT: "p" }, "TokenError", "GOOGLE_APPLICATION_CREDENTIALS"],
    [{ GOOGLE_CLOUD_PROJECT: "p", GOOGLE_APPLICATION_CREDENTIALS: "/gone.json" }, "TokenError", "/gone.json"]
  ]
  for (const [values, tag, words] of lacks) {
    it.effect(`says what ${JSON.stringify(values)} lacks`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(Vertex.makeConfig({ model: "m" }))
        assert.strictEqual(error._tag, tag)
        assert.include(error.message, words)
      }).pipe(Effect.provide([HttpClients.layerDirect, files({}), env(values)]))
    )
  }
})
