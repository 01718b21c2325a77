import { assert, describe, it } from "@effect/vitest"
import { Draft } from "../src/Response.js"

const draftOf = (...lines: ReadonlyArray<unknown>) => {
  const draft = new Draft()
  const said = lines.map((line) => draft.add(line))
  return { draft, said, completion: draft.completion("asked", {}) }
}
const ended = (reason: string, more: object = {}) => ({
  message: { content: "a" },
  done: true,
  done_reason: reason,
  ...more
})

describe("the draft of an answer", () => {
  it("knows why it ended by the server's word", () => {
    const kinds = ["stop", "length", "load", "constructor"].map((word) => draftOf(ended(word)).completion.finish)
    assert.deepStrictEqual(kinds, [
      { kind: "stop", raw: "stop" },
      { kind: "length", raw: "length" },
      { kind: "other", raw: "load" },
      { kind: "other", raw: "constructor" }
    ])
  })

  it("counts tokens as far as they are stated", () => {
    const usage = (more: object) => draftOf(ended("stop", more)).completion.usage
    assert.deepStrictEqual(usage({ prompt_eval_count: 3, eval_count: 0 }), { inputTokens: 3, outputTokens: 0 })
    assert.deepStrictEqual(usage({ eval_count: 2, prompt_eval_count: "3" }), { outputTokens: 2 })
    assert.deepStrictEqual(usage({}), {})
  })

  it("gives calls without an id one of their place, and keeps arguments that are no object", () => {
    const calls = [
      { function: { name: "a", arguments: { x: 1 } } },
      { id: "c2", function: { name: "b", arguments: "x = 1" } },
      { function: { name: "c" } },
      null
    ]
    const { completion, said } = draftOf(
      { message: { content: "", tool_calls: calls.slice(0, 1) }, done: false },
      { message: { content: "", tool_calls: calls.slice(1) }, done: false },
      ended("stop")
    )
    assert.deepStrictEqual(completion.parts, [
      { _tag: "Text", text: "a" },
      { _tag: "ToolCall", id: "call_0", name: "a", arguments: '{"x":1}' },
      { _tag: "ToolCall", id: "c2", name: "b", arguments: "x = 1" },
      { _tag: "ToolCall", id: "call_2", name: "c", arguments: "{}" },
      { _tag: "ToolCall", id: "call_3", name: "", arguments: "{}" }
    ])
    assert.deepStrictEqual(completion.finish, { kind: "tool-calls", raw: "stop" })
    assert.deepStrictEqual(said[0], [{ _tag: "ToolCall", index: 0, id: "call_0", name: "a", delta: '{"x":1}' }])
  })

  it("is begun by a line of the wire only, and ended by the one that says so", () => {
    for (const strange of [null, [], "a", {}, { response: "a" }, { message: "a" }]) {
      const { draft, said } = draftOf(strange)
      assert.deepStrictEqual([said, draft.isEmpty], [[undefined], true])
    }
    const { draft } = draftOf({ message: { content: "a" }, done: false })
    assert.deepStrictEqual([draft.isEmpty, draft.isFinished], [false, false])
    assert.strictEqual(draftOf({ done: true }).draft.isFinished, true)
    assert.strictEqual(draftOf(ended("stop")).completion.model, "asked")
  })
})
