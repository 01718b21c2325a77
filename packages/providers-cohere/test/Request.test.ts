import type { ChatRequest } from "@consortium/core/ChatModel"
import { message } from "@consortium/core/Prompt"
import { assert, describe, it } from "@effect/vitest"
import * as Request from "../src/Request.js"

const user = message("user", "hi")
const body = (request: Partial<ChatRequest>, model = "command-a-plus-05-2026") =>
  Request.body({ messages: [user], ...request }, model, false)
const tool = { name: "look", description: "Looks.", parameters: { type: "object" }, cache: "short" } as const
const other = { name: "listen", parameters: { type: "object" } } as const

describe("the body of a request", () => {
  it("has every word of sampling in the wire's own names, and the vendor's own win", () => {
    const all = {
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      maxTokens: 100,
      seed: 7,
      stop: ["END"],
      sample: 3,
      providerOptions: { documents: [{ id: "d1", data: { text: "Ginger." } }], temperature: 0 }
    } as const
    assert.deepStrictEqual(Request.body({ messages: [user], ...all }, "m", true), {
      model: "m",
      messages: [{ role: "user", content: "hi" }],
      temperature: 0,
      p: 0.9,
      k: 40,
      presence_penalty: 0.1,
      frequency_penalty: 0.2,
      max_tokens: 100,
      seed: 7,
      stop_sequences: ["END"],
      documents: [{ id: "d1", data: { text: "Ginger." } }],
      stream: true
    })
    assert.strictEqual(body({ providerOptions: { stream: true } }).stream, false)
  })

  it("asks to think within a budget, or not at all, where the model can", () => {
    const asked = (["none", "minimal", "low", "medium", "high", "max"] as const).map(
      (reasoningEffort) => body({ reasoningEffort }).thinking
    )
    assert.deepStrictEqual(asked, [
      { type: "disabled" },
      { type: "enabled", token_budget: 1024 },
      { type: "enabled", token_budget: 2048 },
      { type: "enabled", token_budget: 8192 },
      { type: "enabled", token_budget: 16384 },
      { type: "enabled" }
    ])
    const short = body({ reasoningEffort: "max", maxTokens: 1000 }).thinking
    assert.deepStrictEqual(short, { type: "enabled", token_budget: 500 })
    assert.deepStrictEqual(body({ reasoningEffort: "low", maxTokens: 1 }).thinking, { type: "enabled" })
    for (const model of ["command-r", "command-r-plus-08-2024", "command-r7b-12-2024", "command-a-03-2025", "command"])
      assert.notProperty(body({ reasoningEffort: "high" }, model), "thinking", model)
    for (const model of ["command-a-reasoning-08-2025", "command-b", "command-reasoning-2027"])
      assert.property(body({ reasoningEffort: "high" }, model), "thinking", model)
  })

  it("has a schema beside the type, as this wire spells it", () => {
    const schema = { type: "object", properties: { a: { type: "string" } } }
    assert.deepStrictEqual(body({ responseSchema: { name: "x", schema } }).response_format, {
      type: "json_object",
      json_schema: schema
    })
  })

  it("has tools, and a choice as far as there is a word", () => {
    const spelled = {
      type: "function",
      function: { name: "look", description: "Looks.", parameters: { type: "object" } }
    }
    const chosen = (toolChoice: NonNullable<ChatRequest["toolChoice"]>) => {
      const { tool_choice, tools } = body({ tools: [tool, other], toolChoice })
      return [Array.isArray(tools) ? tools.length : 0, tool_choice]
    }
    assert.deepStrictEqual(body({ tools: [tool] }).tools, [spelled])
    assert.deepStrictEqual(chosen("auto"), [2, undefined])
    assert.deepStrictEqual(chosen("none"), [2, "NONE"])
    assert.deepStrictEqual(chosen("required"), [2, "REQUIRED"])
    assert.deepStrictEqual(chosen({ name: "listen" }), [1, "REQUIRED"])
    assert.deepStrictEqual(chosen({ name: "nothing" }), [0, undefined])
  })

  it("has texts as texts, and pictures among parts", () => {
    const parts = [
      { _tag: "Text", text: "what?" },
      { _tag: "Image", source: { _tag: "Base64", mediaType: "image/png", data: "aGk=" } },
      { _tag: "Image", source: { _tag: "Url", url: "https://a.test/b.png" } }
    ] as const
    assert.deepStrictEqual(body({ messages: [message("system", "be brief"), { role: "user", parts }] }).messages, [
      { role: "system", content: "be brief" },
      {
        role: "user",
        content: [
          { type: "text", text: "what?" },
          { type: "image_url", image_url: { url: "data:image/png;base64,aGk=" } },
          { type: "image_url", image_url: { url: "https://a.test/b.png" } }
        ]
      }
    ])
  })

  it("sends back thoughts, plans, calls and results, each to its place, and nobody else's marks", () => {
    const turns = [
      user,
      {
        role: "assistant",
        parts: [
          { _tag: "Reasoning", text: "first" },
          { _tag: "Reasoning", text: "a plan", id: "tool_plan" },
          { _tag: "Reasoning", text: "signed elsewhere", signature: "abc" },
          { _tag: "Reasoning", text: "named elsewhere", id: "rs_1" },
          { _tag: "Text", text: "a moment" },
          { _tag: "ToolCall", id: "c1", name: "look", arguments: '{"at":"sky"}' }
        ]
      },
      { role: "tool", parts: [{ _tag: "ToolResult", id: "c1", text: "blue" }] },
      { role: "assistant", parts: [{ _tag: "ToolCall", id: "c2", name: "look", arguments: "{}" }] },
      message("assistant", "")
    ] as const
    assert.deepStrictEqual(body({ messages: turns }).messages, [
      { role: "user", content: "hi" },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "first" },
          { type: "text", text: "a moment" }
        ],
        tool_plan: "a plan",
        tool_calls: [{ id: "c1", type: "function", function: { name: "look", arguments: '{"at":"sky"}' } }]
      },
      { role: "tool", tool_call_id: "c1", content: "blue" },
      {
        role: "assistant",
        tool_calls: [{ id: "c2", type: "function", function: { name: "look", arguments: "{}" } }]
      },
      { role: "assistant", content: "" }
    ])
  })
})
