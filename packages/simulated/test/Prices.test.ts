import { assert, describe, it } from "@effect/vitest"
import * as Persona from "../src/Persona.js"
import * as Prices from "../src/Prices.js"

describe("Prices", () => {
  it("knows simulated members and nothing else", () => {
    const book = Prices.make([Persona.make({ name: "mine", price: { inputPerMillion: 1, outputPerMillion: 2 } })])
    const usage = { inputTokens: 1_000_000, outputTokens: 500_000 }
    assert.strictEqual(book.usd("simulated/mine", usage), 2)
    assert.strictEqual(book.usd("simulated/scholar", usage), 15)
    assert.isAbove(book.usd("simulated/anybody", usage) ?? 0, 0)
    assert.isUndefined(book.usd("other/mine", usage))
    assert.isUndefined(book.usd("simulated/mine", { inputTokens: 5 }))
  })
})
