/** An embedder of any server that speaks the wire of Text Embeddings Inference. */
import { Embedder } from "@consortium/core/Embedder"
import type { ModelError } from "@consortium/core/ModelError"
import * as Address from "@consortium/wire/Address"
import * as EmbeddingWire from "@consortium/wire/EmbeddingWire"
import * as Endpoint from "@consortium/wire/Endpoint"
import type { HttpClient } from "@consortium/wire/HttpClients"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Response from "./Response.js"
import type { Vendor } from "./Vendor.js"

/** The name of this wire, in `Embedder.wire`. */
export const wire = "tei.embed"

export interface Options {
  readonly vendor: Vendor
  /** The model; a server that has only one is not told, but its name stands in `ref` and in the space. */
  readonly model: string
  /** @default no key is sent */
  readonly apiKey?: Redacted.Redacted<string>
  /** @default the vendor's */
  readonly baseUrl?: string
  /** Asks for rows of this length, and refuses others. @default the model's own */
  readonly dimensions?: number
  /** A prompt of the model's own configuration, which is put before the texts, e.g. `query`. Rows of others are another space. @default none */
  readonly promptName?: string
  /** Sent beside our own; secrets among them as `Redacted`. @default {} */
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted<string>>>
}

/** The embedder as a value. Rows come as the server sends them; `embedAll` brings them to length 1. */
export const make = (options: Options): Effect.Effect<Embedder<ModelError>, never, HttpClient> => {
  const { apiKey, dimensions, headers, model, promptName, vendor } = options
  const always = {
    // A text that is too long is refused rather than cut, so that `embedAll` decides.
    truncate: false,
    ...(promptName !== undefined && { prompt_name: promptName }),
    ...(dimensions !== undefined && { dimensions })
  }
  const path = vendor.path.replace("{model}", model.split("/").map(encodeURIComponent).join("/"))
  return Effect.map(
    Endpoint.make({
      vendor: vendor.id,
      model,
      url: `${(options.baseUrl ?? vendor.baseUrl).replace(/\/+$/, "").replace(/\/v1$/, "")}${path}`,
      headers: {
        ...(apiKey !== undefined && { authorization: Redacted.make(`Bearer ${Redacted.value(apiKey).trim()}`) }),
        ...headers
      }
    }),
    (to) =>
      EmbeddingWire.make({
        to,
        vendor: vendor.id,
        model,
        wire,
        variant: [promptName],
        dimension: dimensions,
        maxBatch: vendor.maxBatch,
        maxTokens: vendor.maxTokens,
        body: (texts) => ({ inputs: texts, ...always }),
        read: Response.decode
      })
  )
}

/** The embedder as the program's one `Embedder`. */
export const layer = (options: Options): Layer.Layer<Embedder, never, HttpClient> =>
  Layer.effect(Embedder, make(options))

/** The vendor's key and base URL by its variables. A missing key is a `ConfigError` that names the variable. */
export const config = (vendor: Vendor): Config.Config<Pick<Options, "apiKey" | "baseUrl">> => {
  const key = Config.NonEmptyString(vendor.apiKey.variable).pipe(Config.map((it) => Redacted.make(it)))
  return Config.all({
    apiKey: vendor.apiKey.optional ? Config.option(key) : Config.map(key, Option.some),
    baseUrl: Address.config(vendor)
  }).pipe(Config.map(({ apiKey, baseUrl }) => ({ baseUrl, ...(Option.isSome(apiKey) && { apiKey: apiKey.value }) })))
}

/** The embedder with its key and base URL by the vendor's variables. */
export const makeConfig = (
  options: Omit<Options, "apiKey" | "baseUrl">
): Effect.Effect<Embedder<ModelError>, Config.ConfigError, HttpClient> =>
  Effect.flatMap(config(options.vendor), (found) => make({ ...options, ...found }))

/** The embedder as the program's one `Embedder`, with its key and base URL by the vendor's variables. */
export const layerConfig = (
  options: Omit<Options, "apiKey" | "baseUrl">
): Layer.Layer<Embedder, Config.ConfigError, HttpClient> => Layer.effect(Embedder, makeConfig(options))
