import { serve } from "@consortium/testing/Exchanges"
import * as HttpClients from "@consortium/wire/HttpClients"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Embeddings from "../src/Embeddings.js"

const env = (values: Record<string, string>) => ConfigProvider.layer(ConfigProvider.fromEnv({ env: values }))

const rows = (embedding: unknown) => JSON.stringify({ data: [{ embedding, index: 0 }], model: "voyage-4" })

const embedded = (answer: string, options: Partial<Embeddings.Options> = {}) =>
  Effect.gen(function* () {
    const player = yield* serve([{ body: answer }])
    const embedder = yield* Embeddings.make({ model: "voyage-4", baseUrl: player.url, ...options })
    const batch = yield* embedder.embed(["a"])
    return { batch, embedder, sent: JSON.parse(player.asked[0]?.body ?? "") }
  }).pipe(Effect.provide(HttpClients.layerDirect))

describe("Embeddings", () => {
  it.effect("asks for base64, has nothing cut, and puts nothing before the texts", () =>
    Effect.gen(function* () {
      const floats = Buffer.from(new Float32Array([0.25, -1]).buffer).toString("base64")
      const { batch, embedder, sent } = yield* embedded(rows(floats))
      assert.deepStrictEqual(sent, { model: "voyage-4", truncation: false, encoding_format: "base64", input: ["a"] })
      assert.deepStrictEqual(batch.data, new Float32Array([0.25, -1]))
      assert.deepStrictEqual(batch.space, { model: "voyage/voyage-4", dimension: 2 })
      assert.strictEqual(embedder.wire, "voyage.embeddings")
    })
  )

  it.effect("reads signed bytes, and bits as signs", () =>
    Effect.gen(function* () {
      const bytes = yield* embedded(rows([-1, 100]), { dataType: "int8", inputType: "document", dimensions: 2 })
      assert.deepStrictEqual(bytes.sent, {
        model: "voyage-4",
        truncation: false,
        output_dtype: "int8",
        input_type: "document",
        output_dimension: 2,
        input: ["a"]
      })
      assert.deepStrictEqual(bytes.batch.data, new Float32Array([-1, 100]))
      assert.strictEqual(bytes.batch.space.variant, "document/int8")
      const bits = yield* embedded(rows([0b11000000]), { dataType: "binary" })
      assert.strictEqual(bits.sent.output_dtype, "ubinary")
      assert.deepStrictEqual(bits.batch.data, new Float32Array([1, 1, -1, -1, -1, -1, -1, -1]))
    })
  )

  it.effect("knows how many tokens a call takes of a model", () =>
    Effect.gen(function* () {
      const models = ["voyage-4", "voyage-4-lite", "voyage-4-large", "voyage-3.5", "voyage-3.5-lite", "voyage-law-2"]
      const embedders = yield* Effect.forEach(models, (model) => Embeddings.make({ model }))
      const found = embedders.map(({ maxTokens }) => maxTokens)
      assert.deepStrictEqual(found, [320_000, 1_000_000, 120_000, 320_000, 1_000_000, 120_000])
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("tells a text that is too long", () =>
    Effect.gen(function* () {
      const detail =
        "Request to model 'voyage-4' failed. The example at index 0 in your batch has too many tokens and does not fit into the model's context window of 32000 tokens."
      const player = yield* serve([{ status: 400, body: JSON.stringify({ detail }) }])
      const embedder = yield* Embeddings.make({ model: "voyage-4", baseUrl: player.url })
      assert.strictEqual((yield* Effect.flip(embedder.embed(["a"]))).reason._tag, "ContextOverflow")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("reads key and base URL from the configuration", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: rows([1]) }])
      const given = { VOYAGE_API_KEY: "k-1", VOYAGE_BASE_URL: player.url }
      const embedder = yield* Effect.provide(Embeddings.makeConfig({ model: "m" }), env(given))
      yield* embedder.embed(["a"])
      assert.strictEqual(player.asked[0]?.headers.authorization, "Bearer k-1")
      const missing = yield* Effect.flip(Effect.provide(Embeddings.makeConfig({ model: "m" }), env({})))
      assert.include(missing.message, "VOYAGE_API_KEY")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )
})
