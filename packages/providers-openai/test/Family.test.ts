import type { ChatRequest } from "@consortium/core/ChatModel"
import { message } from "@consortium/core/Prompt"
import { assert, describe, it } from "@effect/vitest"
import { type Effort, familyOf, fit } from "../src/Family.js"

const efforts: ReadonlyArray<Effort> = ["none", "minimal", "low", "medium", "high", "max"]

describe("Family", () => {
  const known: ReadonlyArray<readonly [string, boolean, string, ReadonlyArray<string | undefined>]> = [
    ["gpt-4o-mini-2024-07-18", false, "always", efforts.map(() => undefined)],
    ["ft:gpt-4.1-mini:org::id", false, "always", efforts.map(() => undefined)],
    ["gpt-4o-search-preview-2025-03-11", false, "never", efforts.map(() => undefined)],
    ["o4-mini", true, "never", ["low", "low", "low", "medium", "high", "high"]],
    ["gpt-5-nano", true, "never", ["minimal", "minimal", "low", "medium", "high", "high"]],
    ["gpt-5-chat-latest", false, "always", efforts.map(() => undefined)],
    ["gpt-5-pro-2025-10-06", true, "never", efforts.map(() => "high")],
    ["gpt-5.1", true, "without reasoning", ["none", "low", "low", "medium", "high", "high"]],
    ["gpt-5.1-codex-max", true, "never", ["low", "low", "low", "medium", "high", "xhigh"]],
    ["gpt-5.4-mini", true, "without reasoning", ["none", "low", "low", "medium", "high", "xhigh"]],
    ["gpt-5.6-sol", true, "without reasoning", ["none", "low", "low", "medium", "high", "max"]],
    ["gpt-6-astra", true, "never", ["low", "low", "low", "medium", "high", "max"]],
    ["gpt-6.1-sol", true, "never", ["low", "low", "low", "medium", "high", "max"]],
    ["my-deployment", false, "always", ["none", "minimal", "low", "medium", "high", "high"]]
  ]
  for (const [model, reasons, sampling, words] of known) {
    it(`knows ${model}`, () => {
      const family = familyOf(model)
      assert.strictEqual(family.reasons, reasons)
      assert.strictEqual(family.sampling, sampling)
      assert.deepStrictEqual(
        efforts.map((effort) => family.efforts[effort]),
        words
      )
    })
  }

  it("takes out what is refused, and nothing else", () => {
    const request: ChatRequest = {
      messages: [message("user", "hi")],
      temperature: 1,
      topP: 1,
      presencePenalty: 0,
      frequencyPenalty: 0,
      stop: ["x"],
      seed: 1,
      maxTokens: 2
    }
    const rest = { messages: request.messages, seed: 1, maxTokens: 2 }
    assert.deepStrictEqual(fit(request, familyOf("o3")), rest)
    assert.deepStrictEqual(fit(request, familyOf("gpt-4o")), request)
    assert.deepStrictEqual(fit(request, familyOf("gpt-5.2")), request)
    assert.deepStrictEqual(fit(request, familyOf("gpt-5.6")), rest)
    const thinking = { reasoningEffort: "low" } as const
    assert.deepStrictEqual(fit({ ...request, ...thinking }, familyOf("gpt-5.2")), { ...rest, ...thinking })
    const still = { ...request, reasoningEffort: "none" } as const
    assert.deepStrictEqual(fit(still, familyOf("gpt-5.2")), still)
    assert.deepStrictEqual(fit(still, familyOf("gpt-6")), { ...rest, reasoningEffort: "none" })
  })
})
