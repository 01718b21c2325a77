import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ContextWindow from "../src/ContextWindow.js"

describe("ContextWindow", () => {
  it.effect("says what the facts or the catalogue say, and nothing else", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* ContextWindow.tokens("openai/gpt-5"), 400_000)
      // The facts have no such model any more; the catalogue has.
      assert.strictEqual(yield* ContextWindow.tokens("openai/gpt-4-32k"), 32_000)
      assert.isUndefined(yield* ContextWindow.tokens("openai/no-such-model"))
      assert.isUndefined(yield* ContextWindow.tokens("simulated/scholar"))
    })
  )
})
