import { assert, describe, it } from "@effect/vitest"
import { nineLetters } from "../src/internal/callId.js"
import * as Request from "../src/Request.js"
import { vendors } from "../src/Vendors.js"

const call = (id: string) => ({ _tag: "ToolCall", id, name: "look", arguments: "{}" }) as const
const result = (id: string) => ({ _tag: "ToolResult", id, text: "blue" }) as const
const messages = [
  { role: "user", parts: [{ _tag: "Text", text: "hi" }] },
  { role: "assistant", parts: [call("call_a1"), call("gRgYUmPLP"), call("toolu_01")] },
  { role: "tool", parts: [result("call_a1"), result("gRgYUmPLP"), result("toolu_01")] }
] as const

const idsOf = (body: unknown): ReadonlyArray<ReadonlyArray<string>> => {
  const { messages: said } = JSON.parse(JSON.stringify(body))
  return [
    said[1].tool_calls.map(({ id }: { id: string }) => id),
    said.slice(2).map((one: { tool_call_id: string }) => one.tool_call_id)
  ]
}

describe("ids of tool calls", () => {
  it("are of nine letters where the vendor takes no others, and a result names its call", () => {
    const [calls = [], results = []] = idsOf(Request.body({ messages }, vendors.mistral, "m", false))
    assert.deepStrictEqual(calls, results)
    assert.strictEqual(calls[1], "gRgYUmPLP")
    assert.strictEqual(new Set(calls).size, 3)
    for (const id of calls) assert.match(id, /^[a-zA-Z0-9]{9}$/)
  })

  it("stay what they are elsewhere", () => {
    assert.deepStrictEqual(idsOf(Request.body({ messages }, vendors.groq, "m", false))[0], [
      "call_a1",
      "gRgYUmPLP",
      "toolu_01"
    ])
  })

  it("are spelled anew in one way, and rarely two in the same", () => {
    assert.strictEqual(nineLetters("call_a1"), nineLetters("call_a1"))
    const ids = Array.from({ length: 2000 }, (_, index) => nineLetters(`call_${index}`))
    assert.strictEqual(new Set(ids).size, ids.length)
  })
})
