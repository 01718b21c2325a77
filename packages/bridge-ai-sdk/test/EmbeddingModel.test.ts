import { createOpenAICompatible } from "@ai-sdk/openai-compatible"
import type { EmbeddingModelV4 } from "@ai-sdk/provider"
import * as EmbedderContract from "@consortium/testing/EmbedderContract"
import * as Fakes from "@consortium/testing/Fakes"
import { assert, describe, it } from "@effect/vitest"
import { createProviderRegistry, embed, embedMany, generateText } from "ai"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { spelling } from "../../embedders-openai-compatible/test/spelling.js"
import { embeddingModel, fromEmbeddingModel } from "../src/EmbeddingModel.js"
import { createConsortium } from "../src/Provider.js"

describe("an embedding model of the AI SDK keeps what an embedder promises", () => {
  const make = ({ apiKey, url }: EmbedderContract.Address) =>
    Effect.sync(() => {
      const provider = createOpenAICompatible({ name: "synthetic", baseURL: url, apiKey: Redacted.value(apiKey) })
      return fromEmbeddingModel(provider.embeddingModel(EmbedderContract.modelName))
    })
  // The AI SDK takes rows in the order in which they come.
  const subject = { make, spelling: { ...spelling({}), ordersByIndex: false } }
  for (const { name, run } of EmbedderContract.cases(subject)) it.effect(name, () => run)
})

const texts = ["sky", "sea", "tree", "stone", "bird"] as const

describe("batches", () => {
  const model = (most: EmbeddingModelV4["maxEmbeddingsPerCall"], asked: Array<number>): EmbeddingModelV4 => ({
    specificationVersion: "v4",
    provider: "synthetic",
    modelId: "m",
    maxEmbeddingsPerCall: most,
    supportsParallelCalls: true,
    doEmbed: async ({ values }) => {
      asked.push(values.length)
      return { embeddings: values.map((text) => [text.length, 1]), usage: { tokens: values.length }, warnings: [] }
    }
  })

  it.effect("the model's limit is the batch's, also where it is told later", () =>
    Effect.gen(function* () {
      assert.strictEqual(fromEmbeddingModel(model(3, [])).maxBatch, 3)
      assert.strictEqual(fromEmbeddingModel(model(Number.POSITIVE_INFINITY, [])).maxBatch, 2048)
      assert.strictEqual(fromEmbeddingModel(model(undefined, []), { maxBatch: 7 }).maxBatch, 7)
      const asked: Array<number> = []
      const batch = yield* fromEmbeddingModel(model(Promise.resolve(2), asked)).embed(texts)
      assert.deepStrictEqual(asked, [2, 2, 1])
      assert.deepStrictEqual([...batch.data], [3, 1, 3, 1, 4, 1, 5, 1, 4, 1])
      assert.strictEqual(batch.inputTokens, 5)
    })
  )

  it.effect("out and back it is the same batch", () =>
    Effect.gen(function* () {
      const ours = Fakes.embedder()
      const back = fromEmbeddingModel(embeddingModel(ours))
      const [there, here] = [yield* back.embed(texts), yield* ours.embed(texts)]
      assert.deepStrictEqual(there.data, here.data)
      assert.strictEqual(back.maxBatch, ours.maxBatch)
      const broken = Fakes.embedder({ vector: () => Fakes.modelError() })
      const error = yield* Effect.flip(fromEmbeddingModel(embeddingModel(broken)).embed(texts))
      assert.deepStrictEqual(error.message, Fakes.modelError().message)
    })
  )
})

describe("ours as a provider", () => {
  const consortium = createConsortium({
    languageModels: { best: Fakes.chatModel("fake/best", () => "Blue.") },
    embeddingModels: { letters: Fakes.embedder({ maxBatch: 2 }) }
  })

  it("answers by name, alone and in a registry, and names what is there", async () => {
    assert.strictEqual((await generateText({ model: consortium("best"), prompt: "Why?" })).text, "Blue.")
    const registry = createProviderRegistry({ consortium })
    assert.strictEqual(
      (await generateText({ model: registry.languageModel("consortium:best"), prompt: "Why?" })).text,
      "Blue."
    )
    assert.throws(() => consortium("worst"), "No such languageModel: worst; there are: best")
    assert.throws(() => consortium.embeddingModel("toString"), "there are: letters")
    assert.throws(() => consortium.imageModel("any"), "there are: none")
  })

  it("embeds one and many", async () => {
    const model = consortium.embeddingModel("letters")
    assert.strictEqual((await embed({ model, value: "sky" })).embedding.length, 16)
    assert.strictEqual((await embedMany({ model, values: [...texts] })).embeddings.length, 5)
  })
})
