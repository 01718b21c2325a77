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
import * as Messages from "../src/Messages.js"
import { define } from "../src/Vendor.js"
import { messages, sse } from "./spelling.js"

describe("Messages keeps the contract of chat models", () => {
  const subject = {
    make: (at: ChatModelContract.Address) =>
      Messages.make({ model: ChatModelContract.modelName, baseUrl: at.url, apiKey: at.apiKey }),
    spelling: messages
  }
  for (const { name, run } of ChatModelContract.cases(subject)) {
    it.effect(name, () => Effect.provide(run, HttpClients.layerDirect))
  }
})

const request = { messages: [message("user", "hi")] } as const
const asking = (exchange: Exchange, options: Partial<Messages.Options> = {}) =>
  Effect.gen(function* () {
    const player = yield* serve([exchange])
    const model = yield* Messages.make({ model: "claude-sonnet-4-5", baseUrl: player.url, ...options })
    return { player, model }
  })
const completed = (exchange: Exchange) =>
  Effect.flatMap(asking(exchange), ({ model }) => model.complete(request)).pipe(Effect.provide(HttpClients.layerDirect))
const streamed = (exchange: Exchange) =>
  Effect.flatMap(asking(exchange), ({ model }) => Stream.runCollect(model.stream(request))).pipe(
    Effect.provide(HttpClients.layerDirect)
  )
const body = (content: ReadonlyArray<object>, more: object = {}) =>
  JSON.stringify({
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-x",
    content,
    stop_reason: "end_turn",
    ...more
  })
const yes = body([{ type: "text", text: "yes" }])

describe("Messages", () => {
  it.effect("names itself, its version and betas, and sends the key in its header", () =>
    Effect.gen(function* () {
      const { model, player } = yield* asking(
        { body: yes },
        { apiKey: Redacted.make(" key-1\n"), version: "2026-10-21", betas: ["a", "b"] }
      )
      yield* model.complete(request)
      const [asked] = player.asked
      assert.deepStrictEqual([model.ref, model.wire], ["anthropic/claude-sonnet-4-5", "anthropic.messages"])
      assert.strictEqual(asked?.path, "/v1/messages")
      assert.strictEqual(asked?.headers["x-api-key"], "key-1")
      assert.strictEqual(asked?.headers["anthropic-version"], "2026-10-21")
      assert.strictEqual(asked?.headers["anthropic-beta"], "a,b")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("adds the cache to the input, and tells ids and limits", () =>
    Effect.gen(function* () {
      const usage = {
        input_tokens: 10,
        cache_read_input_tokens: 100,
        cache_creation_input_tokens: 5,
        output_tokens: 7,
        output_tokens_details: { thinking_tokens: 3 }
      }
      const completion = yield* completed({
        body: body([{ type: "text", text: "yes" }], { usage }),
        headers: {
          "content-type": "application/json",
          "request-id": "req_1",
          "anthropic-ratelimit-requests-limit": "50",
          "anthropic-ratelimit-requests-remaining": "49"
        }
      })
      assert.deepStrictEqual(completion.usage, {
        inputTokens: 115,
        cacheReadTokens: 100,
        cacheWriteTokens: 5,
        outputTokens: 7,
        reasoningTokens: 3
      })
      assert.deepStrictEqual([completion.id, completion.requestId, completion.model], ["msg_1", "req_1", "claude-x"])
      assert.deepInclude(completion.limits, { requestsLimit: 50, requestsRemaining: 49 })
    })
  )

  it.effect("keeps the order of parts, hidden thinking and signatures, whole and streamed", () =>
    Effect.gen(function* () {
      const content = [
        { type: "thinking", thinking: "hm", signature: "sig-1" },
        { type: "redacted_thinking", data: "sealed" },
        { type: "server_tool_use", id: "s", name: "search", input: { q: 1 } },
        { type: "text", text: "yes" },
        { type: "tool_use", id: "t", name: "look", input: {} }
      ]
      const completion = yield* completed({ body: body(content, { stop_reason: "tool_use" }) })
      assert.deepStrictEqual(completion.parts, [
        { _tag: "Reasoning", text: "hm", signature: "sig-1" },
        { _tag: "Reasoning", text: "", signature: "sealed", redacted: true },
        { _tag: "Text", text: "yes" },
        { _tag: "ToolCall", id: "t", name: "look", arguments: "{}" }
      ])
      const parts = yield* streamed({
        headers: { "content-type": "text/event-stream" },
        body: sse([
          { type: "message_start", message: { id: "msg_1", model: "claude-x", content: [] } },
          { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "", signature: "" } },
          { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "hm" } },
          { type: "content_block_delta", index: 0, delta: { type: "signature_delta", signature: "sig-1" } },
          { type: "content_block_stop", index: 0 },
          { type: "content_block_start", index: 1, content_block: { type: "redacted_thinking", data: "sealed" } },
          { type: "content_block_stop", index: 1 },
          { type: "a_new_event", index: 1 },
          { type: "content_block_start", index: 2, content_block: { type: "text", text: "" } },
          { type: "content_block_delta", index: 2, delta: { type: "text_delta", text: "yes" } },
          { type: "content_block_delta", index: 2, delta: { type: "citations_delta", citation: {} } },
          { type: "content_block_stop", index: 2 },
          {
            type: "content_block_start",
            index: 3,
            content_block: { type: "tool_use", id: "t", name: "look", input: {} }
          },
          { type: "content_block_stop", index: 3 },
          { type: "message_delta", delta: { stop_reason: "tool_use" }, usage: { output_tokens: 4 } },
          { type: "message_stop" }
        ])
      })
      const last = parts.at(-1)
      assert.deepStrictEqual(last?._tag === "Done" ? last.completion.parts : [], completion.parts)
    })
  )

  it.effect("joins the texts that citations cut, and no others", () =>
    Effect.gen(function* () {
      const content = [
        { type: "text", text: "The sky is " },
        { type: "text", text: "blue", citations: [{ cited_text: "blue" }] },
        { type: "text", text: "." },
        { type: "server_tool_use", id: "s", name: "search", input: {} },
        { type: "text", text: "It is." }
      ]
      const { parts } = yield* completed({ body: body(content) })
      assert.deepStrictEqual(parts, [
        { _tag: "Text", text: "The sky is blue." },
        { _tag: "Text", text: "It is." }
      ])
    })
  )

  it.effect("reads the call that stands for an answer in a schema, whole and streamed", () =>
    Effect.gen(function* () {
      const call = { type: "tool_use", id: "t", name: "colour" }
      const asked: ChatRequest = { ...request, responseSchema: { name: "colour", schema: { type: "object" } } }
      const wanted = {
        parts: [{ _tag: "Text", text: '{"is":"blue"}' }],
        finish: { kind: "stop", raw: "tool_use" }
      } as const
      const said = body([{ ...call, input: { is: "blue" } }], { stop_reason: "tool_use" })
      const whole = yield* asking({ body: said }, { model: "claude-sonnet-4-0" })
      assert.deepInclude(yield* whole.model.complete(asked), wanted)
      const events = sse([
        { type: "message_start", message: { id: "msg_1", model: "claude-x", content: [] } },
        { type: "content_block_start", index: 0, content_block: { ...call, input: {} } },
        { type: "content_block_delta", index: 0, delta: { type: "input_json_delta", partial_json: '{"is":' } },
        { type: "content_block_delta", index: 0, delta: { type: "input_json_delta", partial_json: '"blue"}' } },
        { type: "content_block_stop", index: 0 },
        { type: "message_delta", delta: { stop_reason: "tool_use" }, usage: { output_tokens: 4 } },
        { type: "message_stop" }
      ])
      const headers = { "content-type": "text/event-stream" }
      const stream = yield* asking({ headers, body: events }, { model: "claude-sonnet-4-0" })
      const parts = yield* Stream.runCollect(stream.model.stream(asked))
      const last = parts.at(-1)
      assert.deepStrictEqual(parts.slice(0, -1), [
        { _tag: "Text", delta: '{"is":' },
        { _tag: "Text", delta: '"blue"}' }
      ])
      assert.deepInclude(last?._tag === "Done" ? last.completion : {}, wanted)
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("goes to an address that has the model in its path, the version in the body and tokens for keys", () =>
    Effect.gen(function* () {
      const cloud = define({
        id: "cloud",
        baseUrl: "http://127.0.0.1",
        baseUrlVariable: "CLOUD_BASE_URL",
        apiKey: { variable: "CLOUD_KEY", optional: true },
        keyHeader: "authorization",
        paths: { whole: "/models/{model}:rawPredict", stream: "/models/{model}:streamRawPredict" },
        inBody: ["version", "betas", "stream"],
        version: "cloud-2023-10-16"
      })
      const headers = { "content-type": "text/event-stream" }
      const streamed = sse([
        { type: "message_start", message: { model: "claude-x", content: [] } },
        { type: "message_stop" }
      ])
      const player = yield* serve([{ body: yes }, { headers, body: streamed }])
      const model = yield* Messages.make({
        model: "claude-opus-4-8@20260528",
        vendor: cloud,
        baseUrl: player.url,
        betas: ["a"],
        credentials: Effect.succeed({ authorization: Redacted.make("Bearer token-1") })
      })
      yield* model.complete(request)
      yield* Stream.runDrain(model.stream(request))
      const [whole, stream] = player.asked
      assert.strictEqual(model.ref, "cloud/claude-opus-4-8@20260528")
      assert.strictEqual(whole?.path, "/models/claude-opus-4-8%4020260528:rawPredict")
      assert.strictEqual(stream?.path, "/models/claude-opus-4-8%4020260528:streamRawPredict")
      assert.strictEqual(stream?.headers.authorization, "Bearer token-1")
      for (const name of ["anthropic-version", "anthropic-beta", "x-api-key"]) assert.notProperty(stream?.headers, name)
      assert.deepStrictEqual(JSON.parse(stream?.body ?? ""), {
        anthropic_version: "cloud-2023-10-16",
        anthropic_beta: ["a"],
        messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }],
        max_tokens: 16_384,
        stream: true
      })
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("asks another vendor's variables for its key, which may be optional", () =>
    Effect.gen(function* () {
      const facts = { id: "x", baseUrl: "https://x.test", baseUrlVariable: "X_BASE_URL" }
      const found = (optional: boolean, env: Record<string, string>) =>
        Effect.provide(
          Messages.config(define({ ...facts, apiKey: { variable: "X_KEY", optional } })),
          ConfigProvider.layer(ConfigProvider.fromEnv({ env }))
        )
      assert.deepStrictEqual(yield* found(true, {}), { baseUrl: "https://x.test" })
      const { apiKey } = yield* found(false, { X_KEY: "k", ANTHROPIC_API_KEY: "other" })
      assert.strictEqual(apiKey === undefined ? undefined : Redacted.value(apiKey), "k")
      assert.include(String(yield* Effect.flip(found(false, { ANTHROPIC_API_KEY: "other" }))), "X_KEY")
    })
  )

  const finishes: ReadonlyArray<readonly [string, Completion.Finish["kind"]]> = [
    ["end_turn", "stop"],
    ["stop_sequence", "stop"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["tool_use", "tool-calls"],
    ["refusal", "content-filter"],
    ["pause_turn", "other"]
  ]
  for (const [raw, kind] of finishes) {
    it.effect(`reads ${raw}`, () =>
      Effect.map(completed({ body: body([{ type: "text", text: "x" }], { stop_reason: raw }) }), ({ finish }) =>
        assert.deepStrictEqual(finish, { kind, raw })
      )
    )
  }

  const errors: ReadonlyArray<readonly [number, string, string, string]> = [
    [401, "authentication_error", "invalid x-api-key", "Authentication"],
    [402, "billing_error", "pay", "QuotaExhausted"],
    [400, "invalid_request_error", "prompt is too long: 300000 tokens > 200000 maximum", "ContextOverflow"],
    [400, "invalid_request_error", "Your credit balance is too low", "QuotaExhausted"],
    [
      400,
      "invalid_request_error",
      "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
      "ContextOverflow"
    ],
    [400, "invalid_request_error", "Output blocked by content filtering policy", "ContentPolicy"],
    [400, "invalid_request_error", "You have reached your specified API usage limits.", "QuotaExhausted"],
    [400, "invalid_request_error", "max_tokens: Field required", "InvalidRequest"],
    [404, "not_found_error", "model: claude-none", "NotFound"],
    [413, "request_too_large", "large", "ContextOverflow"],
    [429, "rate_limit_error", "slow down", "RateLimited"],
    [529, "overloaded_error", "Overloaded", "Overloaded"],
    [200, "overloaded_error", "Overloaded", "Overloaded"]
  ]
  for (const [status, type, words, reason] of errors) {
    it.effect(`takes a ${status} of ${type} for ${reason}: ${words}`, () =>
      Effect.map(
        Effect.flip(completed({ status, body: JSON.stringify({ type: "error", error: { type, message: words } }) })),
        (error) => assert.strictEqual(error.reason._tag, reason)
      )
    )
  }

  it.effect("finds key and address by the variables", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: yes }])
      const env = { ANTHROPIC_API_KEY: "k", ANTHROPIC_BASE_URL: `${player.url}/v1/` }
      const model = yield* Effect.provide(
        Messages.makeConfig({ model: "claude-x" }),
        ConfigProvider.layer(ConfigProvider.fromEnv({ env }))
      )
      assert.strictEqual(Completion.text(yield* model.complete(request)), "yes")
      assert.strictEqual(player.asked[0]?.path, "/v1/messages")
      const missing = yield* Effect.flip(
        Effect.provide(
          Messages.makeConfig({ model: "claude-x" }),
          ConfigProvider.layer(ConfigProvider.fromEnv({ env: {} }))
        )
      )
      assert.include(String(missing), "ANTHROPIC_API_KEY")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )
})
