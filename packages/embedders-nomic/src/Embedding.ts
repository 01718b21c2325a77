/** An embedder of Nomic Atlas by `/embedding/text` (docs.nomic.ai/atlas/models/text-embedding). */
import { Embedder } from "@consortium/core/Embedder"
import type { ModelError } from "@consortium/core/ModelError"
import * as Address from "@consortium/wire/Address"
import * as EmbeddingWire from "@consortium/wire/EmbeddingWire"
import * as Endpoint from "@consortium/wire/Endpoint"
import type { HttpClient } from "@consortium/wire/HttpClients"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Response from "./Response.js"
import { nomic } from "./Vendor.js"

/** The name of this wire, in `Embedder.wire`. */
export const wire = "nomic.embedding"

/** What texts are embedded for. The models are made for one of these; prompts that are compared with each other are clustered. */
export type TaskType = "clustering" | "classification" | "search_document" | "search_query"

export interface Options {
  /** The model, as the vendor names it, e.g. `nomic-embed-text-v1.5`. */
  readonly model: string
  /** @default no key is sent */
  readonly apiKey?: Redacted.Redacted<string>
  /** @default "https://api-atlas.nomic.ai/v1" */
  readonly baseUrl?: string
  /** Asks for rows of this length, and refuses others. @default the model's own */
  readonly dimensions?: number
  /** Rows of other tasks are another space. @default "clustering" */
  readonly taskType?: TaskType
  /**
   * What becomes of a text that is longer than the model takes, which the wire can't refuse: it is cut, or its parts are
   * embedded and their mean is taken. @default "truncate"
   */
  readonly longTextMode?: "truncate" | "mean"
  /** Sent beside our own; secrets among them as `Redacted`. @default {} */
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted<string>>>
}

/** The embedder as a value. Rows come as the vendor sends them; `embedAll` brings them to length 1. */
export const make = (options: Options): Effect.Effect<Embedder<ModelError>, never, HttpClient> => {
  const { apiKey, baseUrl = nomic.baseUrl, dimensions, headers, longTextMode = "truncate", model } = options
  const { taskType = "clustering" } = options
  const always = {
    model,
    task_type: taskType,
    long_text_mode: longTextMode,
    ...(dimensions !== undefined && { dimensionality: dimensions })
  }
  return Effect.map(
    Endpoint.make({
      vendor: nomic.id,
      model,
      url: `${baseUrl.replace(/\/+$/, "")}/embedding/text`,
      headers: {
        ...(apiKey !== undefined && { authorization: Redacted.make(`Bearer ${Redacted.value(apiKey).trim()}`) }),
        ...headers
      }
    }),
    (to) =>
      EmbeddingWire.make({
        to,
        vendor: nomic.id,
        model,
        wire,
        variant: [taskType, longTextMode === "truncate" ? undefined : longTextMode],
        dimension: dimensions,
        maxBatch: nomic.maxBatch,
        body: (texts) => ({ ...always, texts }),
        read: Response.decode
      })
  )
}

/** The embedder as the program's one `Embedder`. */
export const layer = (options: Options): Layer.Layer<Embedder, never, HttpClient> =>
  Layer.effect(Embedder, make(options))

const key = Config.map(Config.NonEmptyString(nomic.apiKey.variable), (it) => Redacted.make(it))

/** The key and the base URL by the vendor's variables. A missing key is a `ConfigError` that names the variable. */
export const config: Config.Config<Required<Pick<Options, "apiKey" | "baseUrl">>> = Config.all({
  apiKey: key,
  baseUrl: Address.config(nomic)
})

/** The embedder with its key and base URL by the vendor's variables. */
export const makeConfig = (
  options: Omit<Options, "apiKey" | "baseUrl">
): Effect.Effect<Embedder<ModelError>, Config.ConfigError, HttpClient> =>
  Effect.flatMap(config, (found) => make({ ...options, ...found }))

/** The embedder as the program's one `Embedder`, with its key and base URL by the vendor's variables. */
export const layerConfig = (
  options: Omit<Options, "apiKey" | "baseUrl">
): Layer.Layer<Embedder, Config.ConfigError, HttpClient> => Layer.effect(Embedder, makeConfig(options))
