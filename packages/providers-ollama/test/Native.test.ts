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
import * as Native from "../src/Native.js"
import { lines, spelling } from "./spelling.js"

const request = { messages: [message("user", "hi")] } as const

const asking = (exchange: Exchange, options: Partial<Native.Options> = {}) =>
  Effect.gen(function* () {
    const player = yield* serve([exchange])
    const model = yield* Native.make({ model: "llama3:8b", baseUrl: player.url, ...options })
    return { player, model }
  })

const completed = (exchange: Exchange) =>
  Effect.flatMap(asking(exchange), ({ model }) => model.complete(request)).pipe(Effect.provide(HttpClients.layerDirect))

/** What came before the end, and how it ended. */
const streamed = (exchange: Exchange) =>
  Effect.gen(function* () {
    const { model } = yield* asking(exchange)
    const parts: Array<StreamPart> = []
    const end = yield* Effect.result(
      Stream.runForEach(model.stream(request), (part) => Effect.sync(() => parts.push(part)))
    )
    return { parts, error: end._tag === "Failure" ? end.failure : undefined }
  }).pipe(Effect.provide(HttpClients.layerDirect))

const env = (values: Record<string, string>) => ConfigProvider.layer(ConfigProvider.fromEnv({ env: values }))
const answer = JSON.stringify({ model: "llama3:8b", message: { content: "yes" }, done: true, done_reason: "stop" })

describe("Native keeps the contract of chat models", () => {
  const subject = {
    make: (at: ChatModelContract.Address) =>
      Native.make({ model: ChatModelContract.modelName, baseUrl: at.url, apiKey: at.apiKey }),
    spelling
  }
  for (const { name, run } of ChatModelContract.cases(subject)) {
    it.effect(name, () => Effect.provide(run, HttpClients.layerDirect))
  }
})

describe("Native", () => {
  for (const end of ["", "/", "/v1", "/v1/", "/api"])
    it.effect(`finds its address where the base URL ends in "${end}"`, () =>
      Effect.gen(function* () {
        const player = yield* serve([{ body: answer }])
        const model = yield* Native.make({ model: "llama3:8b", baseUrl: player.url + end, headers: { "x-a": "b" } })
        const completion = yield* model.complete(request)
        assert.strictEqual(model.ref, "ollama.native/llama3:8b")
        assert.strictEqual(model.wire, "ollama.native")
        assert.strictEqual(Completion.text(completion), "yes")
        const [asked] = player.asked
        assert.strictEqual(asked?.path, "/api/chat")
        assert.strictEqual(asked?.headers["x-a"], "b")
        assert.strictEqual(asked?.headers.authorization, undefined)
        assert.deepStrictEqual(JSON.parse(asked?.body ?? ""), {
          model: "llama3:8b",
          messages: [{ role: "user", content: "hi" }],
          stream: false
        })
      }).pipe(Effect.provide(HttpClients.layerDirect))
    )

  it.effect("takes key and address from the variables, and needs neither", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: answer }])
      const found = { OLLAMA_API_KEY: "key-1", OLLAMA_BASE_URL: player.url }
      const layer = Layer.provide(Native.layerConfig({ model: "m" }), [env(found), HttpClients.layerDirect])
      yield* Effect.provide(
        Effect.flatMap(ChatModel, (model) => model.complete(request)),
        layer
      )
      assert.strictEqual(player.asked[0]?.headers.authorization, "Bearer key-1")
      const bare = yield* Effect.provide(Native.config, env({}))
      assert.deepStrictEqual(bare, { baseUrl: "http://127.0.0.1:11434" })
    })
  )

  it.effect("is one model of a program by its layer", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: answer }])
      const options = { model: "m", baseUrl: player.url, apiKey: Redacted.make(" key-2\n") }
      yield* Effect.provide(
        Effect.flatMap(ChatModel, (model) => model.complete(request)),
        Layer.provide(Native.layer(options), HttpClients.layerDirect)
      )
      assert.strictEqual(player.asked[0]?.headers.authorization, "Bearer key-2")
    })
  )

  it.effect("refuses a picture by its address before anything is sent", () =>
    Effect.gen(function* () {
      const { model, player } = yield* asking({ body: answer })
      const picture = { _tag: "Image", source: { _tag: "Url", url: "https://a.test/b.png" } } as const
      const error = yield* Effect.flip(model.complete({ messages: [{ role: "user", parts: [picture] }] }))
      assert.strictEqual(error.reason._tag, "InvalidRequest")
      assert.include(error.message, "base64")
      const late = yield* Effect.flip(Stream.runDrain(model.stream({ messages: [{ role: "user", parts: [picture] }] })))
      assert.strictEqual(late.reason._tag, "InvalidRequest")
      assert.strictEqual(player.asked.length, 0)
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("reads a stream that says it were JSON, as the cloud does", () =>
    Effect.gen(function* () {
      const { error, parts } = yield* streamed({
        headers: { "content-type": "application/json" },
        body: lines([
          { message: { content: "a" }, done: false },
          { message: { content: "b" }, done: true }
        ])
      })
      assert.strictEqual(error, undefined)
      const done = parts.at(-1)
      assert.deepStrictEqual(parts.slice(0, 2), [
        { _tag: "Text", delta: "a" },
        { _tag: "Text", delta: "b" }
      ])
      assert.deepStrictEqual(done?._tag === "Done" ? done.completion.finish : undefined, { kind: "unknown", raw: null })
    })
  )

  it.effect("tells a missing model, a busy server and a model without a skill apart", () =>
    Effect.gen(function* () {
      const said = (status: number, error: string) =>
        Effect.map(Effect.flip(completed({ status, body: JSON.stringify({ error }) })), (it) => it.reason._tag)
      assert.strictEqual(yield* said(404, "model 'x' not found"), "NotFound")
      assert.strictEqual(yield* said(400, "the model x does not support tools"), "InvalidRequest")
      assert.strictEqual(yield* said(503, "server busy, please try again"), "Overloaded")
      assert.strictEqual(yield* said(400, "the input length exceeds the context length"), "ContextOverflow")
      assert.strictEqual(yield* said(401, "unauthorized"), "Authentication")
    })
  )

  it.effect("says what is missing in an answer that is none", () =>
    Effect.gen(function* () {
      const none = yield* Effect.flip(completed({ body: '{"response":"of another address"}' }))
      assert.strictEqual(none.reason._tag, "MalformedOutput")
      const empty = yield* streamed({ headers: { "content-type": "application/x-ndjson" }, body: "\n\n" })
      assert.strictEqual(empty.error?.reason._tag, "MalformedOutput")
    })
  )
})
