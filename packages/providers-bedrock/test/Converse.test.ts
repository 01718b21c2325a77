import * as Access from "@consortium/aws/Access"
import type { ChatRequest } from "@consortium/core/ChatModel"
import * as Completion from "@consortium/core/Completion"
import { message } from "@consortium/core/Prompt"
import * as ChatModelContract from "@consortium/testing/ChatModelContract"
import { type Exchange, serve } from "@consortium/testing/Exchanges"
import * as HttpClients from "@consortium/wire/HttpClients"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Converse from "../src/Converse.js"
import { body, converse, line, pack } from "./spelling.js"

describe("Converse keeps the contract of chat models", () => {
  const subject = {
    make: (at: ChatModelContract.Address) =>
      Converse.make({
        model: ChatModelContract.modelName,
        region: "us-east-1",
        access: Access.token(at.apiKey),
        baseUrl: at.url
      }),
    spelling: converse
  }
  for (const { name, run } of ChatModelContract.cases(subject)) {
    it.effect(name, () => Effect.provide(run, HttpClients.layerDirect))
  }
})

const request = { messages: [message("user", "hi")] } as const
const asking = (exchange: Exchange, options: Partial<Converse.Options> = {}) =>
  Effect.gen(function* () {
    const player = yield* serve([exchange])
    const model = yield* Converse.make({
      model: "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
      region: "us-east-1",
      access: Access.token(Redacted.make("key-1")),
      baseUrl: player.url,
      ...options
    })
    return { player, model }
  })
const completed = (exchange: Exchange, asked: ChatRequest = request, options?: Partial<Converse.Options>) =>
  Effect.flatMap(asking(exchange, options), ({ model }) => model.complete(asked)).pipe(
    Effect.provide(HttpClients.layerDirect)
  )
const streamed = (lines: ReadonlyArray<string>, asked: ChatRequest = request, options?: Partial<Converse.Options>) => {
  const headers = { "content-type": "application/vnd.amazon.eventstream" }
  return Effect.flatMap(asking({ headers, body: pack(lines.join("")) }, options), ({ model }) =>
    Stream.runCollect(model.stream(asked))
  ).pipe(Effect.provide(HttpClients.layerDirect))
}
const delta = (contentBlockIndex: number, one: object) => line("contentBlockDelta", { contentBlockIndex, delta: one })
const stop = (contentBlockIndex: number) => line("contentBlockStop", { contentBlockIndex })

describe("Converse", () => {
  it.effect("names itself, and puts ids and ARNs into one step of the path", () =>
    Effect.gen(function* () {
      const arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc"
      const { model, player } = yield* asking({ body: body([{ text: "yes" }]) }, { model: arn })
      yield* model.complete(request)
      assert.deepStrictEqual([model.ref, model.wire], [`bedrock/${arn}`, "bedrock.converse"])
      assert.strictEqual(player.asked[0]?.path, `/model/${encodeURIComponent(arn)}/converse`)
      assert.strictEqual(player.asked[0]?.headers.authorization, "Bearer key-1")
      assert.strictEqual(player.asked[0]?.headers.accept, "application/json")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("signs what it sends, with access keys", () =>
    Effect.gen(function* () {
      const access = Access.keys({ accessKeyId: "AKIASYNTHETIC", secretAccessKey: Redacted.make("s") })
      const { model, player } = yield* asking({ body: body([{ text: "yes" }]) }, { access, region: "eu-west-1" })
      yield* model.complete(request)
      assert.match(
        player.asked[0]?.headers.authorization ?? "",
        /^AWS4-HMAC-SHA256 Credential=AKIASYNTHETIC\/\d{8}\/eu-west-1\/bedrock\/aws4_request, /
      )
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("adds the cache to the input, and tells the request's id and the model that a router asked", () =>
    Effect.gen(function* () {
      const completion = yield* completed({
        body: body([{ text: "yes" }], {
          usage: {
            inputTokens: 10,
            outputTokens: 7,
            totalTokens: 122,
            cacheReadInputTokens: 100,
            cacheReadInputTokenCount: 100,
            cacheWriteInputTokens: 5
          },
          trace: { promptRouter: { invokedModelId: "arn:routed" } }
        }),
        headers: { "content-type": "application/json", "x-amzn-requestid": "req-1" }
      })
      assert.deepStrictEqual(completion.usage, {
        inputTokens: 115,
        cacheReadTokens: 100,
        cacheWriteTokens: 5,
        outputTokens: 7
      })
      assert.deepStrictEqual([completion.requestId, completion.model], ["req-1", "arn:routed"])
    })
  )

  it.effect("keeps the order of parts, hidden thinking and signatures, whole and streamed", () =>
    Effect.gen(function* () {
      const content = [
        { reasoningContent: { reasoningText: { text: "hm", signature: "sig-1" } } },
        { reasoningContent: { redactedContent: "c2VhbGVk" } },
        { toolUse: { toolUseId: "s", name: "nova_grounding", input: { q: 1 }, type: "server_tool_use" } },
        { toolResult: { toolUseId: "s", content: [{ text: "found" }] } },
        { text: "The sky is " },
        { citationsContent: { content: [{ text: "blue" }], citations: [{ location: {} }] } },
        { toolUse: { toolUseId: "t", name: "look", input: {} } }
      ]
      const completion = yield* completed({ body: body(content, { stopReason: "tool_use" }) })
      assert.deepStrictEqual(completion.parts, [
        { _tag: "Reasoning", text: "hm", signature: "sig-1" },
        { _tag: "Reasoning", text: "", signature: "c2VhbGVk", redacted: true },
        { _tag: "Text", text: "The sky is blue" },
        { _tag: "ToolCall", id: "t", name: "look", arguments: "{}" }
      ])
      const parts = yield* streamed([
        line("messageStart", { role: "assistant" }),
        delta(0, { reasoningContent: { text: "hm" } }),
        delta(0, { reasoningContent: { signature: "sig-1" } }),
        stop(0),
        delta(1, { reasoningContent: { redactedContent: "c2VhbGVk" } }),
        stop(1),
        line("contentBlockStart", {
          contentBlockIndex: 2,
          start: { toolUse: { toolUseId: "s", name: "nova_grounding", type: "server_tool_use" } }
        }),
        delta(2, { toolUse: { input: '{"q":1}' } }),
        stop(2),
        line("contentBlockStart", { contentBlockIndex: 3, start: { toolResult: { toolUseId: "s" } } }),
        delta(3, { toolResult: [{ text: "found" }] }),
        stop(3),
        delta(4, { text: "The sky is " }),
        delta(4, { citation: { location: {} } }),
        stop(4),
        delta(5, { text: "blue" }),
        stop(5),
        line("contentBlockStart", { contentBlockIndex: 6, start: { toolUse: { toolUseId: "t", name: "look" } } }),
        stop(6),
        line("aNewEvent", {}),
        line("messageStop", { stopReason: "tool_use" }),
        line("metadata", { usage: { inputTokens: 1, outputTokens: 2 } })
      ])
      const last = parts.at(-1)
      assert.deepStrictEqual(last?._tag === "Done" ? last.completion.parts : [], completion.parts)
      assert.deepStrictEqual(
        parts.filter(({ _tag }) => _tag === "ToolCall"),
        [
          { _tag: "ToolCall", index: 0, id: "t", name: "look", delta: "" },
          { _tag: "ToolCall", index: 0, delta: "{}" }
        ]
      )
    })
  )

  it.effect("reads the call that stands for an answer in a schema, whole and streamed", () =>
    Effect.gen(function* () {
      const asked: ChatRequest = { ...request, responseSchema: { name: "colour", schema: { type: "object" } } }
      const options = { model: "us.amazon.nova-lite-v1:0" }
      const wanted = {
        parts: [{ _tag: "Text", text: '{"is":"blue"}' }],
        finish: { kind: "stop", raw: "tool_use" }
      } as const
      const call = { toolUseId: "t", name: "colour" }
      const said = body([{ toolUse: { ...call, input: { is: "blue" } } }], { stopReason: "tool_use" })
      assert.deepInclude(yield* completed({ body: said }, asked, options), wanted)
      const parts = yield* streamed(
        [
          line("contentBlockStart", { contentBlockIndex: 0, start: { toolUse: call } }),
          delta(0, { toolUse: { input: '{"is":' } }),
          delta(0, { toolUse: { input: '"blue"}' } }),
          stop(0),
          line("messageStop", { stopReason: "tool_use" })
        ],
        asked,
        options
      )
      const last = parts.at(-1)
      assert.deepStrictEqual(parts.slice(0, -1), [
        { _tag: "Text", delta: '{"is":' },
        { _tag: "Text", delta: '"blue"}' }
      ])
      assert.deepInclude(last?._tag === "Done" ? last.completion : {}, wanted)
    })
  )

  it.effect("refuses a picture by its address before it is sent", () =>
    Effect.gen(function* () {
      const url = { _tag: "Url", url: "https://x.test/a.png" } as const
      const asked: ChatRequest = { messages: [{ role: "user", parts: [{ _tag: "Image", source: url }] }] }
      const { model, player } = yield* asking({ body: "{}" })
      for (const call of [model.complete(asked), Stream.runDrain(model.stream(asked))]) {
        const error = yield* Effect.flip(call)
        assert.strictEqual(error.reason._tag, "InvalidRequest")
      }
      assert.strictEqual(player.asked.length, 0)
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  const finishes: ReadonlyArray<readonly [string, Completion.Finish["kind"]]> = [
    ["end_turn", "stop"],
    ["stop_sequence", "stop"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["tool_use", "tool-calls"],
    ["guardrail_intervened", "content-filter"],
    ["content_filtered", "content-filter"],
    ["malformed_model_output", "error"],
    ["malformed_tool_use", "error"],
    ["something_new", "other"]
  ]
  for (const [raw, kind] of finishes) {
    it.effect(`reads ${raw}`, () =>
      Effect.map(completed({ body: body([{ text: "x" }], { stopReason: raw }) }), ({ finish }) =>
        assert.deepStrictEqual(finish, { kind, raw })
      )
    )
  }

  it.effect("tells an error of an answer by the header's word, and one of a stream by its frame's", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        completed({
          status: 403,
          headers: {
            "content-type": "application/json",
            "x-amzn-errortype": "UnrecognizedClientException:http://internal.amazon.com/coral/",
            "x-amzn-requestid": "req-2"
          },
          body: JSON.stringify({ message: "no" })
        })
      )
      assert.deepStrictEqual([error.reason._tag, error.requestId, error.status], ["Authentication", "req-2", 403])
      const frames: ReadonlyArray<readonly [string, string]> = [
        ["!throttlingException", "RateLimited"],
        ["!validationException", "InvalidRequest"],
        ["!modelStreamErrorException", "ServerError"],
        ["!serviceUnavailableException", "Overloaded"]
      ]
      for (const [name, reason] of frames) {
        const thrown = yield* Effect.flip(streamed([line(name, { message: "words" })]))
        assert.deepStrictEqual([thrown.reason._tag, thrown.detail], [reason, "words"])
      }
    })
  )

  it.effect("signs and reads frames over fetch too", () =>
    Effect.gen(function* () {
      const access = Access.keys({ accessKeyId: "AKIASYNTHETIC", secretAccessKey: Redacted.make("s") })
      const headers = { "content-type": "application/vnd.amazon.eventstream" }
      const said = pack(delta(0, { text: "yes – 蓝" }) + line("messageStop", { stopReason: "end_turn" }))
      const { model, player } = yield* asking({ headers, body: said }, { access })
      const parts = yield* Stream.runCollect(model.stream(request))
      assert.deepStrictEqual(parts[0], { _tag: "Text", delta: "yes – 蓝" })
      assert.match(player.asked[0]?.headers.authorization ?? "", /SignedHeaders=content-type;host;x-amz-date,/)
      assert.strictEqual(player.asked[0]?.headers["content-type"], "application/json")
      assert.strictEqual(player.asked[0]?.headers.host, player.url.slice("http://".length))
    }).pipe(Effect.provide(HttpClients.layerFetch))
  )

  it.effect("reads a whole answer where a stream was asked for", () =>
    Effect.gen(function* () {
      const { model } = yield* asking({ body: body([{ text: "yes" }]) })
      const parts = yield* Stream.runCollect(model.stream(request))
      assert.deepStrictEqual(
        parts.map(({ _tag }) => _tag),
        ["Text", "Done"]
      )
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("finds region, keys and address by the variables", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: body([{ text: "yes" }]) }])
      const env = {
        AWS_REGION: "us-east-1",
        AWS_BEARER_TOKEN_BEDROCK: "k",
        AWS_ENDPOINT_URL_BEDROCK_RUNTIME: `${player.url}/`
      }
      const made = (from: Record<string, string>) =>
        Effect.provide(
          Converse.makeConfig({ model: "m:0" }),
          ConfigProvider.layer(ConfigProvider.fromEnv({ env: from }))
        )
      const model = yield* made(env)
      assert.strictEqual(Completion.text(yield* model.complete(request)), "yes")
      assert.strictEqual(player.asked[0]?.path, "/model/m%3A0/converse")
      assert.include(String(yield* Effect.flip(made({ AWS_REGION: "r" }))), "AWS_BEARER_TOKEN_BEDROCK")
      assert.include(String(yield* Effect.flip(made({ AWS_BEARER_TOKEN_BEDROCK: "k" }))), "AWS_REGION")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )
})
