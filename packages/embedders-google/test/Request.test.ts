import * as AccessToken from "@consortium/providers-google/AccessToken"
import { serve } from "@consortium/testing/Exchanges"
import * as HttpClients from "@consortium/wire/HttpClients"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Redacted from "effect/Redacted"
import * as Gemini from "../src/Gemini.js"
import * as Vertex from "../src/Vertex.js"
import { embedContent, gemini, predict } from "./spelling.js"

const row = { index: 0, vector: [0.5, 1] }
const token = AccessToken.fixed(Redacted.make("ya29.synthetic"))
const asked = { dimensions: 2, taskType: "CLUSTERING" } as const
const env = (values: Record<string, string>) => ConfigProvider.layer(ConfigProvider.fromEnv({ env: values }))

describe("what is asked for", () => {
  it.effect("of Gemini: dimension and task for each text, at the model's address", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: gemini.whole([row], 1) }])
      const embedder = yield* Gemini.make({ model: "gemini-embedding-001", baseUrl: player.url, ...asked })
      const { space } = yield* embedder.embed(["a"])
      assert.strictEqual(player.asked[0]?.path, "/v1beta/models/gemini-embedding-001:batchEmbedContents")
      assert.deepStrictEqual(JSON.parse(player.asked[0]?.body ?? ""), {
        requests: [
          {
            model: "models/gemini-embedding-001",
            taskType: "CLUSTERING",
            outputDimensionality: 2,
            content: { parts: [{ text: "a" }] }
          }
        ]
      })
      assert.deepStrictEqual(space, { model: "google/gemini-embedding-001", dimension: 2, variant: "CLUSTERING" })
      assert.strictEqual(embedder.wire, "google.batch-embed-contents/2/CLUSTERING")
      assert.strictEqual(embedder.maxBatch, 100)
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("of Vertex by predict: a long text is refused rather than cut", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: predict.whole([row], 1) }])
      const options = { model: "text-embedding-005", project: "p", location: "eu", token, baseUrl: player.url }
      const embedder = yield* Vertex.make({ ...options, ...asked })
      yield* embedder.embed(["a"])
      assert.strictEqual(
        player.asked[0]?.path,
        "/v1beta1/projects/p/locations/eu/publishers/google/models/text-embedding-005:predict"
      )
      assert.deepStrictEqual(JSON.parse(player.asked[0]?.body ?? ""), {
        instances: [{ content: "a", task_type: "CLUSTERING" }],
        parameters: { autoTruncate: false, outputDimensionality: 2 }
      })
      assert.deepStrictEqual([embedder.maxBatch, embedder.maxTokens], [250, 20_000])
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("of Vertex by embedContent: one text a call, several one after the other", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: embedContent.whole([row], 2) }, { body: embedContent.whole([row], 3) }])
      const options = { model: "gemini-embedding-2", project: "p", token, baseUrl: player.url }
      const embedder = yield* Vertex.make({ ...options, ...asked })
      const batch = yield* embedder.embed(["a", "b"])
      assert.deepStrictEqual(batch.data, new Float32Array([0.5, 1, 0.5, 1]))
      assert.strictEqual(batch.inputTokens, 5)
      assert.strictEqual(embedder.maxBatch, 1)
      assert.deepStrictEqual(
        player.asked.map(({ body }) => JSON.parse(body)),
        ["a", "b"].map((text) => ({
          content: { parts: [{ text }] },
          embedContentConfig: { autoTruncate: false, taskType: "CLUSTERING", outputDimensionality: 2 }
        }))
      )
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("of the configuration: the variables of the chat models", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: gemini.whole([row], 1) }, { body: predict.whole([row], 1) }])
      const given = { GEMINI_API_KEY: "k-1", GEMINI_BASE_URL: player.url }
      const one = yield* Effect.provide(Gemini.makeConfig({ model: "m" }), env(given))
      yield* one.embed(["a"])
      assert.strictEqual(player.asked[0]?.headers["x-goog-api-key"], "k-1")
      const express = { GOOGLE_API_KEY: "k-2", GOOGLE_VERTEX_BASE_URL: player.url }
      const other = yield* Effect.provide(Vertex.makeConfig({ model: "m" }), env(express))
      yield* other.embed(["a"])
      assert.strictEqual(player.asked[1]?.headers["x-goog-api-key"], "k-2")
      assert.strictEqual(player.asked[1]?.path, "/v1beta1/publishers/google/models/m:predict")
      const missing = yield* Effect.flip(Effect.provide(Gemini.makeConfig({ model: "m" }), env({})))
      assert.include(missing.message, "GEMINI_API_KEY")
    }).pipe(Effect.provide([HttpClients.layerDirect, FileSystem.layerNoop({})]))
  )
})
