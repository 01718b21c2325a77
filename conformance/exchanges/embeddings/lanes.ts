/** Who reads what: for each file our embedder, and the SDK that is its oracle. */
import * as Access from "@consortium/aws/Access"
import type { Embedder } from "@consortium/core/Embedder"
import type { ModelError } from "@consortium/core/ModelError"
import * as Invoke from "@consortium/embedders-bedrock/Invoke"
import * as Cohere from "@consortium/embedders-cohere/Embed"
import * as Gemini from "@consortium/embedders-google/Gemini"
import type { TaskType } from "@consortium/embedders-google/TaskType"
import * as Vertex from "@consortium/embedders-google/Vertex"
import * as Embeddings from "@consortium/embedders-openai-compatible/Embeddings"
import type { Vendor } from "@consortium/embedders-openai-compatible/Vendor"
import { vendors } from "@consortium/embedders-openai-compatible/Vendors"
import * as Tei from "@consortium/embedders-tei/Embed"
import { vendors as teis } from "@consortium/embedders-tei/Vendors"
import * as Voyage from "@consortium/embedders-voyage/Embeddings"
import type * as HttpClients from "@consortium/wire/HttpClients"
import type * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { Recording } from "../recordings.js"
import type { Asked } from "./asked.js"
import * as sdks from "./sdks.js"

export interface Lane {
  readonly wire: string
  /** Our client, at an address without a slash at the end. */
  readonly make: (url: string, asked: Asked) => Effect.Effect<Embedder<ModelError>, never, HttpClients.HttpClient>
  readonly oracle: sdks.Oracle
}

const apiKey = Redacted.make("sk-synthetic")
const dims = ({ dimensions }: Asked) => (dimensions === undefined ? {} : { dimensions })

const compatible = (vendor: Vendor, oracle: sdks.Oracle = sdks.openai): Lane => ({
  wire: Embeddings.wire,
  make: (url, asked) =>
    Embeddings.make({
      vendor,
      model: asked.model,
      apiKey,
      baseUrl: vendor.path === "/embeddings" ? `${url}/v1` : url,
      ...dims(asked),
      ...(asked.use !== undefined && { inputType: asked.use })
    }),
  oracle
})

/** One of the words that a client takes; its type says no more than that a recording is free to say anything. */
const word = <W extends string>(use: string | undefined): W | undefined => use as W | undefined

const lanes: Readonly<Record<string, Lane>> = {
  azure: compatible(vendors.azure),
  bedrock: {
    wire: Invoke.wire,
    make: (url, asked) => {
      const place = {
        model: asked.model,
        region: "us-east-1",
        baseUrl: url,
        access: Access.token(apiKey),
        ...dims(asked)
      }
      const inputType = word<"search_query">(asked.use)
      return Invoke.make(inputType === undefined ? place : { ...place, family: "cohere", inputType })
    },
    oracle: sdks.bedrock
  },
  cohere: {
    wire: Cohere.wire,
    make: (url, asked) => {
      const inputType = word<Cohere.InputType>(asked.use)
      const place = { model: asked.model, apiKey, baseUrl: url, ...dims(asked) }
      return Cohere.make({ ...place, ...(inputType !== undefined && { inputType }) })
    },
    oracle: sdks.cohere
  },
  doubleword: compatible(vendors.doubleword),
  gemini: {
    wire: Gemini.wire,
    make: (url, asked) => {
      const taskType = word<TaskType>(asked.use)
      const place = { model: asked.model, apiKey, baseUrl: url, ...dims(asked) }
      return Gemini.make({ ...place, ...(taskType !== undefined && { taskType }) })
    },
    oracle: sdks.gemini
  },
  huggingface: {
    wire: Tei.wire,
    make: (url, asked) =>
      Tei.make({ vendor: teis.huggingface, model: asked.model, apiKey, baseUrl: url, ...dims(asked) }),
    oracle: sdks.huggingface
  },
  llamacpp: compatible(vendors.llamacpp),
  mistral: compatible(vendors.mistral, sdks.mistral),
  openai: compatible(vendors.openai),
  openrouter: compatible(vendors.openrouter),
  perplexity: compatible(vendors.perplexity, sdks.perplexity),
  venice: compatible(vendors.venice),
  vertex: {
    wire: Vertex.wire,
    make: (url, asked) => Vertex.make({ model: asked.model, apiKey, baseUrl: url, ...dims(asked) }),
    oracle: sdks.vertex
  },
  vllm: compatible(vendors.vllm, sdks.openaiDoubles),
  voyage: {
    wire: Voyage.wire,
    make: (url, asked) => {
      const inputType = word<Voyage.InputType>(asked.use)
      const place = { model: asked.model, apiKey, baseUrl: `${url}/v1`, ...dims(asked) }
      return Voyage.make({ ...place, ...(inputType !== undefined && { inputType }) })
    },
    oracle: sdks.voyage
  }
}

/** Whether an exchange is about embeddings. */
const isEmbedding = ({ endpoint, request }: Recording): boolean =>
  endpoint === "embeddings" || (endpoint === "invoke" && /embed/.test(request?.url ?? ""))

/** The lane of an exchange, why it has none, or nothing where it is about something else. */
export const laneOf = (file: string, recording: Recording): Lane | string | undefined => {
  if (!isEmbedding(recording)) return undefined
  const url = recording.request?.url ?? ""
  if (url.endsWith("/v1/embed")) return "no client: pictures by Cohere's first version"
  if (file === "gemini" && url.endsWith(":embedContent")) return "no client: one text by Gemini's single verb"
  return lanes[file] ?? "no client"
}
