import { type Completion, reasoning, splitThink, text } from "@consortium/core/Completion"
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { completion } from "./Synthetic.js"

describe("splitThink", () => {
  it("parts a leading block from the answer", () => {
    assert.deepStrictEqual(splitThink("\n<think> hm </think>\n\nYes."), { reasoning: "hm", text: "Yes." })
    assert.deepStrictEqual(splitThink("<think></think>Yes."), { reasoning: "", text: "Yes." })
  })

  it("leaves text alone that only speaks of it", () => {
    for (const said of ["", "Yes.", "  Yes.", "Use <think>x</think> so."]) {
      assert.deepStrictEqual(splitThink(said), { reasoning: "", text: said })
    }
  })

  it("takes a block that was cut off as reasoning: there is no answer", () => {
    assert.deepStrictEqual(splitThink("<think>and then"), { reasoning: "and then", text: "" })
  })

  it.prop("loses nothing of an answer behind a block", [Schema.String], ([answer]) => {
    assert.strictEqual(splitThink(`<think>why</think>${answer}`).text, answer.trimStart())
  })
})

describe("text and reasoning", () => {
  const parts: Completion["parts"] = [
    { _tag: "Reasoning", text: "first" },
    { _tag: "Text", text: "<think>second</think>An" },
    { _tag: "ToolCall", id: "1", name: "f", arguments: "{}" },
    { _tag: "Text", text: "swer" }
  ]
  it("join the parts of a kind, an inline block counted as reasoning", () => {
    const said = { ...completion(""), parts }
    assert.strictEqual(text(said), "Answer")
    assert.strictEqual(reasoning(said), "first\nsecond")
    assert.strictEqual(reasoning(completion("Yes.")), "")
  })
})
