import * as Access from "@consortium/aws/Access"
import { serve } from "@consortium/testing/Exchanges"
import * as HttpClients from "@consortium/wire/HttpClients"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Family from "../src/Family.js"
import * as Invoke from "../src/Invoke.js"
import { cohere, nova, titan } from "./spelling.js"

const env = (values: Record<string, string>) => ConfigProvider.layer(ConfigProvider.fromEnv({ env: values }))
const access = Access.token(Redacted.make("bedrock-api-key-synthetic"))
const row = { index: 0, vector: [0.5, 1] }

describe("Invoke", () => {
  it.effect("asks each family in its own words, by the model's name", () =>
    Effect.gen(function* () {
      const player = yield* serve([titan, cohere, nova].map((one) => ({ body: one.whole([row], 1) })))
      const models = [
        "amazon.titan-embed-text-v2:0",
        "us.cohere.embed-v4:0",
        "amazon.nova-2-multimodal-embeddings-v1:0"
      ]
      const embedders = yield* Effect.forEach(models, (model) =>
        Invoke.make({ model, dimensions: 2, region: "us-east-1", access, baseUrl: player.url })
      )
      const batches = yield* Effect.forEach(embedders, (embedder) => embedder.embed(["a"]))
      assert.deepStrictEqual(
        player.asked.map(({ body, path }) => [path, JSON.parse(body)]),
        [
          ["/model/amazon.titan-embed-text-v2%3A0/invoke", { inputText: "a", dimensions: 2 }],
          [
            "/model/us.cohere.embed-v4%3A0/invoke",
            { texts: ["a"], input_type: "clustering", truncate: "NONE", output_dimension: 2 }
          ],
          [
            "/model/amazon.nova-2-multimodal-embeddings-v1%3A0/invoke",
            {
              schemaVersion: "nova-multimodal-embed-v1",
              taskType: "SINGLE_EMBEDDING",
              singleEmbeddingParams: {
                embeddingPurpose: "CLUSTERING",
                embeddingDimension: 2,
                text: { truncationMode: "NONE", value: "a" }
              }
            }
          ]
        ]
      )
      assert.deepStrictEqual(
        embedders.map(({ maxBatch, wire }) => [maxBatch, wire]),
        [
          [1, "bedrock.invoke/2"],
          [96, "bedrock.invoke/2/clustering"],
          [1, "bedrock.invoke/2/CLUSTERING"]
        ]
      )
      assert.deepStrictEqual(
        batches.map(({ space }) => space.variant),
        [undefined, "clustering", "CLUSTERING"]
      )
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("asks for several texts one after the other where a call takes one, and adds their tokens up", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: titan.whole([row], 2) }, { body: titan.whole([row], 3) }])
      const embedder = yield* Invoke.make({ model: "m", region: "us-east-1", access, baseUrl: player.url })
      const { data, inputTokens } = yield* embedder.embed(["a", "b"])
      assert.deepStrictEqual([...data], [0.5, 1, 0.5, 1])
      assert.strictEqual(inputTokens, 5)
      assert.deepStrictEqual(
        player.asked.map(({ body }) => JSON.parse(body).inputText),
        ["a", "b"]
      )
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("reads the third version of Cohere, and counts by the header", () =>
    Effect.gen(function* () {
      const headers = { "content-type": "application/json", "x-amzn-bedrock-input-token-count": "7" }
      const player = yield* serve([{ headers, body: JSON.stringify({ embeddings: [[1, 2]] }) }])
      const options = { family: "cohere", inputType: "search_query", region: "us-east-1", access } as const
      const embedder = yield* Invoke.make({ ...options, model: "m", baseUrl: player.url })
      const batch = yield* embedder.embed(["a"])
      assert.deepStrictEqual(batch, {
        space: { model: "bedrock/m", dimension: 2, variant: "search_query" },
        data: new Float32Array([1, 2]),
        inputTokens: 7
      })
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("tells what AWS refuses, by the exception's name", () =>
    Effect.gen(function* () {
      const exception = { "x-amzn-errortype": "ThrottlingException:http://internal.amazon.com/" }
      const long = "Too many input tokens. Max input tokens: 8192, request input token count: 9875"
      const player = yield* serve([
        { status: 429, headers: exception, body: JSON.stringify({ message: "Too many requests" }) },
        { status: 400, body: JSON.stringify({ message: `400 Bad Request: ${long}` }) }
      ])
      const embedder = yield* Invoke.make({ model: "m", region: "us-east-1", access, baseUrl: player.url })
      assert.strictEqual((yield* Effect.flip(embedder.embed(["a"]))).reason._tag, "RateLimited")
      assert.strictEqual((yield* Effect.flip(embedder.embed(["a"]))).reason._tag, "ContextOverflow")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it.effect("signs with access keys, or carries an API key, by AWS's own variables", () =>
    Effect.gen(function* () {
      const player = yield* serve([{ body: titan.whole([row], 1) }, { body: titan.whole([row], 1) }])
      const place = { AWS_REGION: "eu-central-1", AWS_ENDPOINT_URL_BEDROCK_RUNTIME: player.url }
      const keys = { AWS_ACCESS_KEY_ID: "AKIASYNTHETIC", AWS_SECRET_ACCESS_KEY: "synthetic-secret" }
      for (const given of [keys, { AWS_BEARER_TOKEN_BEDROCK: "k-1" }]) {
        const embedder = yield* Effect.provide(Invoke.makeConfig({ model: "m" }), env({ ...place, ...given }))
        yield* embedder.embed(["a"])
      }
      const [signed, bearer] = player.asked.map(({ headers }) => headers.authorization)
      assert.match(
        signed ?? "",
        /^AWS4-HMAC-SHA256 Credential=AKIASYNTHETIC\/\d{8}\/eu-central-1\/bedrock\/aws4_request/
      )
      assert.strictEqual(bearer, "Bearer k-1")
      const missing = yield* Effect.flip(Effect.provide(Invoke.makeConfig({ model: "m" }), env(keys)))
      assert.include(missing.message, "AWS_REGION")
    }).pipe(Effect.provide(HttpClients.layerDirect))
  )

  it("asks older and wider models as they want it", () => {
    const asked = { dimensions: 256, use: "clustering" }
    const { cohere, titan } = Family.families
    assert.deepStrictEqual(cohere.body(["a"], { ...asked, dimensions: undefined, model: "cohere.embed-english-v3" }), {
      texts: ["a"],
      input_type: "clustering"
    })
    assert.deepStrictEqual(titan.body(["a"], { ...asked, model: "amazon.titan-embed-image-v1" }), {
      inputText: "a",
      embeddingConfig: { outputEmbeddingLength: 256 }
    })
  })

  it("knows the families by name", () => {
    const names = ["amazon.titan-embed-text-v1", "eu.cohere.embed-v4:0", "amazon.nova-2-multimodal-embeddings-v1:0"]
    assert.deepStrictEqual(names.map(Family.of), ["titan", "cohere", "nova"])
  })
})
