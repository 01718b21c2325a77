import { callKey } from "@consortium/core/CallJournal"
import { ChatRequest } from "@consortium/core/ChatModel"
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"

const reversed = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(reversed)
    : typeof value === "object" && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([name, field]) => [name, reversed(field)])
        )
      : value

const equal = Schema.toEquivalence(ChatRequest)

describe("callKey", () => {
  it.prop(
    "does not depend on the order of fields, and is the same for absent and undefined",
    [ChatRequest],
    ([request]) => {
      const key = callKey("chat", "wire", "vendor/m", request)
      assert.strictEqual(callKey("chat", "wire", "vendor/m", reversed(request)), key)
      assert.strictEqual(callKey("chat", "wire", "vendor/m", { ...request, absent: undefined }), key)
    }
  )

  it.prop("differs where requests differ", [ChatRequest, ChatRequest], ([one, two]) => {
    const same = callKey("chat", "wire", "vendor/m", one) === callKey("chat", "wire", "vendor/m", two)
    assert.strictEqual(same, equal(one, two))
  })

  it("tells kinds, wires, models, samples and the order of messages apart", () => {
    const keys = [
      callKey("chat", "w", "m", { text: ["a", "b"] }),
      callKey("chat", "w", "m", { text: ["b", "a"] }),
      callKey("chat", "w", "m", { text: ["a", "b"], sample: 1 }),
      callKey("embed", "w", "m", { text: ["a", "b"] }),
      callKey("chat", "v", "m", { text: ["a", "b"] }),
      callKey("chat", "w", "n", { text: ["a", "b"] })
    ]
    assert.strictEqual(new Set(keys).size, keys.length)
  })

  it("stays what it is: stored answers are found by it", () => {
    assert.strictEqual(
      callKey("chat", "openai.chat", "vendor/m", {
        temperature: 0,
        messages: [{ role: "user", parts: [{ text: "why?", _tag: "Text" }] }]
      }),
      '["chat","openai.chat","vendor/m",{"messages":[{"parts":[{"_tag":"Text","text":"why?"}],"role":"user"}],"temperature":0}]'
    )
  })
})
