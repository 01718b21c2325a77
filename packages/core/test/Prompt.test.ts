import { embeddedText, fromText, message, type Prompt, textOf } from "@consortium/core/Prompt"
import { assert, describe, it } from "@effect/vitest"

describe("textOf", () => {
  it("joins texts and tool results; pictures, calls and thoughts have none", () => {
    assert.strictEqual(
      textOf({
        role: "user",
        parts: [
          { _tag: "Text", text: "a" },
          { _tag: "Image", source: { _tag: "Url", url: "x" } },
          { _tag: "Text", text: "b" }
        ]
      }),
      "a\nb"
    )
    assert.strictEqual(
      textOf({
        role: "assistant",
        parts: [
          { _tag: "Reasoning", text: "hm" },
          { _tag: "ToolCall", id: "1", name: "f", arguments: "{}" }
        ]
      }),
      ""
    )
    assert.strictEqual(textOf({ role: "tool", parts: [{ _tag: "ToolResult", id: "1", text: "42" }] }), "42")
  })
})

describe("embeddedText", () => {
  const asked = fromText("p1", "why?")
  it("leaves the system's words out where there are others", () => {
    const both: Prompt = {
      ...asked,
      messages: [message("system", "be brief"), ...asked.messages, message("assistant", "because")]
    }
    assert.strictEqual(embeddedText(both), "why?\n\nbecause")
    assert.strictEqual(embeddedText({ ...asked, messages: [message("system", "be brief")] }), "be brief")
  })
})
