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
    assert.strictEqual(familyOf("claude-3-7-sonnet-20250219").schema, "tool")
    assert.strictEqual(familyOf("anthropic.claude-opus-4-1-20250805-v1:0").schema, "format")
    assert.strictEqual(familyOf("claude-fable-5-20260801").forcedTool, true)
    assert.strictEqual(familyOf("claude-fable-5-2").forcedTool, false)
    assert.strictEqual(familyOf("claude-sonnet-5-20260601").rest, "disabled")
    assert.strictEqual(familyOf("claude-sonnet-5-5").rest, "between_tools")
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
      output_config: {
        format: { type: "json_schema", schema: { ...parameters, additionalProperties: false } },
        effort: "low"
      },
      stream: true
    })
    const tools = [{ name: "look", parameters }] as const
    const choice = (toolChoice: ChatRequest["toolChoice"] & {}, model: string) =>
      sent({ messages: [hi], tools, toolChoice }, model).tool_choice
    assert.deepStrictEqual(choice({ name: "look" }, "claude-opus-5"), { type: "tool", name: "look" })
    assert.deepStrictEqual(choice("none", "claude-opus-5-5"), { type: "none" })
    assert.deepStrictEqual(choice("required", "claude-opus-5-5"), { type: "auto" }, "it can't be made to call")
    assert.deepStrictEqual(choice({ name: "look" }, "claude-sonnet-5-5"), { type: "auto" })
    assert.notProperty(sent({ messages: [hi], toolChoice: "auto" }), "tool_choice", "a choice without tools is refused")
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
      think("claude-opus-5", {
        reasoningEffort: "high",
        tools: [{ name: "look", parameters: { type: "object" } }],
        toolChoice: "required"
      }),
      "thinking",
      "a forced call and thinking exclude each other"
    )
    assert.deepInclude(think("claude-opus-5", { reasoningEffort: "max" }), {
      thinking: { type: "adaptive", display: "summarized" },
      output_config: { effort: "max" }
    })
    assert.deepInclude(think("claude-opus-5", { reasoningEffort: "none" }), { thinking: { type: "disabled" } })
    assert.deepInclude(think("claude-sonnet-5-5", { reasoningEffort: "none" }), { thinking: { type: "between_tools" } })
    const always = think("claude-opus-5-5", { reasoningEffort: "none" })
    assert.notProperty(always, "thinking", "it always thinks, and refuses to be told not to")
    assert.deepInclude(always, { output_config: { effort: "low" } })
  })

  it("lets a system speak in the middle where the model listens, and on top where not", () => {
    const rule = message("system", "now in French")
    const roles = (messages: ChatRequest["messages"], model: string) => {
      const body = sent({ messages }, model)
      return [body.system, Array.isArray(body.messages) ? body.messages.map((turn) => Object(turn).role) : []]
    }
    const top = [{ type: "text", text: "now in French" }]
    const between = [hi, rule, message("assistant", "salut"), message("user", "so?")] as const
    assert.deepStrictEqual(roles(between, "claude-opus-4-8"), [undefined, ["user", "system", "assistant", "user"]])
    assert.deepStrictEqual(roles([hi, rule], "claude-opus-5"), [undefined, ["user", "system"]])
    assert.deepStrictEqual(roles(between, "claude-opus-4-7"), [top, ["user", "assistant", "user"]])
    assert.deepStrictEqual(roles([hi, rule, hi], "claude-opus-5"), [top, ["user"]], "before a user it has no place")
    assert.deepStrictEqual(roles([rule, hi], "claude-opus-5"), [top, ["user"]])
  })

  it("asks for a schema by a tool where the family has no format for it", () => {
    const schema = { type: "object", properties: { a: { type: "integer", minimum: 1 } } }
    const responseSchema = { name: "My answer", schema }
    const plain = sent({ messages: [hi], responseSchema, reasoningEffort: "high" })
    assert.deepInclude(plain, {
      tools: [{ name: "My_answer", description: "Gives the answer.", input_schema: schema }],
      tool_choice: { type: "tool", name: "My_answer" }
    })
    assert.notProperty(plain, "output_config")
    assert.notProperty(plain, "thinking", "a forced call and thinking exclude each other")
    const tools = [{ name: "look", parameters: { type: "object" } }] as const
    const beside = sent({ messages: [hi], responseSchema, tools })
    assert.deepInclude(beside, { tool_choice: { type: "any" } })
    assert.lengthOf(Array.isArray(beside.tools) ? beside.tools : [], 2)
    const without = sent({ messages: [hi], responseSchema, tools, toolChoice: "none" })
    assert.deepInclude(without, { tool_choice: { type: "tool", name: "My_answer" } })
    assert.lengthOf(Array.isArray(without.tools) ? without.tools : [], 1)
  })

  it("spells what the wire is strict about", () => {
    const body = sent({
      messages: [
        {
          role: "user",
          parts: [{ _tag: "Image", source: { _tag: "Url", url: "data:image/png;base64,AA==" } }]
        },
        { role: "assistant", parts: [{ _tag: "ToolCall", id: "functions.look:0", name: "look", arguments: "" }] },
        { role: "tool", parts: [{ _tag: "ToolResult", id: "functions.look:0", text: "a cat" }] },
        message("assistant", "It is \n")
      ]
    })
    assert.deepStrictEqual(body.messages, [
      { role: "user", content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: "AA==" } }] },
      { role: "assistant", content: [{ type: "tool_use", id: "functions_look_0", name: "look", input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "functions_look_0", content: "a cat" }] },
      { role: "assistant", content: [{ type: "text", text: "It is" }] }
    ])
  })
})
