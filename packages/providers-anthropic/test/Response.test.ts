import type { StreamPart } from "@consortium/core/ChatModel"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import * as Response from "../src/Response.js"

const words = Arbitrary.schema(Schema.Literals(["", "blue", " – 蓝", "🦉", '"quoted"\n']))
const kind = Arbitrary.schema(Schema.Literals(["text", "thinking", "redacted_thinking", "tool_use", "server_tool_use"]))
const said = Arbitrary.array(Arbitrary.all([kind, words, words]), { maxLength: 6 })

type Block = { readonly type: string; readonly [field: string]: unknown }

/** A block as a whole answer has it, and as a stream says it in two pieces. */
const blockOf = (type: string, one: string, two: string, at: number): readonly [Block, ReadonlyArray<object>] => {
  const events = (first: object, deltas: ReadonlyArray<object>) => [
    { type: "content_block_start", index: at, content_block: { type, ...first } },
    ...deltas.map((delta) => ({ type: "content_block_delta", index: at, delta })),
    { type: "content_block_stop", index: at }
  ]
  switch (type) {
    case "text":
      return [
        { type, text: one + two },
        events(
          { text: "" },
          [one, two].map((text) => ({ type: "text_delta", text }))
        )
      ]
    case "thinking": {
      const deltas = [one, two].map((thinking) => ({ type: "thinking_delta", thinking }))
      const mark = { type: "signature_delta", signature: `sig-${at}` }
      return [
        { type, thinking: one + two, signature: `sig-${at}` },
        events({ thinking: "", signature: "" }, [...deltas, mark])
      ]
    }
    case "redacted_thinking":
      return [{ type, data: `sealed-${at}` }, events({ data: `sealed-${at}` }, [])]
    default: {
      const call = { id: `t${at}`, name: "look" }
      const input = one === "" ? {} : { one, two }
      const written = one === "" ? "" : JSON.stringify(input)
      const pieces = [written.slice(0, two.length), written.slice(two.length)]
      return [
        { type, ...call, input },
        events(
          { ...call, input: {} },
          pieces.map((partial_json) => ({ type: "input_json_delta", partial_json }))
        )
      ]
    }
  }
}

const read = (bodies: ReadonlyArray<object>) => {
  const draft = new Response.Draft()
  const parts = bodies.flatMap((body) => draft.add(body) ?? [])
  return { parts, completion: draft.completion("asked", {}) }
}
const toldOf = (parts: ReadonlyArray<StreamPart>, tag: "Text" | "Reasoning" | "ToolCall") =>
  parts.flatMap((part) => (part._tag === tag ? [part.delta] : [])).join("")

describe("Response", () => {
  it.prop("a stream gives what the whole answer gives, and tells all of it", [said], ([list]) => {
    const blocks = list.map(([type, one, two], at) => blockOf(type, one, two, at))
    const usage = { input_tokens: 3, cache_read_input_tokens: 2, output_tokens: 9 }
    const message = { id: "msg_1", type: "message", model: "claude-x", stop_reason: null, usage: {} }
    const whole = read([{ ...message, content: blocks.map(([block]) => block), stop_reason: "end_turn", usage }])
    const streamed = read([
      { type: "message_start", message: { ...message, content: [], usage: { ...usage, output_tokens: 1 } } },
      { type: "ping" },
      ...blocks.flatMap(([, events]) => events),
      { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 9, input_tokens: null } },
      { type: "message_stop" }
    ])
    assert.deepStrictEqual(streamed.completion, whole.completion)
    assert.strictEqual(streamed.completion.usage.inputTokens, 5)
    for (const tag of ["Text", "Reasoning", "ToolCall"] as const)
      assert.strictEqual(toldOf(streamed.parts, tag), toldOf(whole.parts, tag))
    const texts = whole.completion.parts.flatMap((part) => (part._tag === "Text" ? [part.text] : []))
    assert.strictEqual(toldOf(streamed.parts, "Text"), texts.join(""))
  })
})
