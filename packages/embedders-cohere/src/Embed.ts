/** An embedder of Cohere by `/v2/embed` (docs.cohere.com/reference/embed). */
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
import { cohere } from "./Vendor.js"

/** The name of this wire, in `Embedder.wire`. */
export const wire = "cohere.embed"

/** What texts are embedded for. The wire wants to know; prompts that are compared with each other are clustered. */
export type InputType = "clustering" | "classification" | "search_document" | "search_query"

/** What a row is sent as: a float is four times a signed byte, and 32 times a bit. */
export type DataType = "float" | "int8" | "binary"

export interface Options {
  /** The model, as the vendor names it, e.g. `embed-v4.0`. */
  readonly model: string
  /** @default no key is sent */
  readonly apiKey?: Redacted.Redacted<string>
  /** Without or with `/v2` at its end. @default "https://api.cohere.com" */
  readonly baseUrl?: string
  /** Asks for rows of this length, and refuses others. @default the model's own */
  readonly dimensions?: number
  /** Rows of other types are another space. @default "clustering" */
  readonly inputType?: InputType
  /** Rows of other types are another space. @default "float" */
  readonly dataType?: DataType
  /** Sent beside our own; secrets among them as `Redacted`. @default {} */
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted<string>>>
}

/** Bits are asked for unsigned, packed as NumPy packs them. */
const types = {
  float: { name: "float", encoding: "float32" },
  int8: { name: "int8", encoding: "int8" },
  binary: { name: "ubinary", encoding: "bits" }
} as const

/** The embedder as a value. Rows come as the vendor sends them; `embedAll` brings them to length 1. */
export const make = (options: Options): Effect.Effect<Embedder<ModelError>, never, HttpClient> => {
  const { apiKey, baseUrl = cohere.baseUrl, dataType = "float", dimensions, headers, inputType, model } = options
  const { encoding, name } = types[dataType]
  const always = {
    model,
    input_type: inputType ?? "clustering",
    embedding_types: [name],
    // A text that is too long is refused rather than cut, so that `embedAll` decides.
    truncate: "NONE",
    ...(dimensions !== undefined && { output_dimension: dimensions })
  }
  return Effect.map(
    Endpoint.make({
      vendor: cohere.id,
      model,
      url: `${baseUrl.replace(/\/+$/, "").replace(/\/v2$/, "")}/v2/embed`,
      headers: {
        ...(apiKey !== undefined && { authorization: Redacted.make(`Bearer ${Redacted.value(apiKey).trim()}`) }),
        ...headers
      },
      requestIdHeaders: ["x-debug-trace-id", "x-request-id"]
    }),
    (to) =>
      EmbeddingWire.make({
        to,
        vendor: cohere.id,
        model,
        wire,
        variant: [always.input_type, dataType === "float" ? undefined : dataType],
        dimension: dimensions,
        encoding,
        maxBatch: cohere.maxBatch,
        body: (texts) => ({ ...always, texts }),
        read: (json) => Response.decode(json, name)
      })
  )
}

/** The embedder as the program's one `Embedder`. */
export const layer = (options: Options): Layer.Layer<Embedder, never, HttpClient> =>
  Layer.effect(Embedder, make(options))

const key = [...cohere.apiKey.preferred, cohere.apiKey.variable]
  .map((variable) => Config.map(Config.NonEmptyString(variable), (it) => Redacted.make(it)))
  .reduce((first, next) => Config.orElse(first, () => next))

/** The key and the base URL by the vendor's variables. A missing key is a `ConfigError` that names the variable. */
export const config: Config.Config<Required<Pick<Options, "apiKey" | "baseUrl">>> = Config.all({
  apiKey: key,
  baseUrl: Address.config(cohere)
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
