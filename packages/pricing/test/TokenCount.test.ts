import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TokenCount from "../src/TokenCount.js"

describe("TokenCount", () => {
  it.live("counts exactly where the vocabulary is public", () =>
    Effect.gen(function* () {
      // Counts of OpenAI's tiktoken for these two vocabularies.
      assert.deepStrictEqual(yield* TokenCount.count("openai/gpt-4o", "hello world"), { tokens: 2, exact: true })
      assert.deepStrictEqual(yield* TokenCount.count("openrouter/openai/gpt-5-mini", ""), { tokens: 0, exact: true })
      assert.deepStrictEqual(yield* TokenCount.count("openai/gpt-4-turbo", "hello world"), { tokens: 2, exact: true })
      assert.isTrue((yield* TokenCount.count("openai/o3", "天空")).exact)
    })
  )

  it.effect("estimates elsewhere and says so", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* TokenCount.count("anthropic/claude-opus-4-5", "four chars".repeat(4)), {
        tokens: 10,
        exact: false
      })
      assert.deepStrictEqual(yield* TokenCount.count("x/o3nymous", "天空"), { tokens: 2, exact: false })
      assert.strictEqual(TokenCount.estimate(""), 0)
    })
  )
})
