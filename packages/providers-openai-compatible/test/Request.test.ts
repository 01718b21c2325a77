import type { ChatRequest } from "@consortium/core/ChatModel"
import { message } from "@consortium/core/Prompt"
import { assert, describe, it } from "@effect/vitest"
import * as Request from "../src/Request.js"
import { define, type Vendor } from "../src/Vendor.js"
import { vendors } from "../src/Vendors.js"

const plain = define({ id: "x", baseUrl: "http://x", baseUrlVariable: "X", apiKey: { variable: "K", optional: true } })
const asked: ChatRequest = { messages: [message("user", "hi")] }
const sent = (request: Partial<ChatRequest>, vendor: Vendor = plain, stream = false) =>
  Request.body({ ...asked, ...request }, vendor, "m", stream)

describe("Request", () => {
  it("is small for a small question, and keeps our own sample number to itself", () => {
    assert.deepStrictEqual(sent({ sample: 3 }), { model: "m", messages: [{ role: "user", content: "hi" }] })
  })

  it("spells every kind of message", () => {
    const { messages } = sent({
      messages: [
        message("system", "be brief"),
        {
          role: "user",
          parts: [
            { _tag: "Text", text: "what is this?" },
            { _tag: "Image", source: { _tag: "Url", url: "https://pictures.test/a.png" } },
            { _tag: "Image", source: { _tag: "Base64", mediaType: "image/png", data: "AAAA" } }
          ]
        },
        {
          role: "assistant",
          parts: [
            { _tag: "Reasoning", text: "let me look" },
            { _tag: "ToolCall", id: "c1", name: "look", arguments: "{}" }
          ]
        },
        {
          role: "tool",
          parts: [
            { _tag: "ToolResult", id: "c1", name: "look", text: "a cat" },
            { _tag: "ToolResult", id: "c2", text: "a dog", isError: true }
          ]
        },
        message("assistant", "a cat")
      ]
    })
    assert.deepStrictEqual(messages, [
      { role: "system", content: "be brief" },
      {
        role: "user",
        content: [
          { type: "text", text: "what is this?" },
          { type: "image_url", image_url: { url: "https://pictures.test/a.png" } },
          { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }
        ]
      },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "c1", type: "function", function: { name: "look", arguments: "{}" } }]
      },
      { role: "tool", tool_call_id: "c1", content: "a cat" },
      { role: "tool", tool_call_id: "c2", content: "a dog" },
      { role: "assistant", content: "a cat" }
    ])
  })

  const everything = {
    temperature: 0.5,
    topP: 0.9,
    topK: 40,
    presencePenalty: 0.1,
    frequencyPenalty: 0.2,
    maxTokens: 100,
    seed: 7,
    stop: ["\n"],
    reasoningEffort: "max"
  } as const satisfies Partial<ChatRequest>

  it("names sampling by the wire", () => {
    assert.deepStrictEqual(sent(everything, define({ ...plain, drops: [] })), {
      model: "m",
      messages: [{ role: "user", content: "hi" }],
      temperature: 0.5,
      top_p: 0.9,
      top_k: 40,
      presence_penalty: 0.1,
      frequency_penalty: 0.2,
      max_tokens: 100,
      seed: 7,
      stop: ["\n"],
      reasoning_effort: "high"
    })
  })

  it("follows a vendor's named deviations", () => {
    const odd = define({
      ...plain,
      maxTokensField: "max_completion_tokens",
      systemRole: "developer",
      seedField: "random_seed",
      drops: ["temperature", "topP", "topK", "presencePenalty", "frequencyPenalty", "stop"],
      effortStyle: "object",
      efforts: { max: "xhigh" }
    })
    assert.deepStrictEqual(sent({ ...everything, messages: [message("system", "s")] }, odd), {
      model: "m",
      messages: [{ role: "developer", content: "s" }],
      max_completion_tokens: 100,
      random_seed: 7,
      reasoning: { effort: "xhigh" }
    })
    assert.notProperty(sent({ reasoningEffort: "low" }, odd), "reasoning")
    assert.notProperty(sent({ seed: 1 }, define({ ...plain, drops: ["seed"] })), "seed")
    assert.notProperty(sent({ reasoningEffort: "low" }, define({ ...plain, effortStyle: "none" })), "reasoning_effort")
  })

  it("spells tools and the choice of one", () => {
    const tool = { name: "look", description: "looks", parameters: { type: "object" } }
    const body = sent({ tools: [tool], toolChoice: { name: "look" } })
    assert.deepStrictEqual(body.tools, [{ type: "function", function: tool }])
    assert.deepStrictEqual(body.tool_choice, { type: "function", function: { name: "look" } })
    assert.strictEqual(sent({ tools: [tool], toolChoice: "required" }).tool_choice, "required")
  })

  it("asks for a schema by the wire, or in words where the wire has no field", () => {
    const responseSchema = { name: "verdict", schema: { type: "object" } }
    assert.deepStrictEqual(sent({ responseSchema }, define({ ...plain, strictSchema: true })).response_format, {
      type: "json_schema",
      json_schema: { name: "verdict", schema: { type: "object" }, strict: true }
    })
    for (const responseFormat of ["json_object", "none"] as const) {
      const body = sent({ responseSchema }, define({ ...plain, responseFormat }))
      assert.deepStrictEqual(body.response_format, responseFormat === "none" ? undefined : { type: "json_object" })
      assert.include(JSON.stringify(body.messages), "Answer with JSON only, in this JSON Schema")
    }
  })

  it("gives the vendor's own options the last word, save on streaming", () => {
    const providerOptions = { temperature: 1, provider: { order: ["a"] }, stream: true }
    const body = sent({ temperature: 0, providerOptions })
    assert.strictEqual(body.temperature, 1)
    assert.deepStrictEqual(body.provider, { order: ["a"] })
    assert.isFalse(body.stream)
  })

  it("asks for a stream, and for its usage where it must", () => {
    assert.deepInclude(sent({}, plain, true), { stream: true, stream_options: { include_usage: true } })
    assert.notProperty(sent({}, define({ ...plain, streamUsage: false }), true), "stream_options")
  })

  it("sends reasoning back in the vendor's field", () => {
    const messages: ChatRequest["messages"] = [
      {
        role: "assistant",
        parts: [
          { _tag: "Reasoning", text: "hm", signature: '{"type":"reasoning.text","signature":"s1","index":0}' },
          { _tag: "Reasoning", text: "", signature: '{"type":"reasoning.encrypted","data":"xyz","index":1}' },
          { _tag: "Reasoning", text: "of another wire", signature: "c2ln" },
          { _tag: "Text", text: "yes" }
        ]
      }
    ]
    assert.deepStrictEqual(sent({ messages }, vendors.openrouter).messages, [
      {
        role: "assistant",
        content: "yes",
        reasoning_details: [
          { type: "reasoning.text", signature: "s1", index: 0, text: "hm" },
          { type: "reasoning.encrypted", data: "xyz", index: 1 },
          { type: "reasoning.text", text: "of another wire" }
        ]
      }
    ])
    const last = { role: "assistant", content: "yes" }
    const words = "hm\nof another wire"
    assert.deepStrictEqual(sent({ messages }, vendors.groq).messages, [{ ...last, reasoning: words }])
    assert.deepStrictEqual(sent({ messages }, define({ ...plain, reasoningReplay: "reasoning_content" })).messages, [
      { ...last, reasoning_content: words }
    ])
    assert.deepStrictEqual(sent({ messages }, plain).messages, [last])
    assert.deepStrictEqual(sent({ messages }, vendors.mistral).messages, [
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: [{ type: "text", text: "hm" }], closed: true },
          { type: "thinking", thinking: [{ type: "text", text: "of another wire" }], closed: true },
          { type: "text", text: "yes" }
        ]
      }
    ])
  })

  it("marks what is to be cached where the vendor takes marks", () => {
    const messages: ChatRequest["messages"] = [
      { role: "system", parts: [{ _tag: "Text", text: "rules", cache: "long" }] },
      {
        role: "user",
        parts: [
          { _tag: "Text", text: "hi" },
          { _tag: "Image", source: { _tag: "Url", url: "http://x/a.png" }, cache: "short" }
        ]
      }
    ]
    const tools: ChatRequest["tools"] = [{ name: "look", parameters: {}, cache: "short" }]
    const short = { cache_control: { type: "ephemeral" } }
    const { messages: said, tools: offered } = sent({ messages, tools }, vendors.openrouter)
    assert.deepStrictEqual(said, [
      { role: "system", content: [{ type: "text", text: "rules", cache_control: { type: "ephemeral", ttl: "1h" } }] },
      {
        role: "user",
        content: [
          { type: "text", text: "hi" },
          { type: "image_url", image_url: { url: "http://x/a.png" }, ...short }
        ]
      }
    ])
    assert.deepStrictEqual(offered, [{ type: "function", function: { name: "look", parameters: {} }, ...short }])
  })

  it("leaves out marks that it does not know, and marks of the cache where the vendor has none", () => {
    const messages: ChatRequest["messages"] = [
      { role: "user", parts: [{ _tag: "Text", text: "hi", cache: "short", signature: "s" }] },
      {
        role: "assistant",
        parts: [
          { _tag: "Reasoning", text: "", signature: "sealed", redacted: true },
          { _tag: "Reasoning", text: "", signature: '{"type":"thinking","signature":"of another wire"}' },
          { _tag: "ToolCall", id: "c", name: "look", arguments: "{}", cache: "long", signature: "s" }
        ]
      }
    ]
    const call = { id: "c", type: "function", function: { name: "look", arguments: "{}" } }
    const unmarked = { ...vendors.openrouter, cacheMarks: false }
    for (const vendor of [unmarked, vendors.deepseek, vendors.mistral, vendors.cerebras, plain])
      assert.deepStrictEqual(sent({ messages }, vendor).messages, [
        { role: "user", content: "hi" },
        { role: "assistant", content: null, tool_calls: [call] }
      ])
  })

  it("switches thinking by the vendor's own switch", () => {
    const { messages: _, model: __, ...high } = sent({ reasoningEffort: "medium" }, vendors.deepseek)
    assert.deepStrictEqual(high, { thinking: { type: "enabled" }, reasoning_effort: "high" })
    const { messages: ___, model: ____, ...off } = sent({ reasoningEffort: "none" }, vendors.deepseek)
    assert.deepStrictEqual(off, { thinking: { type: "disabled" } })
    assert.deepInclude(sent({ reasoningEffort: "low" }, vendors.qwen), { enable_thinking: true })
    assert.deepInclude(sent({ reasoningEffort: "none" }, vendors.qwen), { enable_thinking: false })
    assert.notProperty(sent({ reasoningEffort: "low" }, vendors.qwen), "reasoning_effort")
    assert.notProperty(sent({}, vendors.qwen), "enable_thinking")
    assert.deepInclude(sent({ reasoningEffort: "low" }, vendors.minimax), { thinking: { type: "adaptive" } })
    assert.deepInclude(sent({ reasoningEffort: "none" }, vendors.minimax), { thinking: { type: "disabled" } })
    assert.deepInclude(sent({ reasoningEffort: "none" }, vendors.wandb), {
      chat_template_kwargs: { enable_thinking: false }
    })
  })

  it("says what each vendor's file says", () => {
    assert.deepStrictEqual(sent({ maxTokens: 5, topK: 3, reasoningEffort: "minimal" }, vendors.groq), {
      model: "m",
      messages: [{ role: "user", content: "hi" }],
      max_completion_tokens: 5,
      reasoning_effort: "low"
    })
    assert.deepInclude(sent({ maxTokens: 5, topK: 3, reasoningEffort: "max" }, vendors.openrouter), {
      max_tokens: 5,
      top_k: 3,
      reasoning: { effort: "max" }
    })
    assert.deepInclude(sent({ maxTokens: 5, topK: 3, reasoningEffort: "high" }, vendors.snowflake), {
      max_completion_tokens: 5,
      reasoning: { effort: "high" }
    })
    assert.deepInclude(sent({ reasoningEffort: "max" }, vendors.deepinfra), { reasoning_effort: "xhigh" })
    assert.deepInclude(sent({ maxTokens: 5, reasoningEffort: "none" }, vendors.ollama), {
      max_tokens: 5,
      reasoning_effort: "none"
    })
  })
})
