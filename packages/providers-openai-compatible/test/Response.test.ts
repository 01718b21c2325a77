import type { StreamPart } from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import * as CompletionModule from "@consortium/core/Completion"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Response from "../src/Response.js"
import { define, type Vendor } from "../src/Vendor.js"
import { vendors } from "../src/Vendors.js"

const plain = define({ id: "x", baseUrl: "http://x", baseUrlVariable: "X", apiKey: { variable: "K", optional: true } })

const run = (bodies: ReadonlyArray<unknown>, vendor: Vendor = plain, place: "message" | "delta" = "delta") => {
  const draft = new Response.Draft()
  const parts: Array<StreamPart> = []
  for (const json of bodies) {
    const body = Response.decode(json, place)
    if (body === undefined) throw new Error(`not decoded: ${JSON.stringify(json)}`)
    parts.push(...draft.add(body))
  }
  parts.push(...draft.end())
  return { parts, completion: draft.completion(vendor, "asked", {}), draft }
}

const whole = (message: object, more: object = {}, vendor: Vendor = plain): Completion =>
  run([{ choices: [{ message, finish_reason: "stop" }], ...more }], vendor).completion
const deltas = (...pieces: ReadonlyArray<object>) => run(pieces.map((delta) => ({ choices: [{ delta }] })))

describe("Response", () => {
  it("tolerates what vendors leave out, empty or null", () => {
    for (const json of [
      { choices: [{ message: { content: "a" } }] },
      {
        id: null,
        object: null,
        created: null,
        model: "",
        system_fingerprint: null,
        usage: null,
        choices: [
          {
            index: null,
            message: { content: "a", tool_calls: null, refusal: null, reasoning: null },
            finish_reason: null
          }
        ]
      },
      {
        choices: [{ message: { content: "a" }, logprobs: { strange: 1 } }],
        usage: { prompt_tokens: null, prompt_tokens_details: null }
      }
    ]) {
      assert.deepStrictEqual(run([json]).completion, {
        parts: [{ _tag: "Text", text: "a" }],
        finish: { kind: "unknown", raw: null },
        usage: {},
        model: "asked"
      })
    }
    assert.isUndefined(Response.decode("text", "delta"))
    assert.isUndefined(Response.decode({ choices: "none" }, "delta"))
  })

  it("reads reasoning from either field, from content parts and from a leading block", () => {
    const thought = [
      { _tag: "Reasoning", text: "hm" },
      { _tag: "Text", text: "yes" }
    ] as const
    assert.deepStrictEqual(whole({ content: "yes", reasoning_content: "hm" }).parts, thought)
    assert.deepStrictEqual(whole({ content: "yes", reasoning: "hm" }).parts, thought)
    assert.deepStrictEqual(whole({ content: "\n<think>\nhm\n</think>\n\nyes" }).parts, thought)
    const inParts = [
      { type: "thinking", thinking: [{ type: "text", text: "hm" }] },
      { type: "text", text: "yes" },
      { type: "reference", reference_ids: [1] }
    ]
    assert.deepStrictEqual(whole({ content: inParts }).parts, thought)
    assert.deepStrictEqual(whole({ content: "<think>never closed" }).parts, [
      { _tag: "Reasoning", text: "never closed" }
    ])
  })

  it("keeps reasoning details so that they can go back as they came, also from pieces", () => {
    const first = { type: "reasoning.text", text: "hm", format: "f-1", index: 0 }
    const sealed = { type: "reasoning.encrypted", data: "xyz", index: 1 }
    const expected = [
      {
        _tag: "Reasoning",
        text: "hm",
        signature: '{"type":"reasoning.text","format":"f-1","index":0,"signature":"s1"}'
      },
      {
        _tag: "Reasoning",
        text: "",
        signature: '{"type":"reasoning.encrypted","data":"xyz","index":1}',
        redacted: true
      },
      { _tag: "Text", text: "yes" }
    ] as const
    assert.deepStrictEqual(
      whole({ content: "yes", reasoning: "hm", reasoning_details: [{ ...first, signature: "s1" }, sealed] }).parts,
      expected
    )
    const streamed = deltas(
      { reasoning: "h", reasoning_details: [{ ...first, text: "h" }] },
      { reasoning: "m", reasoning_details: [{ type: "reasoning.text", text: "m", format: null, index: 0 }] },
      { reasoning_details: [{ type: "reasoning.text", signature: "s1", index: 0 }] },
      { reasoning_details: [{ ...sealed, data: "xy" }] },
      { reasoning_details: [{ ...sealed, data: "z" }] },
      { content: "yes" }
    )
    assert.deepStrictEqual(streamed.completion.parts, expected)
    assert.deepStrictEqual(
      streamed.parts.map((part) => (part._tag === "Done" ? "" : part.delta)),
      ["h", "m", "yes"]
    )
  })

  it("joins tool calls by index, by id, and in order where there is neither", () => {
    const byIndex = deltas(
      { tool_calls: [{ index: 1, id: "b", function: { name: "two", arguments: "" } }] },
      { tool_calls: [{ index: 0, id: "a", function: { name: "one", arguments: '{"x"' } }] },
      {
        tool_calls: [
          { index: 0, function: { arguments: ":1}" } },
          { index: 1, function: { arguments: "{}" } }
        ]
      }
    )
    const calls = [
      { _tag: "ToolCall", id: "a", name: "one", arguments: '{"x":1}' },
      { _tag: "ToolCall", id: "b", name: "two", arguments: "{}" }
    ] as const
    assert.deepStrictEqual(byIndex.completion.parts, calls)
    const byId = deltas(
      { tool_calls: [{ id: "a", function: { name: "one", arguments: '{"x"' } }] },
      { tool_calls: [{ function: { arguments: ":1}" } }] },
      { tool_calls: [{ id: "b", function: { name: "two", arguments: "{}" } }] }
    )
    assert.deepStrictEqual(byId.completion.parts, calls)
    const nameless = whole({ content: null, tool_calls: [{ function: { name: "one", arguments: { x: 1 } } }] })
    assert.deepStrictEqual(nameless.parts, [{ _tag: "ToolCall", id: "call_0", name: "one", arguments: '{"x":1}' }])
    assert.deepStrictEqual(nameless.finish, { kind: "tool-calls", raw: "stop" })
  })

  it("tells calls apart that share an index, and knows the call of old", () => {
    const shared = deltas(
      { tool_calls: [{ index: 0, id: "a", function: { name: "one", arguments: '{"x"' } }] },
      { tool_calls: [{ index: 0, id: "a", function: { arguments: ":1}" } }] },
      { tool_calls: [{ index: 0, id: "b", function: { name: "one", arguments: "{" } }] },
      { tool_calls: [{ index: 0, id: "chunk-9", function: { arguments: "}" } }] }
    )
    assert.deepStrictEqual(shared.completion.parts, [
      { _tag: "ToolCall", id: "a", name: "one", arguments: '{"x":1}' },
      { _tag: "ToolCall", id: "b", name: "one", arguments: "{}" }
    ])
    const old = { content: null, function_call: { name: "one", arguments: "{}" } }
    assert.deepStrictEqual(run([{ choices: [{ message: old, finish_reason: "function_call" }] }]).completion, {
      parts: [{ _tag: "ToolCall", id: "call_0", name: "one", arguments: "{}" }],
      finish: { kind: "tool-calls", raw: "function_call" },
      usage: {},
      model: "asked"
    })
    assert.deepStrictEqual(whole({ content: "a", function_call: { name: "", arguments: "" } }).parts, [
      { _tag: "Text", text: "a" }
    ])
  })

  it("keeps the answer's id, and reads past fields of a wrong type", () => {
    const strange = {
      id: "chatcmpl-1",
      model: 7,
      usage: [1],
      choices: [{ index: "0", message: { content: "second" } }, { message: { content: 5, tool_calls: { a: 1 } } }]
    }
    assert.deepStrictEqual(run([strange]).completion, {
      parts: [],
      finish: { kind: "unknown", raw: null },
      usage: {},
      model: "asked",
      id: "chatcmpl-1"
    })
    const chunks = [
      { id: "", choices: [] },
      { id: "chatcmpl-2", choices: [{ delta: { content: "a" } }] }
    ]
    assert.strictEqual(run(chunks).completion.id, "chatcmpl-2")
  })

  it("knows the words for an end, and keeps those that it does not know", () => {
    const finish = (raw: string | null) =>
      run([{ choices: [{ message: { content: "a" }, finish_reason: raw }] }]).completion.finish
    assert.deepStrictEqual(finish("eos"), { kind: "stop", raw: "eos" })
    assert.deepStrictEqual(finish("model_length"), { kind: "length", raw: "model_length" })
    assert.deepStrictEqual(finish("content_filter"), { kind: "content-filter", raw: "content_filter" })
    assert.deepStrictEqual(finish("MAX_TOKENS"), { kind: "length", raw: "MAX_TOKENS" })
    assert.deepStrictEqual(finish("toString"), { kind: "other", raw: "toString" })
    assert.deepStrictEqual(finish(""), { kind: "unknown", raw: null })
    assert.deepStrictEqual(whole({ content: null, refusal: "I can't" }), {
      parts: [{ _tag: "Text", text: "I can't" }],
      finish: { kind: "content-filter", raw: "stop" },
      usage: {},
      model: "asked"
    })
  })

  it("makes usage comparable and never lets a part exceed its whole", () => {
    const usage = (raw: object, vendor: Vendor = plain) => whole({ content: "a" }, { usage: raw }, vendor).usage
    assert.deepStrictEqual(
      usage({
        prompt_tokens: 10,
        completion_tokens: 5,
        prompt_tokens_details: { cached_tokens: 12, cache_write_tokens: 3 },
        completion_tokens_details: { reasoning_tokens: 7 },
        cost: 0.25
      }),
      { inputTokens: 10, cacheReadTokens: 10, cacheWriteTokens: 3, outputTokens: 5, reasoningTokens: 5 }
    )
    assert.strictEqual(usage({ cost: 0.25 }, vendors.openrouter).usd, 0.25)
    assert.deepStrictEqual(usage({ cost: { total: 1 } }, vendors.openrouter), {})
    assert.strictEqual(usage({ cost: { total_cost: 0.5 } }, vendors.perplexity).usd, 0.5)
    assert.strictEqual(usage({ cost_in_usd_ticks: 37_756_000 }, vendors.xai).usd, 0.0037756)
    assert.deepStrictEqual(usage({ completion_tokens: 4, reasoning_tokens: 3 }, vendors.perplexity), {
      outputTokens: 7,
      reasoningTokens: 3
    })
    const apart = define({ ...plain, outputExcludesReasoning: true })
    assert.deepStrictEqual(usage({ completion_tokens: 5, completion_tokens_details: { reasoning_tokens: 7 } }, apart), {
      outputTokens: 12,
      reasoningTokens: 7
    })
    assert.deepStrictEqual(usage({ prompt_tokens: 4, cached_tokens: 2 }), { inputTokens: 4, cacheReadTokens: 2 })
    assert.deepStrictEqual(usage({ prompt_tokens: 4, prompt_cache_hit_tokens: 3 }), {
      inputTokens: 4,
      cacheReadTokens: 3
    })
    assert.deepStrictEqual(usage({ prompt_tokens: -1, completion_tokens: "5" }), {})
    const inChunk = run([
      { choices: [{ delta: { content: "a" }, finish_reason: "stop" }], x_groq: { usage: { prompt_tokens: 3 } } }
    ])
    assert.deepStrictEqual(inChunk.completion.usage, { inputTokens: 3 })
    const inChoice = run([{ choices: [{ delta: { content: "a" }, usage: { completion_tokens: 3 } }] }])
    assert.deepStrictEqual(inChoice.completion.usage, { outputTokens: 3 })
  })

  it("finds an error that the answer itself states", () => {
    const body = Response.decode(
      { choices: [{ message: { content: "" }, error: { code: 502, message: "upstream" } }] },
      "message"
    )
    assert.deepStrictEqual(body === undefined ? undefined : Response.errorOf(body), {
      error: { code: 502, message: "upstream" }
    })
  })

  it("reads the message of a whole answer and the delta of a chunk, where both are there", () => {
    const both = (delta: string, message: string) => ({
      choices: [{ delta: { content: delta }, message: { content: message }, finish_reason: "stop" }]
    })
    assert.deepStrictEqual(run([both("", "all")], plain, "message").completion.parts, [{ _tag: "Text", text: "all" }])
    const chunks = [both("a", "a"), both("ll", "all")]
    assert.deepStrictEqual(run(chunks).completion.parts, [{ _tag: "Text", text: "all" }])
  })

  it("takes the first of several answers", () => {
    const two = {
      choices: [
        { index: 1, message: { content: "second" } },
        { index: 0, message: { content: "first" } }
      ]
    }
    assert.deepStrictEqual(run([two]).completion.parts, [{ _tag: "Text", text: "first" }])
  })

  const word = Arbitrary.schema(
    Schema.Literals(["<think>", "</think>", "<", "</", "think", ">", " ", "\n", "a", "ü", "<thi", "nk>"])
  )
  it.effect.prop(
    "a text cut anywhere is told apart like the whole text",
    [Arbitrary.array(word), Schema.Boolean],
    ([words, leads]) =>
      Effect.sync(() => {
        const text = (leads ? " <think>" : "") + words.join("")
        const streamed = deltas(...[...text].map((content) => ({ content })))
        const told = (tag: StreamPart["_tag"]) =>
          streamed.parts.flatMap((part) => (part._tag === tag && part._tag !== "Done" ? [part.delta] : [])).join("")
        const split = CompletionModule.splitThink(text)
        assert.strictEqual(told("Reasoning").trim(), split.reasoning)
        assert.strictEqual(told("Text"), split.text)
        assert.deepStrictEqual(
          streamed.completion.parts,
          run([{ choices: [{ message: { content: text } }] }]).completion.parts
        )
      }),
    { arbitrary: { runs: 500 } }
  )
})
