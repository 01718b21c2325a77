import { serve } from "@consortium/testing/Exchanges"
import * as HttpClients from "@consortium/wire/HttpClients"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Embeddings from "../src/Embeddings.js"
import { define } from "../src/Vendor.js"
import { vendors } from "../src/Vendors.js"
import { base64 } from "./spelling.js"

const body = (embedding: unknown, more: object = {}) => JSON.stringify({ data: [{ embedding }], ...more })

const embedded = (answer: string, options: { readonly dimensions?: number } = {}) =>
  Effect.gen(function* () {
    const player = yield* serve([{ body: answer }])
    const embedder = yield* Embeddings.make({
      vendor: vendors.openai,
      model: "m",
      baseUrl: `${player.url}/`,
      ...options
    })
    const batch = yield* embedder.embed(["a"])
    return { batch, sent: JSON.parse(player.asked[0]?.body ?? ""), path: player.asked[0]?.path }
  }).pipe(Effect.provide(HttpClients.layer))

const env = (values: Record<string, string>) => ConfigProvider.layer(ConfigProvider.fromEnv({ env: values }))

describe("Embeddings", () => {
  it.effect("asks for base64 and for the dimension, and takes a vendor's model name", () =>
    Effect.gen(function* () {
      const { batch, path, sent } = yield* embedded(body(base64([1, 2]), { model: "m-0613" }), { dimensions: 2 })
      assert.strictEqual(path, "/embeddings")
      assert.deepStrictEqual(sent, { model: "m", encoding_format: "base64", dimensions: 2, input: ["a"] })
      assert.deepStrictEqual(batch, { space: { model: "openai/m-0613", dimension: 2 }, data: new Float32Array([1, 2]) })
    })
  )

  it.effect("takes plain numbers from a server that ignores the encoding", () =>
    Effect.gen(function* () {
      const { batch } = yield* embedded(body([0.5, 2]))
      assert.deepStrictEqual(batch.data, new Float32Array([0.5, 2]))
    })
  )

  it.effect("takes base64 without padding", () =>
    Effect.gen(function* () {
      const { batch } = yield* embedded(body(base64([1, -2, 4, 8]).replace(/=+$/, "")))
      assert.deepStrictEqual(batch.data, new Float32Array([1, -2, 4, 8]))
    })
  )

  for (const [name, row] of [
    ["base64 of bytes that are no float32", Buffer.from([1, 2, 3, 4, 5]).toString("base64")],
    ["base64 of twice the length that is no float64", base64([1, 2, Number.NaN, Number.NaN])],
    ["base64 of another length", base64([1, 2, 3])],
    ["base64 of numbers that are not finite", base64([Number.NaN, 1])],
    ["numbers too large for float32", [1e300, 1]],
    ["words", ["a", "b"]],
    ["nothing", null]
  ] as const) {
    it.effect(`refuses ${name}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(embedded(body(row), { dimensions: 2 }))
        assert.strictEqual(error._tag === "ModelError" ? error.reason._tag : error._tag, "MalformedOutput")
      })
    )
  }

  it.effect("reads base64 of float64, which has twice the length that was asked for", () =>
    Effect.gen(function* () {
      const doubles = Buffer.from(Float64Array.from([0.1, -3]).buffer).toString("base64")
      const { batch } = yield* embedded(body(doubles), { dimensions: 2 })
      assert.deepStrictEqual(batch.data, new Float32Array([0.1, -3]))
    })
  )

  it.effect("says what the texts are for, and keeps rows of other types apart", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: body([1, 2]) }])
      const embedder = yield* Embeddings.make({
        vendor: vendors.jina,
        model: "m",
        inputType: "text-matching",
        dimensions: 2,
        baseUrl: player.url
      })
      const { space } = yield* embedder.embed(["a"])
      assert.deepStrictEqual(JSON.parse(player.asked[0]?.body ?? ""), {
        model: "m",
        dimensions: 2,
        task: "text-matching",
        input: ["a"]
      })
      assert.deepStrictEqual(space, { model: "jina/m", dimension: 2, variant: "text-matching" })
      assert.strictEqual(embedder.wire, "openai.embeddings/2/text-matching")
    }).pipe(Effect.provide(HttpClients.layer))
  )

  it("takes a vendor's own input types only", () => {
    // @ts-expect-error not one of Jina's
    Embeddings.make({ vendor: vendors.jina, model: "m", inputType: "query" })
    // @ts-expect-error OpenAI tells none apart
    Embeddings.make({ vendor: vendors.openai, model: "m", inputType: "query" })
  })

  it.effect("tells which variable of an address is open, and fills it from the configuration", () =>
    Effect.gen(function* () {
      const { azure } = vendors
      const embedder = yield* Embeddings.make({ vendor: azure, model: "m" })
      const error = yield* Effect.flip(embedder.embed(["a"]))
      assert.include(error.message, "AZURE_OPENAI_ENDPOINT")
      const given = { AZURE_OPENAI_API_KEY: "k", AZURE_OPENAI_ENDPOINT: "https://mine.openai.azure.com/" }
      const found = yield* Effect.provide(Embeddings.config(azure), env(given))
      assert.strictEqual(found.baseUrl, "https://mine.openai.azure.com/openai/v1")
      const missing = yield* Effect.flip(Effect.provide(Embeddings.config(azure), env({ AZURE_OPENAI_API_KEY: "k" })))
      assert.include(missing.message, "AZURE_OPENAI_ENDPOINT")
    }).pipe(Effect.provide(HttpClients.layer))
  )

  it.effect("names the dimension by the vendor's field, or not at all", () =>
    Effect.gen(function* () {
      const facts = {
        id: "x",
        baseUrl: "http://x",
        baseUrlVariable: "X",
        apiKey: { variable: "K", optional: true },
        maxBatch: 1
      }
      const sent = (field: "output_dimension" | "none") =>
        Effect.gen(function* () {
          const player = yield* serve([{ body: body([1, 2]) }])
          const vendor = define({ ...facts, dimensionsField: field })
          const embedder = yield* Embeddings.make({ vendor, model: "m", baseUrl: player.url, dimensions: 2 })
          yield* embedder.embed(["a"])
          return JSON.parse(player.asked[0]?.body ?? "")
        })
      assert.deepStrictEqual(yield* sent("output_dimension"), { model: "m", output_dimension: 2, input: ["a"] })
      assert.deepStrictEqual(yield* sent("none"), { model: "m", input: ["a"] })
    }).pipe(Effect.provide(HttpClients.layer))
  )

  it.effect("reads key and base URL from the configuration", () =>
    Effect.gen(function* () {
      const found = yield* Embeddings.config(vendors.openai).pipe(
        Effect.provide(env({ OPENAI_API_KEY: "k-1", OPENAI_BASE_URL: "http://proxy/v1" }))
      )
      assert.strictEqual(found.baseUrl, "http://proxy/v1")
      assert.strictEqual(found.apiKey === undefined ? undefined : Redacted.value(found.apiKey), "k-1")
      const missing = yield* Effect.flip(Effect.provide(Embeddings.config(vendors.openai), env({ OPENAI_API_KEY: "" })))
      assert.include(missing.message, "OPENAI_API_KEY")
      assert.deepStrictEqual(yield* Effect.provide(Embeddings.config(vendors.ollama), env({})), {
        baseUrl: vendors.ollama.baseUrl
      })
    })
  )
})
