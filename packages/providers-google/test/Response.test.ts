import type { StreamPart } from "@consortium/core/ChatModel"
import * as Completion from "@consortium/core/Completion"
import { assert, describe, it } from "@effect/vitest"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Request from "../src/Request.js"
import * as Response from "../src/Response.js"
import { google } from "../src/vendors/google.js"

const run = (bodies: ReadonlyArray<unknown>) => {
  const draft = new Response.Draft()
  const said: Array<StreamPart> = []
  for (const json of bodies) {
    const body = Response.decode(json)
    if (body === undefined) throw new Error(`not decoded: ${JSON.stringify(json)}`)
    said.push(...draft.add(body))
  }
  said.push(...draft.end())
  return { said, completion: draft.completion("asked", {}), draft }
}
const chunk = (parts: ReadonlyArray<object>, more: object = {}) => ({ candidates: [{ content: { parts } }], ...more })
const finished = (finishReason: unknown, parts: ReadonlyArray<object> = []) =>
  run([{ candidates: [{ content: { parts }, finishReason }] }]).completion.finish
/** The parts of the message that an answer becomes in the next request. */
const sentBack = ({ parts: [first, ...rest] }: Completion.Completion): ReadonlyArray<object> => {
  if (first === undefined) return []
  const { contents } = Request.body(
    { messages: [{ role: "assistant", parts: [first, ...rest] }] },
    google,
    "gemini-2.5-pro"
  )
  const [content] = Array.isArray(contents) ? contents : []
  return Predicate.isObject(content) && Array.isArray(content.parts) ? content.parts.filter(Predicate.isObject) : []
}
const counted = (usageMetadata: unknown) => run([{ usageMetadata }]).completion.usage

describe("Response", () => {
  it("tolerates what the vendor leaves out, and other types than the wire's", () => {
    for (const json of [
      chunk([{ text: "a" }]),
      {
        responseId: null,
        modelVersion: 3,
        promptFeedback: null,
        usageMetadata: [],
        candidates: [
          { index: null, finishReason: null, content: { parts: [{ text: "a", thought: null }, { text: 4 }] } }
        ]
      }
    ])
      assert.deepStrictEqual(run([json]).completion, {
        parts: [{ _tag: "Text", text: "a" }],
        finish: { kind: "unknown", raw: null },
        usage: {},
        model: "asked"
      })
    for (const json of [null, 3, [], { candidates: {} }, { candidates: [3] }]) assert.isUndefined(Response.decode(json))
    assert.deepStrictEqual(run([{ candidates: [{ content: {}, finishReason: "STOP" }] }]).completion.parts, [])
  })

  it("names what the vendor named", () => {
    const { completion } = run([chunk([], { responseId: "r1", modelVersion: "m-1" }), chunk([], { responseId: "r2" })])
    assert.strictEqual(completion.id, "r1")
    assert.strictEqual(completion.model, "m-1")
  })

  it("keeps signatures at the parts that they came with", () => {
    const { completion, said } = run([
      chunk([{ text: "so", thought: true }]),
      chunk([{ text: " then", thought: true, thoughtSignature: "s1" }]),
      chunk([{ text: "Bl" }]),
      chunk([{ text: "ue" }]),
      chunk([{ text: "", thoughtSignature: "s2" }]),
      chunk([{ text: "." }, { text: "" }]),
      chunk([{ functionCall: { id: "c1", name: "look", args: { at: 1 } }, thoughtSignature: "s3" }])
    ])
    assert.deepStrictEqual(completion.parts, [
      { _tag: "Reasoning", text: "so" },
      { _tag: "Reasoning", text: " then", signature: "s1" },
      { _tag: "Text", text: "Blue" },
      { _tag: "Text", text: "", signature: "s2" },
      { _tag: "Text", text: "." },
      { _tag: "ToolCall", id: "c1", name: "look", arguments: '{"at":1}', signature: "s3" }
    ])
    assert.deepStrictEqual(
      said.map((part) => ("delta" in part ? [part._tag, part.delta] : part)),
      [
        ["Reasoning", "so"],
        ["Reasoning", " then"],
        ["Text", "Bl"],
        ["Text", "ue"],
        ["Text", "."],
        ["ToolCall", '{"at":1}']
      ]
    )
    assert.strictEqual(Completion.text(completion), "Blue.")
    assert.strictEqual(Completion.reasoning(completion), "so\n then")
  })

  it("gives calls without an id one of its own, other for each call of a conversation", () => {
    const calls = [{ functionCall: { name: "look" } }, { functionCall: { name: "look", args: {} } }]
    const ids = ["r1", "r2"].flatMap((responseId) =>
      run([chunk(calls, { responseId })]).completion.parts.map((part) => (part._tag === "ToolCall" ? part.id : part))
    )
    assert.deepStrictEqual(ids, ["gemini-call-r1-0", "gemini-call-r1-1", "gemini-call-r2-0", "gemini-call-r2-1"])
  })

  it("leaves out calls without a name, and parts that it has no word for", () => {
    const parts = [
      { functionCall: {} },
      { executableCode: { code: "1" } },
      { inlineData: { data: "AAAA" }, thoughtSignature: "c2ln" }
    ]
    assert.deepStrictEqual(run([chunk(parts)]).completion.parts, [])
  })

  const streamedCall = (...pieces: ReadonlyArray<object>) =>
    run([
      chunk([{ functionCall: { id: "c1", name: "look", willContinue: true }, thoughtSignature: "c2ln" }]),
      ...pieces.map((piece) => chunk([{ functionCall: piece }]))
    ])

  it("puts arguments together that come in pieces", () => {
    const text = (jsonPath: string, stringValue: string) => ({ jsonPath, stringValue })
    const { completion, said } = streamedCall(
      { partialArgs: [text("$.at", "sk"), text("$.list[0].a", "x")], willContinue: true },
      { partialArgs: [text("$.at", "y"), { jsonPath: "$.list[1]", numberValue: 4 }], willContinue: true },
      {
        partialArgs: [
          text("$['it\\'s']", "?"),
          { jsonPath: '$["no"]', boolValue: false },
          { jsonPath: "$.nil", nullValue: "NULL_VALUE" }
        ],
        willContinue: true
      },
      {},
      { partialArgs: [text("$.at", "too late")] }
    )
    const written = '{"at":"sky","list":[{"a":"x"},4],"it\'s":"?","no":false,"nil":null}'
    assert.deepStrictEqual(completion.parts, [
      { _tag: "ToolCall", id: "c1", name: "look", arguments: written, signature: "c2ln" }
    ])
    assert.deepStrictEqual(said, [
      { _tag: "ToolCall", index: 0, id: "c1", name: "look", delta: "" },
      { _tag: "ToolCall", index: 0, delta: written }
    ])
  })

  it("ends a call in pieces with the next call, and with the answer", () => {
    const piece = { partialArgs: [{ jsonPath: "$.a", stringValue: "1", willContinue: true }] }
    const { completion } = streamedCall(
      piece,
      { name: "hear", args: { b: 2 } },
      { name: "look", willContinue: true },
      piece
    )
    assert.deepStrictEqual(
      completion.parts.map((part) => (part._tag === "ToolCall" ? [part.name, part.arguments] : part)),
      [
        ["look", '{"a":"1"}'],
        ["hear", '{"b":2}'],
        ["look", '{"a":"1"}']
      ]
    )
  })

  it("leaves out pieces that fit nowhere, however large their place would be", () => {
    const paths = ["$.list[4000000000]", "a", "$", "$.a..b", "$[0]", `$${".a".repeat(100_000)}`, "$.a[x]"]
    const { completion } = streamedCall({
      partialArgs: [
        ...paths.map((jsonPath) => ({ jsonPath, stringValue: "x" })),
        { jsonPath: "$.b" },
        { jsonPath: "$.__proto__.c", numberValue: 1 }
      ]
    })
    const [part] = completion.parts
    assert.strictEqual(part?._tag === "ToolCall" ? part.arguments : part, '{"list":[],"__proto__":{"c":1}}')
  })

  it("reads the first of several candidates", () => {
    const candidates = [
      { index: 1, content: { parts: [{ text: "other" }] } },
      { index: 0, content: { parts: [{ text: "first" }] } }
    ]
    assert.strictEqual(Completion.text(run([{ candidates }]).completion), "first")
    assert.isTrue(run([{ candidates: [{ index: 1 }] }]).draft.isEmpty)
  })

  const call = { functionCall: { name: "look" } }
  const finishes: ReadonlyArray<readonly [unknown, ReadonlyArray<object>, Completion.Finish]> = [
    ["STOP", [], { kind: "stop", raw: "STOP" }],
    ["STOP", [call], { kind: "tool-calls", raw: "STOP" }],
    [1, [], { kind: "stop", raw: "STOP" }],
    [2, [], { kind: "length", raw: "MAX_TOKENS" }],
    [77, [], { kind: "other", raw: "77" }],
    ["MAX_TOKENS", [call], { kind: "length", raw: "MAX_TOKENS" }],
    ["SAFETY", [], { kind: "content-filter", raw: "SAFETY" }],
    ["RECITATION", [], { kind: "content-filter", raw: "RECITATION" }],
    ["PROHIBITED_CONTENT", [], { kind: "content-filter", raw: "PROHIBITED_CONTENT" }],
    ["MALFORMED_FUNCTION_CALL", [], { kind: "error", raw: "MALFORMED_FUNCTION_CALL" }],
    ["UNEXPECTED_TOOL_CALL", [call], { kind: "error", raw: "UNEXPECTED_TOOL_CALL" }],
    ["LANGUAGE", [], { kind: "other", raw: "LANGUAGE" }],
    ["toString", [], { kind: "other", raw: "toString" }],
    ["FINISH_REASON_UNSPECIFIED", [], { kind: "unknown", raw: null }]
  ]
  for (const [word, parts, finish] of finishes) {
    it(`finishes by ${String(word)} after ${parts.length} calls as ${finish.kind}`, () => {
      assert.deepStrictEqual(finished(word, parts), finish)
    })
  }

  it("makes usage comparable", () => {
    assert.deepStrictEqual(
      counted({
        promptTokenCount: 21,
        toolUsePromptTokenCount: 74,
        cachedContentTokenCount: 20,
        candidatesTokenCount: 27,
        thoughtsTokenCount: 278,
        totalTokenCount: 400
      }),
      { inputTokens: 95, cacheReadTokens: 20, outputTokens: 305, reasoningTokens: 278 }
    )
    assert.deepStrictEqual(counted({ promptTokenCount: 5, totalTokenCount: 9, thoughtsTokenCount: 4 }), {
      inputTokens: 5,
      outputTokens: 4,
      reasoningTokens: 4
    })
    assert.deepStrictEqual(counted({ promptTokenCount: 5, totalTokenCount: 5 }), { inputTokens: 5, outputTokens: 0 })
    assert.deepStrictEqual(counted({ promptTokenCount: 5, cachedContentTokenCount: 9 }), {
      inputTokens: 5,
      cacheReadTokens: 5
    })
    assert.deepStrictEqual(counted({ promptTokenCount: -1, candidatesTokenCount: "3", totalTokenCount: 3 }), {})
  })

  it("takes the last usage of a stream", () => {
    const usageMetadata = (candidatesTokenCount: number) => ({
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount }
    })
    assert.strictEqual(run([usageMetadata(1), usageMetadata(9), {}]).completion.usage.outputTokens, 9)
  })

  it("sends back what it read", () => {
    const parts = [
      { text: "so", thought: true, thoughtSignature: "c2ln" },
      { text: "Blue" },
      { text: "", thoughtSignature: "YQ==" },
      { functionCall: { id: "c1", name: "look", args: { at: 1 } }, thoughtSignature: "_-0" }
    ]
    assert.deepStrictEqual(sentBack(run([chunk(parts)]).completion), parts)
  })

  const word = Schema.Literals(["a", "b ", "蓝", "🦉"])
  const signature = Schema.Literals(["c2ln", "YQ==", "_-0"])
  const marked = { thoughtSignature: Schema.optionalKey(signature) }
  const Part = Schema.Union([
    Schema.Struct({ text: word, ...marked }),
    Schema.Struct({ text: word, thought: Schema.Literal(true), ...marked }),
    Schema.Struct({ text: Schema.Literal(""), thoughtSignature: signature }),
    Schema.Struct({
      functionCall: Schema.Struct({ id: word, name: word, args: Schema.Record(word, word) }),
      ...marked
    })
  ])
  const Parts = { parts: Schema.NonEmptyArray(Part) }

  it.prop("gives signed parts back to the letter, and reads what it sent as what it was", Parts, ({ parts }) => {
    const { completion } = run([chunk(parts)])
    const sent = sentBack(completion)
    const isSigned = (part: object): boolean => "thoughtSignature" in part
    assert.deepStrictEqual(sent.filter(isSigned), parts.filter(isSigned))
    assert.deepStrictEqual(run([chunk(sent)]).completion, completion)
  })

  it.prop("makes the same of an answer, whole or in pieces", Parts, ({ parts }) => {
    const pieces = run(parts.map((part) => chunk([part])))
    const { completion, said } = run([chunk(parts)])
    assert.deepStrictEqual(pieces.completion, completion)
    assert.deepStrictEqual(pieces.said, said)
    const texts = said.map((part) => (part._tag === "Text" ? part.delta : ""))
    assert.strictEqual(texts.join(""), Completion.text(completion))
  })
})
