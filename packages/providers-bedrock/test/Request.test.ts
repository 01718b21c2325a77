import type { ChatRequest } from "@consortium/core/ChatModel"
import { type ImagePart, message } from "@consortium/core/Prompt"
import { assert, describe, it } from "@effect/vitest"
import type * as Schema from "effect/Schema"
import { familyOf } from "../src/Family.js"
import * as Request from "../src/Request.js"

const claude = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
const bodyOf = (more: Partial<ChatRequest>, model = claude) =>
  Request.body({ messages: [message("user", "hi")], ...more }, familyOf(model))
const said = (parts: ChatRequest["messages"], model = claude) => Request.body({ messages: parts }, familyOf(model))
const look = { name: "look", description: "Looks.", parameters: { type: "object" } } as const
const schema = { type: "object", properties: { is: { type: "string" } } }
const form = { name: "the answer", schema } as const

describe("a conversation", () => {
  it("has its system on top, takes turns, and keeps no empty text", () => {
    assert.deepStrictEqual(
      said([
        message("system", "Be brief."),
        message("user", "a"),
        message("system", "Be kind."),
        message("user", "b"),
        message("assistant", " \n"),
        message("assistant", "c \n")
      ]),
      {
        system: [{ text: "Be brief." }, { text: "Be kind." }],
        messages: [
          { role: "user", content: [{ text: "a" }, { text: "b" }] },
          { role: "assistant", content: [{ text: "c" }] }
        ]
      }
    )
  })

  it("carries pictures by bytes and out of S3", () => {
    const image = (source: ImagePart["source"]): ImagePart => ({ _tag: "Image", source })
    const body = said([
      {
        role: "user",
        parts: [
          image({ _tag: "Base64", mediaType: "image/jpg", data: "AA==" }),
          image({ _tag: "Url", url: "data:image/webp;base64,AQ==" }),
          image({ _tag: "Url", url: "s3://bucket/a.png" })
        ]
      }
    ])
    assert.deepStrictEqual(body.messages, [
      {
        role: "user",
        content: [
          { image: { format: "jpeg", source: { bytes: "AA==" } } },
          { image: { format: "webp", source: { bytes: "AQ==" } } },
          { image: { format: "png", source: { s3Location: { uri: "s3://bucket/a.png" } } } }
        ]
      }
    ])
  })

  const talk: ChatRequest["messages"] = [
    message("user", "look"),
    {
      role: "assistant",
      parts: [
        { _tag: "Reasoning", text: "hm", signature: "sig" },
        { _tag: "Reasoning", text: "", signature: "c2Vh", redacted: true },
        { _tag: "Reasoning", text: "unsigned" },
        { _tag: "Reasoning", text: "OpenAI's", id: "rs_1", signature: "x" },
        { _tag: "ToolCall", id: "call:1", name: "look", arguments: '{"at":1}' },
        { _tag: "ToolCall", id: "call:2", name: "look", arguments: "no json" }
      ]
    },
    {
      role: "tool",
      parts: [
        { _tag: "ToolResult", id: "call:1", text: "blue", isError: false },
        { _tag: "ToolResult", id: "call:2", text: "", isError: true }
      ]
    }
  ]

  it("carries calls, their results and signed thinking, and offers the tools that it speaks of", () => {
    assert.deepStrictEqual(said(talk), {
      messages: [
        { role: "user", content: [{ text: "look" }] },
        {
          role: "assistant",
          content: [
            { reasoningContent: { reasoningText: { text: "hm", signature: "sig" } } },
            { reasoningContent: { redactedContent: "c2Vh" } },
            { toolUse: { toolUseId: "call_1", name: "look", input: { at: 1 } } },
            { toolUse: { toolUseId: "call_2", name: "look", input: { arguments: "no json" } } }
          ]
        },
        {
          role: "user",
          content: [
            { toolResult: { toolUseId: "call_1", content: [{ text: "blue" }], status: "success" } },
            { toolResult: { toolUseId: "call_2", content: [], status: "error" } }
          ]
        }
      ],
      toolConfig: { tools: [{ toolSpec: { name: "look", inputSchema: { json: { type: "object" } } } }] }
    })
  })

  it("has ids of nine letters for Mistral's models, and no status where none is taken", () => {
    const { messages } = said(talk, "mistral.mistral-large-2407-v1:0")
    const written = JSON.stringify(messages)
    assert.strictEqual(written.match(/"call00000"/g)?.length, 2)
    assert.strictEqual(written.match(/"call00001"/g)?.length, 2)
    assert.notInclude(written, "status")
  })

  it("has cache points where the model takes them", () => {
    const marked: ChatRequest = {
      messages: [{ role: "user", parts: [{ _tag: "Text", text: "long", cache: "long" }] }],
      tools: [{ ...look, cache: "short" }]
    }
    const pointed = (model: string) => {
      const { messages, toolConfig } = Request.body(marked, familyOf(model))
      return JSON.stringify([messages, toolConfig]).match(/\{"cachePoint":\{[^}]*\}\}/g)
    }
    assert.deepStrictEqual(pointed(claude), [
      '{"cachePoint":{"type":"default","ttl":"1h"}}',
      '{"cachePoint":{"type":"default"}}'
    ])
    assert.deepStrictEqual(pointed("us.anthropic.claude-3-7-sonnet-20250219-v1:0"), [
      '{"cachePoint":{"type":"default"}}',
      '{"cachePoint":{"type":"default"}}'
    ])
    assert.deepStrictEqual(pointed("us.amazon.nova-lite-v1:0"), ['{"cachePoint":{"type":"default"}}'])
    assert.isNull(pointed("meta.llama3-1-8b-instruct-v1:0"))
  })
})

describe("tools", () => {
  const choices: ReadonlyArray<readonly [string, ChatRequest["toolChoice"] & {}, Schema.Json]> = [
    [claude, "auto", { auto: {} }],
    [claude, "required", { any: {} }],
    [claude, { name: "look" }, { tool: { name: "look" } }],
    ["mistral.mistral-large-2407-v1:0", { name: "look" }, { any: {} }],
    ["meta.llama3-1-8b-instruct-v1:0", "required", { auto: {} }]
  ]
  for (const [model, toolChoice, wanted] of choices) {
    it(`are chosen by ${JSON.stringify(toolChoice)} from ${model}`, () => {
      assert.deepStrictEqual(bodyOf({ tools: [look], toolChoice }, model).toolConfig, {
        tools: [{ toolSpec: { name: "look", description: "Looks.", inputSchema: { json: { type: "object" } } } }],
        toolChoice: wanted
      })
    })
  }

  it("that must not be called are not shown", () => {
    assert.notProperty(bodyOf({ tools: [look], toolChoice: "none" }), "toolConfig")
  })
})

describe("a schema", () => {
  it("is the output's format, closed and as a text", () => {
    assert.deepStrictEqual(bodyOf({ responseSchema: form }).outputConfig, {
      textFormat: {
        type: "json_schema",
        structure: {
          jsonSchema: { schema: JSON.stringify({ ...schema, additionalProperties: false }), name: "the_answer" }
        }
      }
    })
  })

  it("is a tool that has to be called, beside others", () => {
    const asked = { toolSpec: { name: "the_answer", description: "Gives the answer.", inputSchema: { json: schema } } }
    const nova = "us.amazon.nova-lite-v1:0"
    assert.deepStrictEqual(bodyOf({ responseSchema: form }, nova).toolConfig, {
      tools: [asked],
      toolChoice: { tool: { name: "the_answer" } }
    })
    const both = bodyOf({ responseSchema: form, tools: [look] }, nova).toolConfig
    assert.deepInclude(both, { toolChoice: { any: {} } })
  })

  it("is said in words to others", () => {
    const { system } = bodyOf({ responseSchema: form }, "meta.llama3-1-8b-instruct-v1:0")
    assert.include(JSON.stringify(system), "JSON Schema")
  })
})

describe("sampling and thinking", () => {
  const sampling = { temperature: 0.5, topP: 0.9, topK: 7, maxTokens: 2000, stop: ["x"], seed: 1 } as const

  it("stand where Claude takes them", () => {
    assert.deepStrictEqual(bodyOf(sampling, "anthropic.claude-3-5-sonnet-20240620-v1:0"), {
      messages: [{ role: "user", content: [{ text: "hi" }] }],
      inferenceConfig: { maxTokens: 2000, temperature: 0.5, topP: 0.9, stopSequences: ["x"] },
      additionalModelRequestFields: { top_k: 7 }
    })
  })

  it("ask Claude for a budget, which fits into the answer, or for an effort", () => {
    assert.deepInclude(bodyOf({ reasoningEffort: "low" }), {
      inferenceConfig: { maxTokens: 18_432 },
      additionalModelRequestFields: { thinking: { type: "enabled", budget_tokens: 2048 } }
    })
    assert.deepInclude(bodyOf({ reasoningEffort: "high", temperature: 1 }, "anthropic.claude-opus-4-8"), {
      additionalModelRequestFields: {
        thinking: { type: "adaptive", display: "summarized" },
        output_config: { effort: "high" }
      }
    })
    assert.notProperty(bodyOf({ reasoningEffort: "high" }, "anthropic.claude-opus-4-8"), "inferenceConfig")
  })

  it("ask other models in their own fields, and keep from them what they refuse", () => {
    const fields = (model: string, more: Partial<ChatRequest> = {}) => {
      const { additionalModelRequestFields, inferenceConfig } = bodyOf({ ...sampling, ...more }, model)
      return [inferenceConfig, additionalModelRequestFields]
    }
    assert.deepStrictEqual(fields("openai.gpt-oss-120b-1:0", { reasoningEffort: "max" }), [
      { maxTokens: 2000, temperature: 0.5, topP: 0.9 },
      { reasoning_effort: "high" }
    ])
    assert.deepStrictEqual(fields("us.openai.gpt-5.6-luna", { reasoningEffort: "none" }), [
      { maxTokens: 2000 },
      { reasoning: { effort: "low" } }
    ])
    assert.deepStrictEqual(fields("us.amazon.nova-lite-v1:0", { reasoningEffort: "low" }), [
      { maxTokens: 2000, temperature: 0.5, topP: 0.9, stopSequences: ["x"] },
      { inferenceConfig: { topK: 7 } }
    ])
    assert.deepStrictEqual(fields("us.amazon.nova-2-lite-v1:0", { reasoningEffort: "high" }), [
      { stopSequences: ["x"] },
      {
        reasoningConfig: { type: "enabled", maxReasoningEffort: "high" },
        inferenceConfig: { topK: 7 }
      }
    ])
    assert.deepStrictEqual(fields("us.amazon.nova-2-lite-v1:0", { reasoningEffort: "none" })[1], {
      reasoningConfig: { type: "disabled" },
      inferenceConfig: { topK: 7 }
    })
  })
})

describe("the vendor's own options", () => {
  it("have the last word, field by field, and join their tools", () => {
    const body = bodyOf({
      temperature: 0.2,
      maxTokens: 9,
      tools: [look],
      providerOptions: {
        inferenceConfig: { maxTokens: 5 },
        additionalModelRequestFields: { top_k: 3 },
        toolConfig: { tools: [{ systemTool: { name: "nova_grounding" } }] },
        guardrailConfig: { guardrailIdentifier: "g", guardrailVersion: "1" }
      }
    })
    assert.deepInclude(body, {
      inferenceConfig: { maxTokens: 5, temperature: 0.2 },
      additionalModelRequestFields: { top_k: 3 },
      guardrailConfig: { guardrailIdentifier: "g", guardrailVersion: "1" }
    })
    assert.include(JSON.stringify(body.toolConfig), '"look"')
    assert.include(JSON.stringify(body.toolConfig), '{"systemTool":{"name":"nova_grounding"}}')
  })
})

describe("families", () => {
  it("are found in profiles and ARNs", () => {
    const names = [
      "anthropic.claude-opus-4-8",
      "eu.anthropic.claude-opus-4-8",
      "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-opus-4-8"
    ]
    for (const name of names) assert.strictEqual(familyOf(name).claude?.thinking, "effort")
    assert.strictEqual(familyOf("arn:aws:bedrock:us-east-1:1:provisioned-model/abc").schema, "words")
    assert.strictEqual(familyOf("qwen.qwen3-32b-v1:0").schema, "format")
    assert.strictEqual(familyOf("anthropic.claude-haiku-4-5-20251001-v1:0").schema, "tool")
    assert.strictEqual(familyOf("anthropic.claude-3-haiku-20240307-v1:0").cache, "none")
    for (const hours of ["anthropic.claude-opus-4-5-20251101-v1:0", "anthropic.claude-opus-4-8"])
      assert.isTrue(familyOf(hours).cachesHour)
    for (const minutes of ["anthropic.claude-opus-4-20250514-v1:0", "anthropic.claude-opus-4-1-20250805-v1:0"])
      assert.isFalse(familyOf(minutes).cachesHour)
  })
})
