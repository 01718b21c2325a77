import { message } from "@consortium/core/Prompt"
import { chatMetering, embedMetering } from "@consortium/middleware/Worst"
import { assert, describe, it } from "@effect/vitest"
import { completion } from "./Synthetic.js"

/** A million tokens: 1 dollar in, 1.25 written to a cache, 10 out. */
const prices = {
  usd: (ref: string, usage: { inputTokens?: number; cacheWriteTokens?: number; outputTokens?: number }) =>
    ref === "known"
      ? ((usage.inputTokens ?? 0) + 0.25 * (usage.cacheWriteTokens ?? 0) + 10 * (usage.outputTokens ?? 0)) / 1e6
      : undefined
}

describe("the worst case", () => {
  it("is a token for each byte, a frame for each message, and the longest answer, at the dearest price", () => {
    const { worst } = chatMetering(prices, "known")
    const asked = worst({ messages: [message("user", "äb")], maxTokens: 100 })
    assert.deepStrictEqual(asked, { tokens: 3 + 16 + 100, usd: (19 * 1.25 + 1000) / 1e6 })
    assert.strictEqual(worst({ messages: [message("user", "")] }).tokens, 16 + 8192)
    assert.strictEqual(
      chatMetering(prices, "known", { answerTokens: 5 }).worst({ messages: [message("user", "")] }).tokens,
      21
    )
  })

  it("counts pictures, tools and their calls", () => {
    const { worst } = chatMetering(prices, "known")
    const plain = worst({ messages: [message("user", "?")] }).tokens
    const picture = worst({
      messages: [
        {
          role: "user",
          parts: [
            { _tag: "Text", text: "?" },
            { _tag: "Image", source: { _tag: "Url", url: "https://example.org/a.png" } }
          ]
        }
      ]
    }).tokens
    assert.strictEqual(picture - plain, 4096)
    const tools = worst({ messages: [message("user", "?")], tools: [{ name: "f", parameters: {} }] }).tokens
    assert.isAbove(tools, plain + JSON.stringify([{ name: "f", parameters: {} }]).length - 1)
  })

  it("is unknown where the price is, and what an answer took is what it says", () => {
    const unknown = chatMetering(prices, "unknown")
    assert.isUndefined(unknown.worst({ messages: [message("user", "?")] }).usd)
    assert.strictEqual(chatMetering(prices, "x", { unknownUsd: 3 }).worst({ messages: [message("user", "?")] }).usd, 3)
    assert.deepStrictEqual(chatMetering(prices, "known").actual(completion("yes")), { usd: 210 / 1e6, tokens: 30 })
  })

  it("of a batch is its text", () => {
    assert.deepStrictEqual(embedMetering(prices, "known").worst(["ab", "c"]), { tokens: 35, usd: 35 / 1e6 })
    const batch = { space: { model: "m", dimension: 1 }, data: new Float32Array(1) }
    assert.deepStrictEqual(embedMetering(prices, "known").actual({ ...batch, inputTokens: 2 }), {
      tokens: 2,
      usd: 2 / 1e6
    })
    assert.deepStrictEqual(embedMetering(prices, "known").actual(batch), {})
  })
})
