/** Exchanges by hand, in the documented shapes, for wires of which nothing was recorded; and for forms of rows that were not. */
import * as Cohere from "@consortium/embedders-cohere/Embed"
import * as Ollama from "@consortium/embedders-ollama/Embed"
import * as Embeddings from "@consortium/embedders-openai-compatible/Embeddings"
import { vendors } from "@consortium/embedders-openai-compatible/Vendors"
import * as Voyage from "@consortium/embedders-voyage/Embeddings"
import { CohereClient } from "cohere-ai"
import { Ollama as OllamaClient } from "ollama"
import Together from "together-ai"
import { VoyageAIClient } from "voyageai"
import * as Redacted from "effect/Redacted"
import type { Lane } from "./lanes.js"
import { rowsOf, type Rows } from "./rows.js"

const key = "sk-synthetic"
const apiKey = Redacted.make(key)
const model = "synthetic"
const texts = ["rain", "sun"]
const rows = [
  [0.1, -0.25, 3],
  [1e-7, 2, -0.5]
]
const bytes = [
  [1, -128, 127],
  [0, 5, -7]
]
/** Of 16 bits each. */
const bits = [
  [0b10000001, 255],
  [0, 0b01010101]
]
/** The highest bit first: 1 for a one, −1 for a zero. */
const signs = bits.map((row) =>
  row.flatMap((byte) => [...byte.toString(2).padStart(8, "0")].map((bit) => (bit === "1" ? 1 : -1)))
)

export interface Synthetic {
  readonly name: string
  /** What the server answers. */
  readonly body: unknown
  readonly make: (url: string) => ReturnType<Lane["make"]>
  /** What the vendor's own client asks and makes of it. */
  readonly ask: (url: string) => Promise<Rows>
}

const listed = (embeddings: ReadonlyArray<unknown>) =>
  embeddings.map((embedding, index) => ({ object: "embedding", index, embedding }))

const cohere = (
  dataType: "int8" | "binary",
  embeddings: object,
  asked: "int8" | "ubinary",
  expected: Rows
): Synthetic => ({
  name: `cohere ${dataType}: cohere-ai`,
  body: {
    id: "s",
    texts,
    embeddings,
    response_type: "embeddings_by_type",
    meta: { billed_units: { input_tokens: 2 } }
  },
  make: (url) => Cohere.make({ model, apiKey, baseUrl: url, dataType }),
  ask: async (url) => {
    const client = new CohereClient({ token: key, environment: url })
    const words = { model, texts, inputType: "clustering", embeddingTypes: [asked], truncate: "NONE" } as const
    const { embeddings: found } = await client.v2.embed({ ...words, texts: [...texts], embeddingTypes: [asked] })
    return asked === "int8" ? rowsOf(found.int8 ?? [], 2) : expected
  }
})

const voyage = (
  dataType: "int8" | "binary",
  embeddings: ReadonlyArray<unknown>,
  asked: "int8" | "ubinary",
  expected: Rows
): Synthetic => ({
  name: `voyage ${dataType}: voyageai`,
  body: { object: "list", data: listed(embeddings), model, usage: { total_tokens: 2 } },
  make: (url) =>
    Voyage.make({ model, apiKey, baseUrl: `${url}/v1`, dataType, dimensions: dataType === "int8" ? 3 : 16 }),
  ask: async (url) => {
    const client = new VoyageAIClient({ apiKey: key, environment: `${url}/v1` })
    const outputDimension = asked === "int8" ? 3 : 16
    const words = { model, input: [...texts], truncation: false, outputDtype: asked, outputDimension }
    const { data } = await client.embed(words)
    return asked === "int8"
      ? rowsOf(
          (data ?? []).map(({ embedding }) => embedding ?? []),
          2
        )
      : expected
  }
})

export const synthetics: ReadonlyArray<Synthetic> = [
  {
    name: "ollama: ollama",
    body: { model, embeddings: rows, total_duration: 1, load_duration: 1, prompt_eval_count: 2 },
    make: (url) => Ollama.make({ model, baseUrl: url, dimensions: 3, keepAlive: "5m" }),
    ask: async (url) => {
      const client = new OllamaClient({ host: url })
      const asked = { model, input: texts, truncate: false, dimensions: 3, keep_alive: "5m" }
      const { embeddings, prompt_eval_count } = await client.embed(asked)
      return rowsOf(embeddings, prompt_eval_count)
    }
  },
  {
    name: "together: together-ai",
    body: { object: "list", model, data: listed(rows) },
    make: (url) => Embeddings.make({ vendor: vendors.together, model, apiKey, baseUrl: `${url}/v1` }),
    ask: async (url) => {
      const client = new Together({ apiKey: key, baseURL: `${url}/v1`, maxRetries: 0 })
      const { data } = await client.embeddings.create({ model, input: texts })
      return rowsOf(data.map(({ embedding }) => embedding))
    }
  },
  cohere("int8", { int8: bytes }, "int8", rowsOf(bytes, 2)),
  cohere("binary", { ubinary: bits }, "ubinary", rowsOf(signs, 2)),
  voyage("int8", bytes, "int8", rowsOf(bytes, 2)),
  voyage("binary", bits, "ubinary", rowsOf(signs, 2))
]
