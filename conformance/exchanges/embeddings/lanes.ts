/** Who reads what: for each file our embedder, and the SDK that is its oracle. */
import * as Access from "@consortium/aws/Access"
import type { Embedder } from "@consortium/core/Embedder"
import type { ModelError } from "@consortium/core/ModelError"
import * as Family from "@consortium/embedders-bedrock/Family"
import * as Invoke from "@consortium/embedders-bedrock/Invoke"
import * as Cohere from "@consortium/embedders-cohere/Embed"
import * as Gemini from "@consortium/embedders-google/Gemini"
import type { TaskType } from "@consortium/embedders-google/TaskType"
import * as Vertex from "@consortium/embedders-google/Vertex"
import * as Ollama from "@consortium/embedders-ollama/Embed"
import * as Embeddings from "@consortium/embedders-openai-compatible/Embeddings"
import type { Vendor } from "@consortium/embedders-openai-compatible/Vendor"
import { vendors } from "@consortium/embedders-openai-compatible/Vendors"
import * as Tei from "@consortium/embedders-tei/Embed"
import { vendors as teis } from "@consortium/embedders-tei/Vendors"
import * as Voyage from "@consortium/embedders-voyage/Embeddings"
import type * as HttpClients from "@consortium/wire/HttpClients"
import type * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { fields, list } from "../json.js"
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

/** What a user would add where a server tells uses apart. */
const inputTypes = { field: "input_type", types: Array.of<string>() }

const compatible = (vendor: Vendor, oracle: sdks.Oracle = sdks.openai): Lane => ({
  wire: Embeddings.wire,
  make: (url, asked) =>
    Embeddings.make({
      vendor: { ...vendor, inputTypes: vendor.inputTypes ?? inputTypes },
      model: asked.model,
      apiKey,
      baseUrl: vendor.path === "/embeddings" ? `${url}/v1` : url,
      ...dims(asked),
      ...(asked.use !== undefined && { inputType: asked.use })
    }),
  oracle
})

/** A field where there is a value. */
const maybe = <N extends string, V>(name: N, value: V | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { readonly [K in N]?: V }

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
      if (asked.use === undefined) return Invoke.make(place)
      return Family.of(asked.model) === "nova"
        ? Invoke.make({ ...place, family: "nova", ...maybe("purpose", word<Family.Purpose>(asked.use)) })
        : Invoke.make({ ...place, family: "cohere", ...maybe("inputType", word<Family.InputType>(asked.use)) })
    },
    oracle: sdks.bedrock
  },
  cohere: {
    wire: Cohere.wire,
    make: (url, asked) => {
      const place = { model: asked.model, apiKey, baseUrl: url, ...dims(asked) }
      return Cohere.make({ ...place, ...maybe("inputType", word<Cohere.InputType>(asked.use)) })
    },
    oracle: sdks.cohere
  },
  doubleword: compatible(vendors.doubleword),
  gemini: {
    wire: Gemini.wire,
    make: (url, asked) => {
      const place = { model: asked.model, apiKey, baseUrl: url, ...dims(asked) }
      return Gemini.make({ ...place, ...maybe("taskType", word<TaskType>(asked.use)) })
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
  lmstudio: compatible(vendors.lmstudio),
  ollama: compatible(vendors.ollama),
  openrouter: compatible(vendors.openrouter),
  perplexity: compatible(vendors.perplexity, sdks.perplexity),
  qwen: compatible(vendors.qwen),
  together: compatible(vendors.together, sdks.together),
  venice: compatible(vendors.venice),
  vertex: {
    wire: Vertex.wire,
    make: (url, asked) => {
      const place = { model: asked.model, apiKey, baseUrl: url, ...dims(asked) }
      return Vertex.make({ ...place, ...maybe("taskType", word<TaskType>(asked.use)) })
    },
    oracle: sdks.vertex
  },
  vllm: compatible(vendors.vllm, sdks.openaiBytes),
  voyage: {
    wire: Voyage.wire,
    make: (url, asked) => {
      const place = { model: asked.model, apiKey, baseUrl: `${url}/v1`, ...dims(asked) }
      return Voyage.make({ ...place, ...maybe("inputType", word<Voyage.InputType>(asked.use)) })
    },
    oracle: sdks.voyage
  }
}

const ollama: Lane = {
  wire: Ollama.wire,
  make: (url, asked) => Ollama.make({ model: asked.model, apiKey, baseUrl: url, ...dims(asked) }),
  oracle: sdks.ollama
}

/** Servers of OpenAI's wire that no vendor's file speaks of. */
const custom = compatible(vendors.custom)

/** Whether an exchange is about embeddings. */
const isEmbedding = ({ endpoint, request }: Recording): boolean =>
  endpoint === "embeddings" || (endpoint === "invoke" && /embed/.test(request?.url ?? ""))

/** Addresses that are another verb than the one that our client calls. */
const others: ReadonlyArray<readonly [RegExp, string]> = [
  [/cohere\.com\/v1\/embed$/, "Cohere's first version"],
  [/generativelanguage.*:embedContent$/, "Gemini's verb for one text"],
  [/\/api\/embeddings$/, "Ollama's first version"],
  [/(multimodal|contextualized)embeddings$/, "pictures, or pieces of one document"],
  [/(?<!\/v1)\/embedding$/, "llama.cpp's own verb"]
]

/** A form of rows that is asked for, where it is not floats. */
const formOf = (body: unknown): string | undefined => {
  const { embedding_types, output_dtype } = fields(body)
  if (typeof output_dtype === "string" && output_dtype !== "float") return output_dtype
  const types = list(embedding_types)
  return types.length > 0 && !types.includes("float") ? String(types[0]) : undefined
}

/** The lane of an exchange, why it has none, or nothing where it is about something else. */
export const laneOf = (file: string, recording: Recording): Lane | string | undefined => {
  if (!isEmbedding(recording)) return undefined
  const url = (recording.request?.url ?? "").replace(/\?.*$/, "")
  const other = others.find(([address]) => address.test(url))
  if (other !== undefined) return `no client: ${other[1]}`
  const form = formOf(recording.request?.body)
  if (form !== undefined) return `not asked in this form: rows as ${form}`
  if (url.endsWith("/api/embed")) return ollama
  if (file === "huggingface" && url.endsWith("/embeddings")) return custom
  return lanes[file] ?? (url.endsWith("/embeddings") ? custom : "no client")
}
