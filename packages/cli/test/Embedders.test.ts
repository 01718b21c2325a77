import type { Embedder } from "@consortium/core/Embedder"
import { serve } from "@consortium/testing/Exchanges"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Registry from "../src/Registry.js"

const env = (values: Record<string, string>) => ConfigProvider.layer(ConfigProvider.fromEnv({ env: values }))

/** An embedder by its name, in an environment, as long as its registry lives. */
const using = <A, E>(ref: string, values: Record<string, string>, use: (embedder: Embedder) => Effect.Effect<A, E>) =>
  Effect.provide(
    Effect.flatMap(Registry.Registry, ({ embedder }) => Effect.flatMap(embedder(ref), use)),
    [Registry.layer(1), env(values)]
  )

/** Why a name is none. */
const refused = (ref: string, values: Record<string, string> = {}) =>
  Effect.flip(using(ref, values, ({ ref }) => Effect.die(new Error(`${ref} was made`))))

const openai = JSON.stringify({ data: [{ index: 0, embedding: [1, 2] }] })
const predictions = JSON.stringify({ predictions: [{ embeddings: { values: [1, 2] } }] })
const byType = JSON.stringify({ embeddings: { float: [[1, 2]] } })
const bare = JSON.stringify({ embeddings: [[1, 2]] })

describe("embedders by name", () => {
  for (const [ref, path, body, variables] of [
    ["azure/d", "/openai/v1/embeddings", openai, { AZURE_OPENAI_API_KEY: "k", AZURE_OPENAI_ENDPOINT: "URL" }],
    [
      "bedrock/m",
      "/model/m/invoke",
      '{"embedding":[1,2]}',
      { AWS_BEARER_TOKEN_BEDROCK: "k", AWS_REGION: "us-east-1", AWS_ENDPOINT_URL_BEDROCK_RUNTIME: "URL" }
    ],
    ["cohere/m", "/v2/embed", byType, { COHERE_API_KEY: "k", COHERE_BASE_URL: "URL" }],
    [
      "google/m",
      "/v1beta/models/m:batchEmbedContents",
      '{"embeddings":[{"values":[1,2]}]}',
      { GEMINI_API_KEY: "k", GEMINI_BASE_URL: "URL" }
    ],
    [
      "huggingface/a/m",
      "/hf-inference/models/a/m/pipeline/feature-extraction",
      "[[1,2]]",
      { HF_TOKEN: "k", HF_BASE_URL: "URL" }
    ],
    ["jina/m", "/embeddings", openai, { JINA_API_KEY: "k", JINA_BASE_URL: "URL" }],
    ["nomic/m", "/embedding/text", bare, { NOMIC_API_KEY: "k", NOMIC_BASE_URL: "URL" }],
    ["ollama/m", "/api/embed", bare, { OLLAMA_BASE_URL: "URL/v1" }],
    ["ollama.openai/m", "/v1/embeddings", openai, { OLLAMA_BASE_URL: "URL/v1" }],
    ["tei/m", "/embed", "[[1,2]]", { TEI_BASE_URL: "URL/v1" }],
    ["tei.openai/m", "/v1/embeddings", openai, { TEI_BASE_URL: "URL/v1" }],
    [
      "vertex/m",
      "/v1beta1/publishers/google/models/m:predict",
      predictions,
      { GOOGLE_API_KEY: "k", GOOGLE_VERTEX_BASE_URL: "URL" }
    ],
    ["voyage/m", "/embeddings", openai, { VOYAGE_API_KEY: "k", VOYAGE_BASE_URL: "URL" }]
  ] as const) {
    it.effect(`${ref} is called at ${path}`, () =>
      Effect.gen(function* () {
        const player = yield* serve([{ body }])
        const given = Object.entries(variables).map(([name, value]) => [name, value.replace("URL", player.url)])
        const [{ data }, name] = yield* using(ref, Object.fromEntries(given), (embedder) =>
          Effect.map(embedder.embed(["a"]), (batch) => [batch, embedder.ref] as const)
        )
        assert.deepStrictEqual([...data], [1, 2])
        assert.strictEqual(player.asked[0]?.path, path)
        assert.strictEqual(name, ref.replace(".openai", ""))
      })
    )
  }

  it.effect("say which variable is missing", () =>
    Effect.gen(function* () {
      for (const [ref, variable, values] of [
        ["cohere/m", "COHERE_API_KEY", {}],
        ["voyage/m", "VOYAGE_API_KEY", {}],
        ["bedrock/m", "AWS_REGION", { AWS_BEARER_TOKEN_BEDROCK: "k" }],
        ["cloudflare/m", "CLOUDFLARE_ACCOUNT_ID", { CLOUDFLARE_API_TOKEN: "k" }]
      ] as const) {
        const error = yield* refused(ref, values)
        assert.strictEqual(error._tag, "BadVariable")
        assert.include(error.message, variable)
      }
    })
  )

  it.effect("say what they are not", () =>
    Effect.gen(function* () {
      assert.include((yield* refused("voyag/m")).message, "did you mean voyage?")
      assert.include((yield* refused("ollama.chat/m")).message, "it has: embed, openai")
      assert.include((yield* refused("transformers/synthetic/none")).message, "transformers")
    })
  )
})
