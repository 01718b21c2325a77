import type { ChatRequest } from "@consortium/core/ChatModel"
import { type Message, message } from "@consortium/core/Prompt"
import { assert, describe, it } from "@effect/vitest"
import type * as Schema from "effect/Schema"
import * as Request from "../src/Request.js"
import { google } from "../src/vendors/google.js"
import { vertex } from "../src/vendors/vertex.js"

const asked: ChatRequest = { messages: [message("user", "hi")] }
const hi = [{ role: "user", parts: [{ text: "hi" }] }]
const sent = (request: Partial<ChatRequest>, model = "gemini-2.5-flash", vendor = google) =>
  Request.body({ ...asked, ...request }, vendor, model)

const call = (id: string, signature?: string): Message => ({
  role: "assistant",
  parts: [{ _tag: "ToolCall", id, name: `look-${id}`, arguments: "{}", ...(signature !== undefined && { signature }) }]
})
const result = (id: string, text: string): Message => ({ role: "tool", parts: [{ _tag: "ToolResult", id, text }] })
const contents = (messages: ChatRequest["messages"], model?: string) => sent({ messages }, model).contents

describe("Request", () => {
  it("is small for a small question, and keeps our own sample number to itself", () => {
    assert.deepStrictEqual(sent({ sample: 3 }), { contents: hi })
  })

  it("spells every kind of message", () => {
    const body = sent({
      messages: [
        message("system", "be brief"),
        {
          role: "user",
          parts: [
            { _tag: "Text", text: "what is this?", cache: "short" },
            { _tag: "Image", source: { _tag: "Url", url: "https://pictures.test/a.PNG?b=c.gif" } },
            { _tag: "Image", source: { _tag: "Url", url: "https://pictures.test/a" } },
            { _tag: "Image", source: { _tag: "Url", url: "data:image/webp;base64,BBBB" } },
            { _tag: "Image", source: { _tag: "Base64", mediaType: "image/png", data: "AAAA" } }
          ]
        },
        {
          role: "assistant",
          parts: [
            { _tag: "Reasoning", text: "let me look", signature: "c2ln" },
            { _tag: "Text", text: "wait", signature: "dGV4dA==" },
            { _tag: "ToolCall", id: "c1", name: "look", arguments: '{"at":1}', signature: "Y2Fs_-" }
          ]
        },
        {
          role: "tool",
          parts: [
            { _tag: "ToolResult", id: "c1", name: "look", text: '{"animal":"cat"}' },
            { _tag: "ToolResult", id: "c2", name: "hear", text: "a dog", isError: true }
          ]
        },
        message("system", "be briefer"),
        message("assistant", "a cat")
      ]
    })
    assert.deepStrictEqual(body, {
      contents: [
        {
          role: "user",
          parts: [
            { text: "what is this?" },
            { fileData: { mimeType: "image/png", fileUri: "https://pictures.test/a.PNG?b=c.gif" } },
            { fileData: { fileUri: "https://pictures.test/a" } },
            { inlineData: { mimeType: "image/webp", data: "BBBB" } },
            { inlineData: { mimeType: "image/png", data: "AAAA" } }
          ]
        },
        {
          role: "model",
          parts: [
            { text: "let me look", thought: true, thoughtSignature: "c2ln" },
            { text: "wait", thoughtSignature: "dGV4dA==" },
            { functionCall: { id: "c1", name: "look", args: { at: 1 } }, thoughtSignature: "Y2Fs_-" }
          ]
        },
        {
          role: "user",
          parts: [
            { functionResponse: { id: "c1", name: "look", response: { animal: "cat" } } },
            { functionResponse: { id: "c2", name: "hear", response: { error: "a dog" } } }
          ]
        },
        { role: "model", parts: [{ text: "a cat" }] }
      ],
      systemInstruction: { parts: [{ text: "be brief" }, { text: "be briefer" }] }
    })
  })

  it("puts the results of one turn's calls together, named after their calls", () => {
    assert.deepStrictEqual(
      contents([
        message("user", "hi"),
        call("a"),
        call("b"),
        result("a", "1"),
        result("b", "two"),
        message("user", "go")
      ]),
      [
        ...hi,
        { role: "model", parts: [{ functionCall: { id: "a", name: "look-a", args: {} } }] },
        { role: "model", parts: [{ functionCall: { id: "b", name: "look-b", args: {} } }] },
        {
          role: "user",
          parts: [
            { functionResponse: { id: "a", name: "look-a", response: { output: "1" } } },
            { functionResponse: { id: "b", name: "look-b", response: { output: "two" } } }
          ]
        },
        { role: "user", parts: [{ text: "go" }] }
      ]
    )
  })

  it("does not send back ids that the vendor never gave, and keeps words that are no arguments", () => {
    const id = "gemini-call-r1-0"
    const messages: ChatRequest["messages"] = [
      message("user", "hi"),
      {
        role: "assistant",
        parts: [
          { _tag: "ToolCall", id, name: "look", arguments: "" },
          { _tag: "ToolCall", id: "c1", name: "look", arguments: "[1, 2" }
        ]
      },
      result(id, "[]")
    ]
    assert.deepStrictEqual(contents(messages), [
      ...hi,
      {
        role: "model",
        parts: [
          { functionCall: { name: "look", args: {} } },
          { functionCall: { id: "c1", name: "look", args: { arguments: "[1, 2" } } }
        ]
      },
      { role: "user", parts: [{ functionResponse: { name: "look", response: { output: "[]" } } }] }
    ])
  })

  it("leaves out the marks of other wires, and reasoning of which nothing is left", () => {
    const messages: ChatRequest["messages"] = [
      message("user", "hi"),
      {
        role: "assistant",
        parts: [
          { _tag: "Reasoning", text: "so", signature: '{"type":"reasoning.text"}' },
          { _tag: "Reasoning", text: "thus", id: "rs_1", signature: "abcd" },
          { _tag: "Reasoning", text: "", signature: "abcd", redacted: true }
        ]
      },
      { role: "assistant", parts: [{ _tag: "Reasoning", text: "" }] }
    ]
    assert.deepStrictEqual(contents(messages), [
      ...hi,
      {
        role: "model",
        parts: [
          { text: "so", thought: true },
          { text: "thus", thought: true }
        ]
      }
    ])
  })

  it("excuses the first unsigned call of the present turn where signatures are wanted", () => {
    const two: Message = {
      role: "assistant",
      parts: [
        { _tag: "ToolCall", id: "a", name: "x", arguments: "{}" },
        { _tag: "ToolCall", id: "b", name: "x", arguments: "{}" }
      ]
    }
    const signatures = (model: string, ...messages: ReadonlyArray<Message>) =>
      JSON.stringify(contents([message("user", "hi"), ...messages], model)).match(/"thoughtSignature":"[^"]*"/g)
    const excuse = '"thoughtSignature":"skip_thought_signature_validator"'
    assert.deepStrictEqual(signatures("gemini-3-pro-preview", two, result("a", "1")), [excuse])
    assert.deepStrictEqual(signatures("gemini-3-pro-preview", call("a", "c2ln"), result("a", "1")), [
      '"thoughtSignature":"c2ln"'
    ])
    assert.deepStrictEqual(signatures("gemini-3-pro-preview", call("a", '{"of":"another wire"}')), [excuse])
    assert.isNull(signatures("gemini-2.5-pro", two, result("a", "1")))
    assert.isNull(signatures("gemini-3-pro-preview", two, result("a", "1"), message("user", "and now?")))
  })

  it("lets the system speak as the user where it is alone or has no place", () => {
    assert.deepStrictEqual(sent({ messages: [message("system", "hi")] }), { contents: hi })
    assert.deepStrictEqual(sent({ messages: [message("system", "be brief"), ...asked.messages] }, "gemma-3-27b-it"), {
      contents: [{ role: "user", parts: [{ text: "be brief" }] }, ...hi]
    })
  })

  it("spells tools and their choice", () => {
    const parameters = { type: "object", properties: { where: { type: "string" } } }
    const tools = [
      { name: "look", description: "looks", parameters },
      { name: "hear", parameters: {} }
    ] as const
    assert.deepStrictEqual(sent({ tools, toolChoice: { name: "look" } }), {
      contents: hi,
      tools: [
        {
          functionDeclarations: [
            { name: "look", description: "looks", parametersJsonSchema: parameters },
            { name: "hear", parametersJsonSchema: {} }
          ]
        }
      ],
      toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["look"] } }
    })
    for (const [choice, mode] of [
      ["auto", "AUTO"],
      ["none", "NONE"],
      ["required", "ANY"]
    ] as const)
      assert.deepStrictEqual(sent({ toolChoice: choice }).toolConfig, { functionCallingConfig: { mode } })
  })

  it("spells sampling and an answer's schema", () => {
    const schema = { type: "object", properties: { hue: { type: "string" } } }
    const request: Partial<ChatRequest> = {
      temperature: 0,
      topP: 0.9,
      topK: 4,
      presencePenalty: 0.5,
      frequencyPenalty: -0.5,
      maxTokens: 10,
      seed: 7,
      stop: ["\n"],
      responseSchema: { name: "sky", schema }
    }
    const common = {
      temperature: 0,
      topP: 0.9,
      topK: 4,
      maxOutputTokens: 10,
      seed: 7,
      stopSequences: ["\n"],
      responseMimeType: "application/json",
      responseJsonSchema: schema
    }
    const penalties = { presencePenalty: 0.5, frequencyPenalty: -0.5 }
    assert.deepStrictEqual(sent(request).generationConfig, common)
    assert.deepStrictEqual(sent(request, "models/gemini-3-flash-preview").generationConfig, { ...common, ...penalties })
    assert.deepStrictEqual(sent(request, "gemini-2.5-flash", vertex).generationConfig, { ...common, ...penalties })
  })

  const efforts: ReadonlyArray<
    readonly [string, NonNullable<ChatRequest["reasoningEffort"]>, Schema.Json | undefined]
  > = [
    ["gemini-2.5-flash", "none", { thinkingBudget: 0 }],
    ["gemini-2.5-flash-lite", "minimal", { thinkingBudget: 512, includeThoughts: true }],
    ["gemini-2.5-pro", "none", { thinkingBudget: 128 }],
    ["models/gemini-2.5-pro", "max", { thinkingBudget: 32_768, includeThoughts: true }],
    ["gemini-3-pro-preview", "medium", { thinkingLevel: "high", includeThoughts: true }],
    ["gemini-3.1-pro-preview", "medium", { thinkingLevel: "medium", includeThoughts: true }],
    ["gemini-3.6-flash", "none", { thinkingLevel: "minimal" }],
    ["gemini-3.8-flash", "minimal", { thinkingLevel: "low", includeThoughts: true }],
    ["gemini-4-hydrogen", "max", { thinkingLevel: "xhigh", includeThoughts: true }],
    ["gemini-flash-latest", "max", { thinkingLevel: "high", includeThoughts: true }],
    ["gemini-2.0-flash", "high", undefined],
    ["gemini-2.5-flash-image", "high", undefined],
    ["endpoints/123", "high", undefined]
  ]
  for (const [model, effort, thinkingConfig] of efforts) {
    it(`asks ${model} for ${effort} effort by ${JSON.stringify(thinkingConfig)}`, () => {
      const { generationConfig } = sent({ reasoningEffort: effort }, model)
      assert.deepStrictEqual(generationConfig, thinkingConfig === undefined ? undefined : { thinkingConfig })
    })
  }

  it("lets the vendor's own options have the last word, field by field", () => {
    const body = sent({
      temperature: 0,
      topP: 0.5,
      tools: [{ name: "look", parameters: {} }],
      providerOptions: {
        generationConfig: { topP: 1, thinkingConfig: { includeThoughts: true } },
        safetySettings: [{ category: "x" }],
        tools: [{ googleSearch: {} }],
        cachedContent: "cachedContents/x"
      }
    })
    assert.deepStrictEqual(body, {
      contents: hi,
      tools: [{ functionDeclarations: [{ name: "look", parametersJsonSchema: {} }] }, { googleSearch: {} }],
      generationConfig: { temperature: 0, topP: 1, thinkingConfig: { includeThoughts: true } },
      safetySettings: [{ category: "x" }],
      cachedContent: "cachedContents/x"
    })
    assert.deepStrictEqual(sent({ providerOptions: { tools: [{ googleSearch: {} }] } }).tools, [{ googleSearch: {} }])
  })
})
