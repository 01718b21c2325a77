import { Network } from "@consortium/core/ModelError"
import * as Completion from "@consortium/core/Completion"
import { message } from "@consortium/core/Prompt"
import * as AccessToken from "@consortium/providers-google/AccessToken"
import * as ChatModelContract from "@consortium/testing/ChatModelContract"
import { serve } from "@consortium/testing/Exchanges"
import * as Fuzz from "@consortium/testing/Fuzz"
import * as HttpClients from "@consortium/wire/HttpClients"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Redacted from "effect/Redacted"
import * as Vertex from "../src/Vertex.js"
import { messages } from "./spelling.js"

const path =
  /^\/v1\/projects\/p1\/locations\/global\/publishers\/anthropic\/models\/([^/]+):(rawPredict|streamRawPredict)$/
const subject: ChatModelContract.Subject<HttpClients.HttpClient> = {
  make: (at) =>
    Vertex.make({
      model: ChatModelContract.modelName,
      project: "p1",
      token: AccessToken.fixed(at.apiKey),
      baseUrl: at.url
    }),
  spelling: {
    ...messages,
    read: (asked) => ({
      ...messages.read(asked),
      model: path.exec(asked.path)?.[1],
      key: asked.headers.authorization?.replace(/^Bearer /, "")
    })
  }
}

describe("Claude on Vertex AI keeps the contract of chat models", () => {
  for (const { name, run } of [...ChatModelContract.cases(subject), ...Fuzz.cases(subject)]) {
    it.effect(name, () => Effect.provide(run, HttpClients.layerDirect))
  }
})

const request = { messages: [message("user", "hi")] } as const
const yes = JSON.stringify({ type: "message", content: [{ type: "text", text: "yes" }], stop_reason: "end_turn" })

describe("Claude on Vertex AI", () => {
  it.effect("has project, place and model in the path, and the version in the body", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: yes }])
      const model = yield* Vertex.make({
        model: "claude-sonnet-4-5@20250929",
        project: "p1",
        location: "europe-west1",
        token: AccessToken.fixed(Redacted.make("token-1")),
        baseUrl: `${player.url}/v1/`,
        betas: ["a"]
      })
      yield* model.complete(request)
      const [asked] = player.asked
      assert.strictEqual(model.ref, "vertex.messages/claude-sonnet-4-5@20250929")
      assert.strictEqual(
        asked?.path,
        "/v1/projects/p1/locations/europe-west1/publishers/anthropic/models/claude-sonnet-4-5%4020250929:rawPredict"
      )
      assert.strictEqual(asked?.headers.authorization, "Bearer token-1")
      assert.strictEqual(asked?.headers["anthropic-beta"], "a")
      assert.notProperty(asked?.headers, "anthropic-version")
      assert.deepStrictEqual(JSON.parse(asked?.body ?? ""), {
        anthropic_version: "vertex-2023-10-16",
        messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }],
        max_tokens: 16_384
      })
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("fails as its source of tokens fails, and reads Google's errors", () =>
    Effect.gen(function* () {
      const gone = new AccessToken.TokenError({ reason: new Network({}), detail: "no server" })
      const model = yield* Vertex.make({ model: "claude-x", project: "p1", token: Effect.fail(gone) })
      const error = yield* Effect.flip(model.complete(request))
      assert.deepStrictEqual([error.reason._tag, error.detail], ["Network", "no access token: no server"])
      const body = JSON.stringify({ error: { code: 429, message: "quota", status: "RESOURCE_EXHAUSTED" } })
      const player = yield* serve([{ status: 429, body }])
      const limited = yield* Vertex.make({
        model: "claude-x",
        project: "p1",
        token: AccessToken.fixed(Redacted.make("t")),
        baseUrl: player.url
      })
      assert.strictEqual((yield* Effect.flip(limited.complete(request))).reason._tag, "RateLimited")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("finds project, credentials and address by the variables", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: JSON.stringify({ access_token: "t1", expires_in: 3600 }) }, { body: yes }])
      const user = {
        type: "authorized_user",
        client_id: "i",
        client_secret: "s",
        refresh_token: "r",
        token_uri: `${player.url}/token`
      }
      const files = FileSystem.layerNoop({
        readFileString: (file) => Effect.succeed(file === "/key.json" ? JSON.stringify(user) : "")
      })
      const env = {
        GOOGLE_CLOUD_PROJECT: "p1",
        GOOGLE_APPLICATION_CREDENTIALS: "/key.json",
        ANTHROPIC_VERTEX_BASE_URL: player.url
      }
      const made = (from: Record<string, string>) =>
        Vertex.makeConfig({ model: "claude-x" }).pipe(
          Effect.provide(files),
          Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env: from })))
        )
      const model = yield* made(env)
      assert.strictEqual(Completion.text(yield* model.complete(request)), "yes")
      assert.strictEqual(player.asked[1]?.headers.authorization, "Bearer t1")
      assert.include(String(yield* Effect.flip(made({}))), "GOOGLE_CLOUD_PROJECT")
      assert.include(String(yield* Effect.flip(made({ GOOGLE_CLOUD_PROJECT: "p" }))), "GOOGLE_APPLICATION_CREDENTIALS")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )
})
