import { serve } from "@consortium/testing/Exchanges"
import * as HttpClients from "@consortium/wire/HttpClients"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Embed from "../src/Embed.js"
import { vendors } from "../src/Vendors.js"

const env = (values: Record<string, string>) => ConfigProvider.layer(ConfigProvider.fromEnv({ env: values }))

const { huggingface, tei } = vendors

describe("Embed", () => {
  it.effect("asks a server of one model at /embed, and has nothing cut", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: "[[1,2]]" }])
      const options = { promptName: "query", dimensions: 2, baseUrl: `${player.url}/v1` }
      const embedder = yield* Embed.make({ vendor: tei, model: "BAAI/bge-m3", ...options })
      const { space } = yield* embedder.embed(["a"])
      assert.strictEqual(player.asked[0]?.path, "/embed")
      assert.deepStrictEqual(JSON.parse(player.asked[0]?.body ?? ""), {
        inputs: ["a"],
        truncate: false,
        prompt_name: "query",
        dimensions: 2
      })
      assert.deepStrictEqual(space, { model: "tei/BAAI/bge-m3", dimension: 2, variant: "query" })
      assert.strictEqual(embedder.wire, "tei.embed/2/query")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("asks Hugging Face at the model's address, and reads one row that stands alone", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: "[1,2]" }])
      const embedder = yield* Embed.make({ vendor: huggingface, model: "thenlper/gte-large", baseUrl: player.url })
      const { data } = yield* embedder.embed(["a"])
      assert.strictEqual(player.asked[0]?.path, "/hf-inference/models/thenlper/gte-large/pipeline/feature-extraction")
      assert.deepStrictEqual(data, new Float32Array([1, 2]))
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("tells a text that is too long, and a server without room", () =>
    Effect.gen(function* () {
      const long = "Input validation error: `inputs` must have less than 512 tokens. Given: 534"
      const player = yield* serve([
        { status: 413, body: JSON.stringify({ error: long, error_type: "Validation" }) },
        { status: 429, body: JSON.stringify({ error: "Model is overloaded", error_type: "Overloaded" }) }
      ])
      const embedder = yield* Embed.make({ vendor: tei, model: "m", baseUrl: player.url })
      assert.strictEqual((yield* Effect.flip(embedder.embed(["a"]))).reason._tag, "ContextOverflow")
      assert.strictEqual((yield* Effect.flip(embedder.embed(["a"]))).reason._tag, "Overloaded")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("refuses vectors of each token", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: "[[[1,2],[3,4]]]" }])
      const embedder = yield* Embed.make({ vendor: tei, model: "m", baseUrl: player.url })
      assert.strictEqual((yield* Effect.flip(embedder.embed(["a"]))).reason._tag, "MalformedOutput")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("reads key and base URL from the configuration", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: "[[1]]" }, { body: "[[1]]" }])
      const own = yield* Effect.provide(
        Embed.makeConfig({ vendor: tei, model: "m" }),
        env({ TEI_BASE_URL: player.url })
      )
      yield* own.embed(["a"])
      const given = { HF_TOKEN: "hf_1", HF_BASE_URL: player.url }
      const hosted = yield* Effect.provide(Embed.makeConfig({ vendor: huggingface, model: "m" }), env(given))
      yield* hosted.embed(["a"])
      assert.deepStrictEqual(
        player.asked.map(({ headers }) => headers.authorization),
        [undefined, "Bearer hf_1"]
      )
      const missing = yield* Effect.flip(Effect.provide(Embed.makeConfig({ vendor: huggingface, model: "m" }), env({})))
      assert.include(missing.message, "HF_TOKEN")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )
})
