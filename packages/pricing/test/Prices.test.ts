import { PriceBook } from "@consortium/core/PriceBook"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Prices from "../src/Prices.js"

const usage = { inputTokens: 1_000_000, outputTokens: 100_000 }

describe("Prices", () => {
  const { usd } = Prices.make()

  it("takes the vendor's own statement first", () => {
    assert.strictEqual(usd("openai/gpt-5", { ...usage, usd: 0.5 }), 0.5)
    assert.strictEqual(usd("nobody/nothing", { usd: 0 }), 0)
  })

  it("knows the catalogue's prices, whatever the wire", () => {
    // openai.com/api/pricing: 1.25 dollars a million in, 10 out, 0.125 for what is read from the cache.
    assert.closeTo(usd("openai/gpt-5", usage) ?? 0, 2.25, 1e-9)
    assert.strictEqual(usd("openai.chat/gpt-5", usage), usd("openai/gpt-5", usage))
    assert.closeTo(usd("openai/gpt-5", { ...usage, cacheReadTokens: 400_000 }) ?? 0, 0.6 * 1.25 + 0.05 + 1, 1e-9)
    assert.isAbove(usd("xai/grok-4", usage) ?? 0, 0)
    assert.isAbove(usd("anthropic/claude-opus-4-5", usage) ?? 0, 0)
  })

  it("says nothing where it knows nothing", () => {
    assert.isUndefined(usd("openai/no-such-model", usage))
    assert.isUndefined(usd("simulated/scholar", usage))
    assert.isUndefined(usd("ollama/llama3:8b", usage))
    assert.isUndefined(usd("my-openai/gpt-5", usage), "a vendor of a like name is another vendor")
    assert.isUndefined(usd("openai/gpt-5", { inputTokens: 10 }), "an answer of unknown length has no price")
    assert.isUndefined(usd("openai/gpt-5", { outputTokens: 10 }))
    assert.isUndefined(usd("gpt-5", usage))
  })

  it("prices embeddings by their input alone", () => {
    assert.closeTo(usd("openai/text-embedding-3-small", { inputTokens: 1_000_000 }) ?? 0, 0.02, 1e-12)
  })

  it("has the price of its time", () => {
    // Anthropic and others change prices by date; a model that was not priced yet takes the first that it had.
    const hour = (at: number) => Prices.make({ at: Date.UTC(2025, 5, 1, at) }).usd("deepseek/deepseek-reasoner", usage)
    assert.notStrictEqual(hour(20), hour(10), "off-peak hours were half price")
  })

  it("survives more cached tokens than tokens", () => {
    assert.closeTo(
      usd("openai/gpt-5", { inputTokens: 1_000_000, outputTokens: 0, cacheReadTokens: 9e9 }) ?? 0,
      0.125,
      1e-9
    )
  })

  it("lets own prices win, for one model and for all of a vendor", () => {
    const book = Prices.make({
      own: { "openai/gpt-5": { input: 1, output: 2, cacheRead: 0.5 }, "ollama/*": { input: 0, output: 0 } }
    })
    assert.closeTo(book.usd("openai/gpt-5", { ...usage, cacheReadTokens: 500_000 }) ?? 0, 0.5 + 0.25 + 0.2, 1e-12)
    assert.strictEqual(book.usd("ollama/llama3:8b", usage), 0)
    assert.isUndefined(book.usd("openai/gpt-5", { inputTokens: 1 }))
    assert.isAbove(book.usd("openai/gpt-5-mini", usage) ?? 0, 0)
  })

  const tokens = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10_000_000 }))
  it.prop(
    "never costs less for more tokens",
    [tokens, tokens, tokens, tokens],
    ([inputTokens, more, outputTokens, cached]) => {
      const cost = (input: number) =>
        usd("google/gemini-2.5-pro", {
          inputTokens: input,
          outputTokens,
          cacheReadTokens: Math.min(cached, inputTokens)
        })
      assert.isAtLeast(cost(inputTokens + more) ?? -1, (cost(inputTokens) ?? 0) - 1e-9)
    }
  )

  it.effect("comes as a layer", () =>
    Effect.gen(function* () {
      const book = yield* PriceBook
      assert.isNumber(book.usd("openai/gpt-5", usage))
    }).pipe(Effect.provide(Prices.layer()))
  )
})
