import { assert, describe, it } from "@effect/vitest"
import * as ContextWindow from "../src/ContextWindow.js"

describe("ContextWindow", () => {
  it("says what the catalogue says, and nothing else", () => {
    assert.strictEqual(ContextWindow.tokens("openai/gpt-5"), 400_000)
    assert.isUndefined(ContextWindow.tokens("openai/no-such-model"))
    assert.isUndefined(ContextWindow.tokens("simulated/scholar"))
  })
})
