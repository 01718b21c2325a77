import * as Access from "@consortium/aws/Access"
import type { ChatRequest } from "@consortium/core/ChatModel"
import * as Completion from "@consortium/core/Completion"
import { message } from "@consortium/core/Prompt"
import * as ChatModelContract from "@consortium/testing/ChatModelContract"
import { type Exchange, serve } from "@consortium/testing/Exchanges"
import * as Fuzz from "@consortium/testing/Fuzz"
import * as HttpClients from "@consortium/wire/HttpClients"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Bedrock from "../src/Bedrock.js"
import { pack, thrown } from "./chunks.js"
import { messages, sse } from "./spelling.js"

const subject: ChatModelContract.Subject<HttpClients.HttpClient> = {
  make: (at) =>
    Bedrock.make({
      model: ChatModelContract.modelName,
      region: "us-east-1",
      access: Access.token(at.apiKey),
      baseUrl: at.url
    }),
  spelling: {
    ...messages,
    streamType: "application/vnd.amazon.eventstream",
    pack,
    read: (asked) => ({
      ...messages.read(asked),
      model: /^\/model\/([^/]+)\/invoke(-with-response-stream)?$/.exec(asked.path)?.[1],
      key: asked.headers.authorization?.replace(/^Bearer /, "")
    })
  }
}

describe("Claude on Bedrock keeps the contract of chat models", () => {
  for (const { name, run } of [...ChatModelContract.cases(subject), ...Fuzz.cases(subject)]) {
    it.effect(name, () => Effect.provide(run, HttpClients.layerDirect))
  }
})

const request = { messages: [message("user", "hi")] } as const
const headers = { "content-type": "application/vnd.amazon.eventstream" }
const yes = JSON.stringify({
  id: "msg_1",
  type: "message",
  model: "claude-x",
  content: [{ type: "text", text: "yes" }],
  stop_reason: "end_turn"
})
const asking = (exchanges: ReadonlyArray<Exchange>, options: Partial<Bedrock.Options> = {}) =>
  Effect.gen(function* () {
    const player = yield* serve(exchanges)
    const model = yield* Bedrock.make({
      model: "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
      region: "us-east-1",
      access: Access.token(Redacted.make("key-1")),
      baseUrl: player.url,
      ...options
    })
    return { player, model }
  })

describe("Claude on Bedrock", () => {
  it.effect("has the model in the path, the version and betas in the body, and no stream there", () =>
    Effect.gen(function* () {
      const events = sse([
        { type: "message_start", message: { model: "claude-x", content: [] } },
        { type: "message_stop" }
      ])
      const { model, player } = yield* asking([{ body: yes }, { headers, body: pack(events) }], { betas: ["a"] })
      yield* model.complete(request)
      yield* Stream.runDrain(model.stream(request))
      const [whole, stream] = player.asked
      const id = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
      assert.strictEqual(model.ref, `bedrock.messages/${id}`)
      assert.strictEqual(whole?.path, `/model/${encodeURIComponent(id)}/invoke`)
      assert.strictEqual(stream?.path, `/model/${encodeURIComponent(id)}/invoke-with-response-stream`)
      for (const name of ["anthropic-version", "anthropic-beta", "x-api-key"]) assert.notProperty(stream?.headers, name)
      assert.strictEqual(stream?.headers.accept, "application/json")
      for (const asked of [whole, stream])
        assert.deepStrictEqual(JSON.parse(asked?.body ?? ""), {
          anthropic_version: "bedrock-2023-05-31",
          anthropic_beta: ["a"],
          messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }],
          max_tokens: 16_384
        })
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("says the newer version by its own name, and signs with access keys", () =>
    Effect.gen(function* () {
      const { model, player } = yield* asking([{ body: yes }], {
        version: "2026-10-21",
        access: Access.keys({ accessKeyId: "AKIASYNTHETIC", secretAccessKey: Redacted.make("s") })
      })
      yield* model.complete(request)
      assert.strictEqual(JSON.parse(player.asked[0]?.body ?? "").anthropic_version, "2026-10-21")
      assert.match(player.asked[0]?.headers.authorization ?? "", /^AWS4-HMAC-SHA256 .*\/us-east-1\/bedrock\//)
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("leaves the format to a model that can't be made to call a tool", () =>
    Effect.gen(function* () {
      const { model, player } = yield* asking([{ body: yes }], { model: "anthropic.claude-sonnet-5-5" })
      yield* model.complete({ ...request, responseSchema: { name: "colour", schema: { type: "object" } } })
      const sent = JSON.parse(player.asked[0]?.body ?? "")
      assert.strictEqual(sent.output_config.format.type, "json_schema")
      assert.notProperty(sent, "tools")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("asks for a schema by a tool, and refuses a picture by its address", () =>
    Effect.gen(function* () {
      const { model, player } = yield* asking([{ body: yes }])
      yield* model.complete({ ...request, responseSchema: { name: "colour", schema: { type: "object" } } })
      const sent = JSON.parse(player.asked[0]?.body ?? "")
      assert.deepStrictEqual(sent.tool_choice, { type: "tool", name: "colour" })
      assert.notProperty(sent, "output_config")
      const source = { _tag: "Url", url: "https://x.test/a.png" } as const
      const pictured: ChatRequest = { messages: [{ role: "user", parts: [{ _tag: "Image", source }] }] }
      const error = yield* Effect.flip(model.complete(pictured))
      assert.strictEqual(error.reason._tag, "InvalidRequest")
      assert.strictEqual(player.asked.length, 1)
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("tells AWS's exceptions, in answers and in streams", () =>
    Effect.gen(function* () {
      const { model } = yield* asking([
        {
          status: 400,
          headers: { "x-amzn-errortype": "ValidationException:http://x", "x-amzn-requestid": "req-1" },
          body: JSON.stringify({ message: "The provided model identifier is invalid." })
        },
        { headers, body: thrown("throttlingException", "Too many tokens") }
      ])
      const refused = yield* Effect.flip(model.complete(request))
      assert.deepStrictEqual([refused.reason._tag, refused.requestId], ["NotFound", "req-1"])
      const broken = yield* Effect.flip(Stream.runDrain(model.stream(request)))
      assert.strictEqual(broken.reason._tag === "RateLimited" ? broken.reason.scope : broken.reason._tag, "tokens")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("finds region, keys and address by the variables", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: yes }])
      const env = { AWS_REGION: "r", AWS_BEARER_TOKEN_BEDROCK: "k", AWS_ENDPOINT_URL_BEDROCK_RUNTIME: player.url }
      const model = yield* Effect.provide(
        Bedrock.makeConfig({ model: "m" }),
        ConfigProvider.layer(ConfigProvider.fromEnv({ env }))
      )
      assert.strictEqual(Completion.text(yield* model.complete(request)), "yes")
      assert.strictEqual(player.asked[0]?.headers.authorization, "Bearer k")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )
})
