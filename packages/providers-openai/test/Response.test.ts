import type { StreamPart } from "@consortium/core/ChatModel"
import * as Completion from "@consortium/core/Completion"
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Arbitrary from "effect/Arbitrary"
import { Draft } from "../src/Response.js"
import { response } from "./responsesSpelling.js"

const whole = (fields: object) => {
  const draft = new Draft()
  assert.isDefined(draft.add(response(fields)))
  return draft.completion("m", {})
}

const streamed = (events: ReadonlyArray<object>) => {
  const draft = new Draft()
  const parts: Array<StreamPart> = []
  for (const event of events) parts.push(...(draft.add(event) ?? assert.fail(`refused: ${JSON.stringify(event)}`)))
  return { parts, completion: draft.completion("m", {}) }
}

const words = (parts: ReadonlyArray<StreamPart>, tag: "Text" | "Reasoning" | "ToolCall", index?: number) =>
  parts
    .filter((part) => part._tag !== "ToolCall" || index === undefined || part.index === index)
    .map((part) => (part._tag === tag ? part.delta : ""))
    .join("")

const text = (said: string) => ({ type: "message", id: "msg_1", content: [{ type: "output_text", text: said }] })
const call = (id: string, said: string) => ({
  type: "function_call",
  id: `fc_${id}`,
  call_id: id,
  name: "f",
  arguments: said
})
const added = (output_index: number, item: object) => ({ type: "response.output_item.added", output_index, item })
const done = (output_index: number, item: object) => ({ type: "response.output_item.done", output_index, item })
const delta = (kind: string, output_index: number, said: string, more: object = {}) => ({
  type: `response.${kind}.delta`,
  output_index,
  delta: said,
  ...more
})
const completed = (fields: object) => ({ type: "response.completed", response: response(fields) })

describe("Response", () => {
  const finishes: ReadonlyArray<readonly [object, Completion.Finish]> = [
    [{ output: [text("a")] }, { kind: "stop", raw: "completed" }],
    [{ output: [text("a"), call("c", "{}")] }, { kind: "tool-calls", raw: "completed" }],
    [
      { output: [text("a")], status: "incomplete", incomplete_details: { reason: "max_output_tokens" } },
      { kind: "length", raw: "max_output_tokens" }
    ],
    [
      { output: [], status: "incomplete", incomplete_details: { reason: "content_filter" } },
      { kind: "content-filter", raw: "content_filter" }
    ],
    [
      { output: [{ type: "message", content: [{ type: "refusal", refusal: "I won't." }] }] },
      { kind: "content-filter", raw: "completed" }
    ],
    [
      { status: "incomplete", incomplete_details: { reason: "synthetic" } },
      { kind: "other", raw: "synthetic" }
    ],
    [{ status: "cancelled" }, { kind: "other", raw: "cancelled" }],
    [{ status: null }, { kind: "unknown", raw: null }]
  ]
  for (const [fields, finish] of finishes) {
    it(`ends by ${finish.raw} as ${finish.kind}: ${JSON.stringify(fields)}`, () =>
      assert.deepStrictEqual(whole(fields).finish, finish))
  }

  it("counts tokens as they are, and no part as more than its whole", () => {
    const counts = (input: number, cached: number) => ({
      input_tokens: input,
      input_tokens_details: { cached_tokens: cached, cache_write_tokens: 3 },
      output_tokens: 20,
      output_tokens_details: { reasoning_tokens: 12 },
      total_tokens: input + 20
    })
    assert.deepStrictEqual(whole({ usage: counts(10, 4) }).usage, {
      inputTokens: 10,
      cacheReadTokens: 4,
      cacheWriteTokens: 3,
      outputTokens: 20,
      reasoningTokens: 12
    })
    assert.strictEqual(whole({ usage: counts(10, 40) }).usage.cacheReadTokens, 10)
    assert.deepStrictEqual(whole({ usage: null }).usage, {})
    assert.deepStrictEqual(whole({ usage: { input_tokens: "7", output_tokens: -1 } }).usage, {})
  })

  it("keeps the order of parts, and skips what it does not know", () => {
    const output = [
      { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "gAAAAx" },
      { type: "web_search_call", id: "ws_1", status: "completed", action: { type: "search" } },
      { type: "message", phase: "commentary", content: [{ type: "output_text", text: "a" }, { type: "new" }, null] },
      call("call_1", "{}"),
      null,
      {
        type: "reasoning",
        id: "rs_2",
        summary: [
          { type: "summary_text", text: "b" },
          { type: "summary_text", text: "c" }
        ],
        content: [{ type: "reasoning_text", text: "d" }],
        encrypted_content: "gAAAAy"
      },
      { type: "reasoning", id: "rs_3", summary: [] },
      {
        type: "message",
        content: [
          { type: "output_text", text: "e" },
          { type: "refusal", refusal: "f" }
        ]
      }
    ]
    assert.deepStrictEqual(whole({ output }).parts, [
      { _tag: "Reasoning", text: "", id: "rs_1", signature: "gAAAAx", redacted: true },
      { _tag: "Text", text: "a", signature: '{"phase":"commentary"}' },
      { _tag: "ToolCall", id: "call_1", name: "f", arguments: "{}" },
      { _tag: "Reasoning", text: "b", id: "rs_2" },
      { _tag: "Reasoning", text: "c", id: "rs_2" },
      { _tag: "Reasoning", text: "d", id: "rs_2", signature: "gAAAAy" },
      { _tag: "Text", text: "e" },
      { _tag: "Text", text: "f" }
    ])
  })

  it("tells parallel calls apart, however their pieces are mixed", () => {
    const output = [call("call_a", '{"x":1}'), call("call_b", '{"y":2}')]
    const { completion, parts } = streamed([
      { type: "response.created", response: response({ status: "in_progress" }) },
      added(0, call("call_a", "")),
      added(1, call("call_b", "")),
      delta("function_call_arguments", 1, '{"y"'),
      delta("function_call_arguments", 0, '{"x"'),
      { type: "response.something_new", output_index: 0, delta: "!" },
      delta("function_call_arguments", 1, ":2}"),
      delta("function_call_arguments", 0, ":1}"),
      done(1, call("call_b", '{"y":2}')),
      done(0, call("call_a", '{"x":1}')),
      completed({ output })
    ])
    assert.deepStrictEqual(completion, whole({ output }))
    assert.strictEqual(words(parts, "ToolCall", 0), '{"x":1}')
    assert.strictEqual(words(parts, "ToolCall", 1), '{"y":2}')
    const named = parts.filter((part) => part._tag === "ToolCall" && part.id !== undefined)
    assert.deepStrictEqual(named, [
      { _tag: "ToolCall", index: 0, id: "call_a", name: "f", delta: "" },
      { _tag: "ToolCall", index: 1, id: "call_b", name: "f", delta: "" }
    ])
  })

  it("takes an item from its own end where the last word leaves it out, and says what was not streamed", () => {
    const reasoning = { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "gAAAAx" }
    const { completion, parts } = streamed([
      added(0, { ...reasoning, encrypted_content: "gAAAA" }),
      done(0, reasoning),
      delta("output_text", 1, "He"),
      done(1, text("Hello")),
      done(2, call("call_a", "{}")),
      completed({ output: [] })
    ])
    assert.strictEqual(words(parts, "Text"), "Hello")
    assert.strictEqual(words(parts, "ToolCall"), "{}")
    assert.deepStrictEqual(completion, whole({ output: [reasoning, text("Hello"), call("call_a", "{}")] }))
  })

  it("reads a stream without places, and one that only says its last word", () => {
    const at = (item_id: string) => ({ item_id, output_index: undefined })
    const nowhere = streamed([
      delta("reasoning_text", 0, "hm", at("rs_1")),
      delta("output_text", 0, "Hel", at("msg_1")),
      delta("output_text", 0, "lo", at("msg_1")),
      { type: "response.output_item.done", item: text("Hello") },
      { type: "response.completed", response: { status: "completed" } }
    ])
    assert.strictEqual(Completion.text(nowhere.completion), "Hello")
    assert.strictEqual(Completion.reasoning(nowhere.completion), "hm")
    const late = streamed([completed({ output: [text("Hello"), call("call_a", "{}")] })])
    assert.strictEqual(words(late.parts, "Text"), "Hello")
    assert.strictEqual(words(late.parts, "ToolCall"), "{}")
  })

  const Word = Schema.Literals(["a", "–", "蓝 ", "🦉", "\n", '"'])
  const Item = Schema.Struct({
    kind: Schema.Literals(["message", "refusal", "summary", "thought", "call", "other"]),
    pieces: Schema.Array(Schema.Array(Word))
  })
  type Item = typeof Item.Type

  /** An item whose texts are made of these pieces, as it begins, on its way and at its end. */
  const itemOf = ({ kind, pieces }: Item, place: number) => {
    const texts = pieces.map((piece) => piece.join(""))
    const id = `item_${place}`
    const parts = (type: string, field: string) => texts.map((said) => ({ type, [field]: said }))
    const growing = (name: string, index: string) =>
      pieces.flatMap((piece, at) => piece.map((said) => delta(name, place, said, { [index]: at, item_id: id })))
    switch (kind) {
      case "message":
        return {
          end: { type: "message", id, content: parts("output_text", "text") },
          way: growing("output_text", "content_index")
        }
      case "refusal":
        return {
          end: { type: "message", id, content: parts("refusal", "refusal") },
          way: growing("refusal", "content_index")
        }
      case "summary":
        return {
          end: { type: "reasoning", id, summary: parts("summary_text", "text"), encrypted_content: "gAAAAx" },
          way: growing("reasoning_summary_text", "summary_index")
        }
      case "thought":
        return {
          end: { type: "reasoning", id, summary: [], content: parts("reasoning_text", "text") },
          way: growing("reasoning_text", "content_index")
        }
      case "call":
        return {
          end: { type: "function_call", id, call_id: `call_${place}`, name: "f", arguments: texts.join("") },
          way: pieces.flat().map((said) => delta("function_call_arguments", place, said))
        }
      case "other":
        return {
          end: { type: "web_search_call", id },
          way: [{ type: "response.web_search_call.searching", item_id: id }]
        }
    }
  }

  it.prop(
    "streams what the whole answer says, whatever it is made of",
    [Arbitrary.array(Arbitrary.schema(Item), { maxLength: 5 })],
    ([items]) => {
      const made = items.map(itemOf)
      const output = made.map(({ end }) => end)
      const expected = whole({ output })
      const way = made.flatMap(({ end, way }, place) => [
        added(place, { ...end, content: [], summary: [], arguments: "" }),
        ...way,
        done(place, end)
      ])
      for (const last of [output, []]) {
        const { completion, parts } = streamed([...way, completed({ output: last })])
        assert.deepStrictEqual(completion, expected)
        assert.strictEqual(words(parts, "Reasoning"), Completion.reasoning(expected))
        const said = expected.parts.map((part) => (part._tag === "Text" ? part.text : "")).join("")
        assert.strictEqual(words(parts, "Text"), said)
      }
    }
  )
})
