/**
 * An embedder of the Gemini API, `models/M:batchEmbedContents` (ai.google.dev/api/embeddings). Of `gemini-embedding-001`
 * only rows of full size have length 1.
 */
import { Embedder } from "@consortium/core/Embedder"
import type { ModelError } from "@consortium/core/ModelError"
import * as GenerateContent from "@consortium/providers-google/GenerateContent"
import * as RpcStatus from "@consortium/providers-google/RpcStatus"
import * as EmbeddingWire from "@consortium/wire/EmbeddingWire"
import * as Endpoint from "@consortium/wire/Endpoint"
import type { HttpClient } from "@consortium/wire/HttpClients"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as response from "./internal/response.js"
import type { TaskType } from "./TaskType.js"
import { google } from "./Vendor.js"

/** The name of this wire, in `Embedder.wire`. */
export const wire = "google.batch-embed-contents"

export interface Options {
  /** The model, as the vendor names it, e.g. `gemini-embedding-001`. */
  readonly model: string
  /** @default no key is sent */
  readonly apiKey?: Redacted.Redacted<string>
  /** Without or with a version at its end. @default "https://generativelanguage.googleapis.com" */
  readonly baseUrl?: string
  /** Asks for rows of this length, and refuses others. @default the model's own */
  readonly dimensions?: number
  /** Rows of other tasks are another space. @default none is sent */
  readonly taskType?: TaskType
  /** Sent beside our own; secrets among them as `Redacted`. @default {} */
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted<string>>>
}

/** The embedder as a value. Rows come as the vendor sends them; `embedAll` brings them to length 1. */
export const make = (options: Options): Effect.Effect<Embedder<ModelError>, never, HttpClient> => {
  const { dimensions, model, taskType } = options
  const { headers, url } = GenerateContent.place(options)
  const about = { vendor: google.id, model }
  const always = {
    model: model.includes("/") ? model : `models/${model}`,
    ...(taskType !== undefined && { taskType }),
    ...(dimensions !== undefined && { outputDimensionality: dimensions })
  }
  return Effect.map(
    Endpoint.make({ ...about, url: `${url}:batchEmbedContents`, headers, readError: RpcStatus.read }),
    (to) =>
      EmbeddingWire.make({
        ...about,
        to,
        wire,
        variant: [taskType],
        dimension: dimensions,
        maxBatch: google.maxBatch,
        body: (texts) => ({ requests: texts.map((text) => ({ ...always, content: { parts: [{ text }] } })) }),
        read: response.batch
      })
  )
}

/** The embedder as the program's one `Embedder`. */
export const layer = (options: Options): Layer.Layer<Embedder, never, HttpClient> =>
  Layer.effect(Embedder, make(options))

/** `GOOGLE_API_KEY`, or `GEMINI_API_KEY`, and `GEMINI_BASE_URL`. A missing key is a `ConfigError` that names the variable. */
export const config: Config.Config<Required<Pick<Options, "apiKey" | "baseUrl">>> = GenerateContent.config

/** The embedder with its key and base URL by the vendor's variables. */
export const makeConfig = (
  options: Omit<Options, "apiKey" | "baseUrl">
): Effect.Effect<Embedder<ModelError>, Config.ConfigError, HttpClient> =>
  Effect.flatMap(config, (found) => make({ ...options, ...found }))

/** The embedder as the program's one `Embedder`, with its key and base URL by the vendor's variables. */
export const layerConfig = (
  options: Omit<Options, "apiKey" | "baseUrl">
): Layer.Layer<Embedder, Config.ConfigError, HttpClient> => Layer.effect(Embedder, makeConfig(options))
