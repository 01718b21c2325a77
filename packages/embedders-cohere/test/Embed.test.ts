import { serve } from "@consortium/testing/Exchanges"
import * as HttpClients from "@consortium/wire/HttpClients"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Embed from "../src/Embed.js"

const env = (values: Record<string, string>) => ConfigProvider.layer(ConfigProvider.fromEnv({ env: values }))

/** One row of a type. */
const rows = (type: string, ...values: ReadonlyArray<ReadonlyArray<number>>) =>
  JSON.stringify({ embeddings: { [type]: values } })

const embedded = (answer: string, options: Omit<Embed.Options, "model"> = {}, path = "") =>
  Effect.gen(function* () {
    const player = yield* serve([{ body: answer }])
    const embedder = yield* Embed.make({ model: "embed-v4.0", baseUrl: `${player.url}${path}`, ...options })
    const batch = yield* embedder.embed(["a"])
    return { batch, embedder, path: player.asked[0]?.path, sent: JSON.parse(player.asked[0]?.body ?? "") }
  }).pipe(Effect.provide(HttpClients.layerDirect))

describe("Embed", () => {
  it.effect("says what texts are for, asks for floats, and has nothing cut", () =>
    Effect.gen(function* () {
      const { batch, embedder, path, sent } = yield* embedded(rows("float", [0.5, 2]), {}, "/v2/")
      assert.strictEqual(path, "/v2/embed")
      assert.deepStrictEqual(sent, {
        model: "embed-v4.0",
        input_type: "clustering",
        embedding_types: ["float"],
        truncate: "NONE",
        texts: ["a"]
      })
      assert.deepStrictEqual(batch.space, { model: "cohere/embed-v4.0", dimension: 2, variant: "clustering" })
      assert.strictEqual(embedder.wire, "cohere.embed/clustering")
      assert.strictEqual(embedder.maxBatch, 96)
    })
  )

  it.effect("reads signed bytes, and bits as signs", () =>
    Effect.gen(function* () {
      const bytes = yield* embedded(rows("int8", [-128, 3]), { dataType: "int8", inputType: "search_query" })
      assert.deepStrictEqual(bytes.sent.embedding_types, ["int8"])
      assert.deepStrictEqual(bytes.batch.data, new Float32Array([-128, 3]))
      assert.strictEqual(bytes.batch.space.variant, "search_query/int8")
      const bits = yield* embedded(rows("ubinary", [0b10000001]), { dataType: "binary", dimensions: 8 })
      assert.deepStrictEqual(bits.sent.embedding_types, ["ubinary"])
      assert.strictEqual(bits.sent.output_dimension, 8)
      assert.deepStrictEqual(bits.batch.data, new Float32Array([1, -1, -1, -1, -1, -1, -1, 1]))
      assert.strictEqual(bits.embedder.wire, "cohere.embed/8/clustering/binary")
    })
  )

  it.effect("refuses rows of a type that was not asked for", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(embedded(rows("int8", [1, 2])))
      assert.strictEqual(error.reason._tag, "MalformedOutput")
    })
  )

  it.effect("reads key and base URL from the configuration", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: rows("float", [1]) }])
      const given = { COHERE_API_KEY: "k-1", CO_API_KEY: "k-2", COHERE_BASE_URL: player.url }
      const embedder = yield* Effect.provide(Embed.makeConfig({ model: "m" }), env(given))
      yield* embedder.embed(["a"])
      assert.strictEqual(player.asked[0]?.headers.authorization, "Bearer k-2")
      const missing = yield* Effect.flip(Effect.provide(Embed.makeConfig({ model: "m" }), env({})))
      assert.include(missing.message, "COHERE_API_KEY")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )
})
