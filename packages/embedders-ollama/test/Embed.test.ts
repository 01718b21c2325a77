import { serve } from "@consortium/testing/Exchanges"
import * as HttpClients from "@consortium/wire/HttpClients"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Embed from "../src/Embed.js"

const env = (values: Record<string, string>) => ConfigProvider.layer(ConfigProvider.fromEnv({ env: values }))

const rows = JSON.stringify({ embeddings: [[1, 2]] })

describe("Embed", () => {
  it.effect("asks at the server's own address, whatever its end, and has nothing cut", () =>
    Effect.gen(function* () {
      for (const end of ["", "/", "/v1", "/api/"]) {
        const player = yield* serve([{ body: rows }])
        const options = { model: "nomic-embed-text", dimensions: 2, keepAlive: "10m", baseUrl: `${player.url}${end}` }
        const embedder = yield* Embed.make(options)
        const { space } = yield* embedder.embed(["a"])
        assert.strictEqual(player.asked[0]?.path, "/api/embed")
        assert.deepStrictEqual(JSON.parse(player.asked[0]?.body ?? ""), {
          model: "nomic-embed-text",
          truncate: false,
          dimensions: 2,
          keep_alive: "10m",
          input: ["a"]
        })
        assert.deepStrictEqual(space, { model: "ollama/nomic-embed-text", dimension: 2 })
        assert.strictEqual(embedder.wire, "ollama.embed/2")
      }
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("tells a text that is too long", () =>
    Effect.gen(function* () {
      const body = JSON.stringify({ error: "the input length exceeds the context length" })
      const player = yield* serve([{ status: 400, body }])
      const embedder = yield* Embed.make({ model: "m", baseUrl: player.url })
      assert.strictEqual((yield* Effect.flip(embedder.embed(["a"]))).reason._tag, "ContextOverflow")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("goes without a key, and reads one from the configuration", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: rows }, { body: rows }])
      const at = { OLLAMA_BASE_URL: player.url }
      for (const given of [at, { ...at, OLLAMA_API_KEY: "k-1" }]) {
        const embedder = yield* Effect.provide(Embed.makeConfig({ model: "m" }), env(given))
        yield* embedder.embed(["a"])
      }
      assert.deepStrictEqual(
        player.asked.map(({ headers }) => headers.authorization),
        [undefined, "Bearer k-1"]
      )
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )
})
