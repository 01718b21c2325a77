import type { ChatRequest } from "@consortium/core/ChatModel"
import { message } from "@consortium/core/Prompt"
import { assert, describe, it } from "@effect/vitest"
import * as Request from "../src/Request.js"

const user = message("user", "hi")
const body = (request: Partial<ChatRequest>) => Request.body({ messages: [user], ...request }, "m", false)
const tool = { name: "look", description: "Looks.", parameters: { type: "object" }, cache: "short" } as const
const other = { name: "listen", parameters: { type: "object" } } as const

describe("the body of a request", () => {
  it("has every word of sampling among the options, and the vendor's own win there", () => {
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
      providerOptions: { options: { num_ctx: 8192, top_k: 20 }, keep_alive: "10m", stream: true }
    } as const
    assert.deepStrictEqual(body(all), {
      model: "m",
      messages: [{ role: "user", content: "hi" }],
      options: {
        temperature: 0.5,
        top_p: 0.9,
        top_k: 20,
        presence_penalty: 0.1,
        frequency_penalty: 0.2,
        num_predict: 100,
        seed: 7,
        stop: ["END"],
        num_ctx: 8192
      },
      keep_alive: "10m",
      stream: false
    })
  })

  it("asks to think in words that every model knows", () => {
    const words = (["none", "minimal", "low", "medium", "high", "max"] as const).map(
      (reasoningEffort) => body({ reasoningEffort }).think
    )
    assert.deepStrictEqual(words, [false, "low", "low", "medium", "high", "high"])
    assert.strictEqual(body({ reasoningEffort: "max", providerOptions: { think: "max" } }).think, "max")
    assert.notProperty(body({}), "think")
  })

  it("has a schema as it is", () => {
    const schema = { type: "object", properties: { a: { type: "string" } } }
    assert.deepStrictEqual(body({ responseSchema: { name: "x", schema } }).format, schema)
  })

  it("offers tools as far as the choice allows", () => {
    const spelled = {
      type: "function",
      function: { name: "look", description: "Looks.", parameters: { type: "object" } }
    }
    const names = (toolChoice: ChatRequest["toolChoice"]) =>
      body({ tools: [tool, other], ...(toolChoice !== undefined && { toolChoice }) }).tools
    assert.deepStrictEqual(body({ tools: [tool] }).tools, [spelled])
    assert.lengthOf(JSON.parse(JSON.stringify(names("auto"))), 2)
    assert.lengthOf(JSON.parse(JSON.stringify(names("required"))), 2)
    assert.strictEqual(names("none"), undefined)
    assert.deepStrictEqual(names({ name: "look" }), [spelled])
  })

  it("has pictures as bytes beside the text", () => {
    const parts = [
      { _tag: "Text", text: "what is it?" },
      { _tag: "Image", source: { _tag: "Base64", mediaType: "image/png", data: "aGk=" } },
      { _tag: "Image", source: { _tag: "Url", url: "data:image/png;base64,aG8=" } }
    ] as const
    const asked = { messages: [{ role: "user", parts }] } as const
    assert.strictEqual(Request.unsayable(asked), undefined)
    assert.deepStrictEqual(body(asked).messages, [{ role: "user", content: "what is it?", images: ["aGk=", "aG8="] }])
  })

  it("sends back thoughts, calls with objects, and results by their tool's name", () => {
    const asked = {
      messages: [
        message("system", "be brief"),
        user,
        {
          role: "assistant",
          parts: [
            { _tag: "Reasoning", text: "first" },
            { _tag: "Reasoning", text: "then" },
            { _tag: "Text", text: "a moment" },
            { _tag: "ToolCall", id: "c1", name: "look", arguments: '{"at":"sky"}' },
            { _tag: "ToolCall", id: "", name: "listen", arguments: "not JSON" },
            { _tag: "ToolCall", id: "c3", name: "listen", arguments: " " }
          ]
        },
        {
          role: "tool",
          parts: [
            { _tag: "ToolResult", id: "c1", text: "blue" },
            { _tag: "ToolResult", id: "", name: "listen", text: "birds" },
            { _tag: "ToolResult", id: "of nobody", text: "?" }
          ]
        }
      ]
    } as const
    assert.deepStrictEqual(body(asked).messages, [
      { role: "system", content: "be brief" },
      { role: "user", content: "hi" },
      {
        role: "assistant",
        content: "a moment",
        thinking: "first\nthen",
        tool_calls: [
          { id: "c1", type: "function", function: { name: "look", arguments: { at: "sky" } } },
          { type: "function", function: { name: "listen", arguments: { arguments: "not JSON" } } },
          { id: "c3", type: "function", function: { name: "listen", arguments: {} } }
        ]
      },
      { role: "tool", content: "blue", tool_name: "look", tool_call_id: "c1" },
      { role: "tool", content: "birds", tool_name: "listen" },
      { role: "tool", content: "?", tool_call_id: "of nobody" }
    ])
  })
})
