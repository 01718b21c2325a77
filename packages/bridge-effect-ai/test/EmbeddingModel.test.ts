import { Overloaded } from "@consortium/core/ModelError"
import * as Fakes from "@consortium/testing/Fakes"
import { assert, describe, it } from "@effect/vitest"
import * as EmbeddingModel from "effect/ai/EmbeddingModel"
import * as Effect from "effect/Effect"
import { embeddingModel, fromEmbeddingModel, layer } from "../src/EmbeddingModel.js"

const texts = ["sky", "sea", "tree", "stone", "bird"] as const

describe("embedders over the bridge", () => {
  it.effect("ours embeds one and many under effect/ai, in batches that it takes", () =>
    Effect.gen(function* () {
      const model = yield* EmbeddingModel.EmbeddingModel
      const ours = yield* Fakes.embedder().embed(texts)
      const { embeddings } = yield* model.embedMany(texts)
      assert.deepStrictEqual(new Float32Array(embeddings.flatMap(({ vector }) => [...vector])), ours.data)
      assert.deepStrictEqual((yield* model.embed("sky")).vector, embeddings[0]?.vector)
    }).pipe(Effect.provide(layer(Fakes.embedder({ maxBatch: 2 }))))
  )

  it.effect("out and back it is the same batch and the same failure", () =>
    Effect.gen(function* () {
      const ours = Fakes.embedder()
      const back = fromEmbeddingModel(yield* embeddingModel(ours), { ref: ours.ref, maxBatch: 8 })
      assert.deepStrictEqual((yield* back.embed(texts)).data, (yield* ours.embed(texts)).data)
      assert.strictEqual(back.maxBatch, 8)
      const meant = Fakes.modelError(new Overloaded({ retryAfterMillis: 7 }))
      const broken = fromEmbeddingModel(yield* embeddingModel(Fakes.embedder({ vector: () => meant })), { ref: "a/b" })
      const error = yield* Effect.flip(broken.embed(texts))
      assert.deepStrictEqual(error.reason, meant.reason)
      assert.strictEqual(error.message, meant.message)
    })
  )

  it.effect("vectors of different lengths are refused", () =>
    Effect.gen(function* () {
      const theirs = yield* EmbeddingModel.make({
        embedMany: ({ inputs }) =>
          Effect.succeed({ results: inputs.map((text) => [...text].map(() => 1)), usage: { inputTokens: 3 } })
      })
      const embedder = fromEmbeddingModel(theirs, { ref: "v/m" })
      const batch = yield* embedder.embed(["sky", "sea"])
      assert.deepInclude(batch, { space: { model: "v/m", dimension: 3 }, inputTokens: 3 })
      assert.strictEqual((yield* Effect.flip(embedder.embed(texts))).reason._tag, "MalformedOutput")
    })
  )
})
