import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ModelFacts from "../src/ModelFacts.js"

describe("ModelFacts", () => {
  it.effect("knows models by the names that users say", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* ModelFacts.of("openai.chat/gpt-5.5"), {
        ref: "openai/gpt-5.5",
        context: 1_050_000,
        input: 922_000,
        output: 128_000,
        reasoning: true,
        tools: true,
        structured: true,
        temperature: false,
        inputs: ["text", "image", "pdf"]
      })
      assert.strictEqual((yield* ModelFacts.of("openrouter/openai/gpt-5.5"))?.ref, "openrouter/openai/gpt-5.5")
      assert.match(yield* ModelFacts.date, /^20\d\d-\d\d-\d\d$/)
    })
  )

  it.effect("takes a base model's facts with the vendor's own over them", () =>
    Effect.gen(function* () {
      const served = yield* ModelFacts.of("openrouter/qwen/qwen3.5-35b-a3b")
      assert.strictEqual(served?.output, 81_920)
      assert.strictEqual(served?.tools, true)
      assert.deepStrictEqual(served?.inputs, ["text", "image", "video"])
    })
  )

  it.effect("leaves open what nobody says", () =>
    Effect.gen(function* () {
      assert.isUndefined((yield* ModelFacts.of("anthropic/claude-opus-4-8"))?.structured)
      assert.isUndefined(yield* ModelFacts.of("openai/no-such-model"))
      assert.isUndefined(yield* ModelFacts.of("simulated/scholar"))
      assert.isUndefined(yield* ModelFacts.of("toString/gpt-5"))
      assert.isUndefined(yield* ModelFacts.of("gpt-5"))
      assert.deepStrictEqual(yield* ModelFacts.ofVendor("nobody"), [])
    })
  )

  it.effect("has sound rows only: chat models with whole numbers, each once", () =>
    Effect.gen(function* () {
      for (const vendor of ["openai", "anthropic", "google", "openrouter", "bedrock", "xai", "mistral", "cohere"]) {
        const models = yield* ModelFacts.ofVendor(vendor)
        assert.isAbove(models.length, 3, vendor)
        for (const { context, inputs, output, ref } of models) {
          assert.match(ref, /^[a-z]+\/[^\s|]+$/)
          for (const tokens of [context, output])
            assert.isTrue(tokens === undefined || Number.isSafeInteger(tokens), ref)
          assert.include(inputs, "text", ref)
        }
      }
    })
  )
})
