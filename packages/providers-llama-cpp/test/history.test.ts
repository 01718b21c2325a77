import { message } from "@consortium/core/Prompt"
import { assert, describe, it } from "@effect/vitest"
import { history } from "../src/internal/history.js"

describe("the history of a chat", () => {
  it("has each turn, and a place for the answer", () => {
    assert.deepStrictEqual(history([message("system", "be brief"), message("user", "hi")]), [
      { type: "system", text: "be brief" },
      { type: "user", text: "hi" },
      { type: "model", response: [] }
    ])
  })

  it("has thoughts as segments, calls with their results, and what follows in the same turn", () => {
    const said = history([
      message("user", "hi"),
      {
        role: "assistant",
        parts: [
          { _tag: "Reasoning", text: "hm" },
          { _tag: "Text", text: "a moment" },
          { _tag: "ToolCall", id: "c1", name: "look", arguments: '{"at":"sky"}' },
          { _tag: "ToolCall", id: "c2", name: "listen", arguments: "not JSON" }
        ]
      },
      { role: "tool", parts: [{ _tag: "ToolResult", id: "c1", text: '{"hue":"blue"}' }] },
      message("assistant", "It is")
    ])
    assert.deepStrictEqual(said, [
      { type: "user", text: "hi" },
      {
        type: "model",
        response: [
          { type: "segment", segmentType: "thought", text: "hm", ended: true },
          "a moment",
          { type: "functionCall", name: "look", params: { at: "sky" }, result: { hue: "blue" } },
          { type: "functionCall", name: "listen", params: "not JSON", result: null },
          "It is"
        ]
      }
    ])
  })
})
