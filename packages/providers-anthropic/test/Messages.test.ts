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
