import type { ChatRequest } from "@consortium/core/ChatModel"
import { type Message, message } from "@consortium/core/Prompt"
import { assert, describe, it } from "@effect/vitest"
import { familyOf } from "../src/Family.js"
import * as Request from "../src/Request.js"

const sent = (
  request: ChatRequest,
  model = "claude-sonnet-4-0",
  version: Request.Version = "2023-06-01",
  stream = false
) => Request.body(request, familyOf(model), model, version, stream)
const hi = message("user", "hi")

describe("Request", () => {
  it("puts what systems say on top, lets roles take turns, and keeps every kind of part", () => {
    const said: readonly [Message, ...Array<Message>] = [
      { role: "system", parts: [{ _tag: "Text", text: "be brief", cache: "long" }] },
      {
        role: "user",
        parts: [
          { _tag: "Text", text: "what is this?" },
          { _tag: "Image", source: { _tag: "Url", url: "https://example.org/a.png" } },
          { _tag: "Image", source: { _tag: "Base64", mediaType: "image/png", data: "AA==" }, cache: "short" }
        ]
      },
      {
        role: "assistant",
        parts: [
          { _tag: "Reasoning", text: "hm", signature: "sig" },
          { _tag: "Reasoning", text: "", signature: "sealed", redacted: true },
          { _tag: "Reasoning", text: "another vendor's", id: "rs_1", signature: "x" },
          { _tag: "Reasoning", text: "unsigned" },
          { _tag: "ToolCall", id: "t1", name: "look", arguments: '{"at":1}' },
          { _tag: "ToolCall", id: "t2", name: "look", arguments: "{half" }
        ]
      },
      { role: "tool", parts: [{ _tag: "ToolResult", id: "t1", text: "a cat", isError: false }] },
      { role: "tool", parts: [{ _tag: "ToolResult", id: "t2", text: "no" }] },
      message("user", "so?")
    ]
    assert.deepStrictEqual(sent({ messages: said, maxTokens: 9 }), {
      model: "claude-sonnet-4-0",
      system: [{ type: "text", text: "be brief", cache_control: { type: "ephemeral", ttl: "1h" } }],
      max_tokens: 9,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "what is this?" },
            { type: "image", source: { type: "url", url: "https://example.org/a.png" } },
            {
              type: "image",
              source: { type: "base64", media_type: "image/png", data: "AA==" },
              cache_control: { type: "ephemeral" }
            }
          ]
        },
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "hm", signature: "sig" },
            { type: "redacted_thinking", data: "sealed" },
            { type: "tool_use", id: "t1", name: "look", input: { at: 1 } },
            { type: "tool_use", id: "t2", name: "look", input: { arguments: "{half" } }
          ]
        },
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "t1", content: "a cat", is_error: false },
            { type: "tool_result", tool_use_id: "t2", content: "no" },
            { type: "text", text: "so?" }
          ]
        }
      ]
    })
  })

  it("merges what stands around a turn of which nothing is left", () => {
    const lost: Message = { role: "assistant", parts: [{ _tag: "Reasoning", text: "another vendor's", id: "rs_1" }] }
    assert.deepStrictEqual(sent({ messages: [hi, lost, message("user", "so?")] }).messages, [
      {
        role: "user",
        content: [
          { type: "text", text: "hi" },
          { type: "text", text: "so?" }
        ]
      }
    ])
  })

  it("knows families by whole numbers", () => {
    assert.strictEqual(familyOf("claude-opus-4-1-20250805").sampling, "one")
    assert.strictEqual(familyOf("claude-opus-4-10").sampling, "none")
    assert.strictEqual(familyOf("claude-opus-4-20250514").sampling, "all")
    assert.strictEqual(familyOf("claude-sonnet-4-20250514").thinking, "budget")
    assert.strictEqual(familyOf("claude-haiku-4-5-20251001").sampling, "one")
  })

  it("spells tools, choices, schemas, stops and streams", () => {
    const parameters = { type: "object", properties: {} }
    const body = sent(
      {
        messages: [hi],
        tools: [{ name: "look", description: "looks", parameters, cache: "short" }],
        toolChoice: "required",
        responseSchema: { name: "x", schema: parameters },
        stop: ["END"],
        seed: 3,
        presencePenalty: 1,
        providerOptions: { metadata: { user_id: "u" }, output_config: { effort: "low" } }
      },
      "claude-opus-4-5",
      "2023-06-01",
      true
    )
    assert.deepStrictEqual(body, {
      model: "claude-opus-4-5",
      messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }],
      max_tokens: 16_384,
      stop_sequences: ["END"],
      tools: [{ name: "look", input_schema: parameters, description: "looks", cache_control: { type: "ephemeral" } }],
      tool_choice: { type: "any" },
      metadata: { user_id: "u" },
      output_config: { format: { type: "json_schema", schema: parameters }, effort: "low" },
      stream: true
    })
    assert.deepInclude(sent({ messages: [hi], toolChoice: { name: "look" } }), {
      tool_choice: { type: "tool", name: "look" }
    })
  })

  it("sends sampling only to who takes it", () => {
    const all = { messages: [hi], temperature: 1.5, topP: 0.5, topK: 4 } as const
    assert.deepInclude(sent(all, "claude-3-haiku"), { temperature: 1, top_p: 0.5, top_k: 4, max_tokens: 4096 })
    assert.notProperty(sent(all, "claude-sonnet-4-5"), "top_p")
    assert.deepInclude(sent(all, "claude-sonnet-4-5"), { temperature: 1 })
    for (const body of [
      sent(all, "claude-opus-4-8"),
      sent(all, "claude-sonnet-5"),
      sent(all, "claude-of-tomorrow"),
      sent(all, "claude-3-haiku", "2026-10-21"),
      sent({ ...all, reasoningEffort: "high" }, "claude-sonnet-4-0")
    ]) {
      for (const field of ["temperature", "top_p", "top_k"]) assert.notProperty(body, field)
    }
  })

  it("asks for thinking by a budget or by a word, as the family does", () => {
    const think = (model: string, more: Partial<ChatRequest>) => sent({ messages: [hi], ...more }, model)
    assert.deepInclude(think("claude-sonnet-4-5", { reasoningEffort: "low" }), {
      max_tokens: 18_432,
      thinking: { type: "enabled", budget_tokens: 2048 }
    })
    assert.deepInclude(think("claude-sonnet-4-5", { reasoningEffort: "max", maxTokens: 5000 }), {
      max_tokens: 5000,
      thinking: { type: "enabled", budget_tokens: 4999 }
    })
    assert.notProperty(think("claude-sonnet-4-5", { reasoningEffort: "high", maxTokens: 500 }), "thinking")
    assert.notProperty(think("claude-sonnet-4-5", { reasoningEffort: "none" }), "thinking")
    assert.notProperty(think("claude-3-haiku", { reasoningEffort: "high" }), "thinking")
    assert.notProperty(
      think("claude-opus-5", { reasoningEffort: "high", toolChoice: "required" }),
      "thinking",
      "a forced call and thinking exclude each other"
    )
    assert.deepInclude(think("claude-opus-5", { reasoningEffort: "max" }), {
      thinking: { type: "adaptive" },
      output_config: { effort: "max" }
    })
    assert.deepInclude(think("claude-opus-5", { reasoningEffort: "none" }), { thinking: { type: "disabled" } })
  })
})
