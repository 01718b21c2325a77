/** Vendors whose embeddings have wires of their own; the first wire of each is the one that a bare name means. */
import type { Embedder } from "@consortium/core/Embedder"
import type { ModelError } from "@consortium/core/ModelError"
import * as Bedrock from "@consortium/embedders-bedrock/Invoke"
import { bedrock } from "@consortium/embedders-bedrock/Vendor"
import * as Cohere from "@consortium/embedders-cohere/Embed"
import { cohere } from "@consortium/embedders-cohere/Vendor"
import * as Gemini from "@consortium/embedders-google/Gemini"
import { google, vertex } from "@consortium/embedders-google/Vendor"
import * as Vertex from "@consortium/embedders-google/Vertex"
import * as Nomic from "@consortium/embedders-nomic/Embedding"
import { nomic } from "@consortium/embedders-nomic/Vendor"
import * as Ollama from "@consortium/embedders-ollama/Embed"
import { ollama } from "@consortium/embedders-ollama/Vendor"
import * as Embeddings from "@consortium/embedders-openai-compatible/Embeddings"
import { vendors as compatible } from "@consortium/embedders-openai-compatible/Vendors"
import * as Tei from "@consortium/embedders-tei/Embed"
import { vendors as teis } from "@consortium/embedders-tei/Vendors"
import * as Voyage from "@consortium/embedders-voyage/Embeddings"
import { voyage } from "@consortium/embedders-voyage/Vendor"
import type { TokenError } from "@consortium/providers-google/AccessToken"
import type { HttpClient } from "@consortium/wire/HttpClients"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"

export interface EmbedderDoor {
  readonly apiKey: { readonly variable: string }
  readonly baseUrlVariable: string
  readonly wires: Readonly<
    Record<string, (model: string) => Effect.Effect<Embedder<ModelError>, Config.ConfigError | TokenError, HttpClient>>
  >
}

const { huggingface, tei } = teis

export const ownEmbedders = {
  bedrock: { ...bedrock, wires: { invoke: (model) => Bedrock.makeConfig({ model }) } },
  cohere: { ...cohere, wires: { embed: (model) => Cohere.makeConfig({ model }) } },
  google: { ...google, wires: { "batch-embed-contents": (model) => Gemini.makeConfig({ model }) } },
  huggingface: { ...huggingface, wires: { embed: (model) => Tei.makeConfig({ vendor: huggingface, model }) } },
  nomic: { ...nomic, wires: { embedding: (model) => Nomic.makeConfig({ model }) } },
  // Their own wires first: on the other one a server may cut a text that is too long without a word.
  ollama: {
    ...ollama,
    wires: {
      embed: (model) => Ollama.makeConfig({ model }),
      openai: (model) => Embeddings.makeConfig({ vendor: compatible.ollama, model })
    }
  },
  tei: {
    ...tei,
    wires: {
      embed: (model) => Tei.makeConfig({ vendor: tei, model }),
      openai: (model) => Embeddings.makeConfig({ vendor: compatible.tei, model })
    }
  },
  vertex: {
    ...vertex,
    wires: { predict: (model) => Effect.provide(Vertex.makeConfig({ model }), NodeFileSystem.layer) }
  },
  voyage: { ...voyage, wires: { embeddings: (model) => Voyage.makeConfig({ model }) } }
} satisfies Readonly<Record<string, EmbedderDoor>>
