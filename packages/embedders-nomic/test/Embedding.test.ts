import { serve } from "@consortium/testing/Exchanges"
import * as HttpClients from "@consortium/wire/HttpClients"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Embedding from "../src/Embedding.js"

const env = (values: Record<string, string>) => ConfigProvider.layer(ConfigProvider.fromEnv({ env: values }))

const rows = JSON.stringify({ embeddings: [[1, 2]], model: "nomic-embed-text-v1.5" })

describe("Embedding", () => {
  it.effect("says what texts are for, and keeps rows of other tasks apart", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: rows }, { body: rows }])
      const model = "nomic-embed-text-v1.5"
      const plain = yield* Embedding.make({ model, baseUrl: player.url })
      const { space } = yield* plain.embed(["a"])
      const options = { taskType: "search_query", longTextMode: "mean", dimensions: 2 } as const
      const other = yield* Embedding.make({ model, baseUrl: player.url, ...options })
      yield* other.embed(["a"])
      assert.strictEqual(player.asked[0]?.path, "/embedding/text")
      assert.deepStrictEqual(
        player.asked.map(({ body }) => JSON.parse(body)),
        [
          { model, task_type: "clustering", long_text_mode: "truncate", texts: ["a"] },
          { model, task_type: "search_query", long_text_mode: "mean", dimensionality: 2, texts: ["a"] }
        ]
      )
      assert.deepStrictEqual(space, { model: `nomic/${model}`, dimension: 2, variant: "clustering" })
      assert.strictEqual(other.wire, "nomic.embedding/2/search_query/mean")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("reads key and base URL from the configuration", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: rows }])
      const given = { NOMIC_API_KEY: "k-1", NOMIC_BASE_URL: player.url }
      const embedder = yield* Effect.provide(Embedding.makeConfig({ model: "m" }), env(given))
      yield* embedder.embed(["a"])
      assert.strictEqual(player.asked[0]?.headers.authorization, "Bearer k-1")
      const missing = yield* Effect.flip(Effect.provide(Embedding.makeConfig({ model: "m" }), env({})))
      assert.include(missing.message, "NOMIC_API_KEY")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )
})
