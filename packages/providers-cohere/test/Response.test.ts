import { assert, describe, it } from "@effect/vitest"
import { Draft, failureIn } from "../src/Response.js"

const completionOf = (...steps: ReadonlyArray<unknown>) => {
  const draft = new Draft()
  for (const step of steps) draft.add(step)
  return draft.completion("asked", {})
}
const whole = (more: object, message: object = { content: [{ type: "text", text: "a" }] }) => ({
  id: "a1",
  message,
  ...more
})

describe("the draft of an answer", () => {
  it("knows why it ended by the vendor's word", () => {
    const words = ["COMPLETE", "STOP_SEQUENCE", "MAX_TOKENS", "TOOL_CALL", "ERROR", "TIMEOUT", "NEW", "toString"]
    const kinds = words.map((finish_reason) => completionOf(whole({ finish_reason })).finish.kind)
    assert.deepStrictEqual(kinds, ["stop", "stop", "length", "tool-calls", "error", "error", "other", "other"])
    assert.deepStrictEqual(completionOf(whole({})).finish, { kind: "unknown", raw: null })
  })

  it("counts what is billed, and what was read and written only where nothing is", () => {
    const tokens = { input_tokens: 1501, output_tokens: 346, reasoning_tokens: 340 }
    const counted = (usage: object) => completionOf(whole({ usage })).usage
    const billed_units = { input_tokens: 84, output_tokens: 314 }
    assert.deepStrictEqual(counted({ billed_units, tokens, cached_tokens: 1008 }), {
      inputTokens: 84,
      outputTokens: 314,
      reasoningTokens: 314
    })
    assert.deepStrictEqual(counted({ tokens, cached_tokens: 1008 }), {
      inputTokens: 1501,
      cacheReadTokens: 1008,
      outputTokens: 346,
      reasoningTokens: 340
    })
    assert.deepStrictEqual(counted({ billed_units: { input_tokens: -1 }, tokens: null }), {})
  })

  it("takes a whole answer of blocks, a plan and calls", () => {
    const message = {
      content: [
        { type: "thinking", thinking: "hm" },
        { type: "text", text: "so" },
        { type: "text", text: "" },
        { type: "of later", words: "?" }
      ],
      tool_plan: "look",
      tool_calls: [
        { id: "c1", function: { name: "look", arguments: "" } },
        { function: { name: "listen", arguments: '{"to":"birds"}' } },
        null
      ],
      citations: [{ start: 0, end: 2, text: "so", sources: [] }]
    }
    assert.deepStrictEqual(completionOf(whole({ finish_reason: "TOOL_CALL" }, message)).parts, [
      { _tag: "Reasoning", text: "hm" },
      { _tag: "Text", text: "so" },
      { _tag: "Reasoning", text: "look", id: "tool_plan" },
      { _tag: "ToolCall", id: "c1", name: "look", arguments: "{}" },
      { _tag: "ToolCall", id: "call_1", name: "listen", arguments: '{"to":"birds"}' },
      { _tag: "ToolCall", id: "call_2", name: "", arguments: "{}" }
    ])
    assert.deepStrictEqual(completionOf(whole({}, { content: "a text alone" })).parts, [
      { _tag: "Text", text: "a text alone" }
    ])
  })

  it("takes events without a place in the order in which they come", () => {
    const step = (type: string, message: object) => ({ type, delta: { message } })
    const completion = completionOf(
      { type: "message-start", id: "a1" },
      step("content-start", { content: { type: "text", text: "a" } }),
      step("content-delta", { content: { text: "b" } }),
      step("tool-call-start", { tool_calls: { id: "c1", function: { name: "look", arguments: "{" } } }),
      step("tool-call-delta", { tool_calls: { function: { arguments: "}" } } }),
      step("tool-call-delta", { tool_calls: null }),
      { type: "tool-call-end" },
      { type: "message-end", delta: { finish_reason: "COMPLETE" } }
    )
    assert.deepStrictEqual(completion.parts, [
      { _tag: "Text", text: "ab" },
      { _tag: "ToolCall", id: "c1", name: "look", arguments: "{}" }
    ])
  })

  it("hears words whose beginning was missed, and nothing of a call that never began", () => {
    const completion = completionOf(
      { type: "content-delta", index: 0, delta: { message: { content: { text: "late" } } } },
      { type: "tool-call-delta", index: 4, delta: { message: { tool_calls: { function: { arguments: "{}" } } } } },
      { type: "tool-call-end", index: 4 }
    )
    assert.deepStrictEqual(completion.parts, [{ _tag: "Text", text: "late" }])
  })
})

describe("the failure in a good answer", () => {
  it("is what stands in the place of the message, or at the end of a stream", () => {
    assert.strictEqual(failureIn({ id: "e", message: "broken" }), "broken")
    assert.strictEqual(failureIn({ type: "message-end", delta: { error: "broken off" } }), "broken off")
    for (const fine of [{ message: {} }, { type: "message-end", delta: {} }, { type: "content-end" }, null, []])
      assert.strictEqual(failureIn(fine), "")
  })
})
