/** An embedder of Voyage AI (docs.voyageai.com/reference/embeddings-api). */
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
import { voyage } from "./Vendor.js"

/** The name of this wire, in `Embedder.wire`. */
export const wire = "voyage.embeddings"

/** What texts are embedded for: the vendor puts a sentence before them. */
export type InputType = "query" | "document"

/** What a row is sent as: a float is four times a signed byte, and 32 times a bit. */
export type DataType = "float" | "int8" | "binary"

export interface Options {
  /** The model, as the vendor names it, e.g. `voyage-4`. */
  readonly model: string
  /** @default no key is sent */
  readonly apiKey?: Redacted.Redacted<string>
  /** @default "https://api.voyageai.com/v1" */
  readonly baseUrl?: string
  /** Asks for rows of this length, and refuses others. @default the model's own */
  readonly dimensions?: number
  /** Rows of other types are another space. @default none is sent, and nothing is put before the texts */
  readonly inputType?: InputType
  /** Rows of other types are another space. @default "float" */
  readonly dataType?: DataType
  /** Sent beside our own; secrets among them as `Redacted`. @default {} */
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted<string>>>
}

/** Floats come as base64 of float32; whole numbers as such, bits unsigned, packed as NumPy packs them. */
const types = {
  float: { asked: { encoding_format: "base64" }, encoding: "float32" },
  int8: { asked: { output_dtype: "int8" }, encoding: "int8" },
  binary: { asked: { output_dtype: "ubinary" }, encoding: "bits" }
} as const

const maxTokensOf = (model: string): number =>
  voyage.tokensOf.find(([begins]) => model.startsWith(begins))?.[1] ?? voyage.maxTokens

/** The embedder as a value. Rows come as the vendor sends them; `embedAll` brings them to length 1. */
export const make = (options: Options): Effect.Effect<Embedder<ModelError>, never, HttpClient> => {
  const { apiKey, baseUrl = voyage.baseUrl, dataType = "float", dimensions, headers, inputType, model } = options
  const { asked, encoding } = types[dataType]
  const always = {
    model,
    // A text that is too long is refused rather than cut, so that `embedAll` decides.
    truncation: false,
    ...asked,
    ...(inputType !== undefined && { input_type: inputType }),
    ...(dimensions !== undefined && { output_dimension: dimensions })
  }
  return Effect.map(
    Endpoint.make({
      vendor: voyage.id,
      model,
      url: `${baseUrl.replace(/\/+$/, "")}/embeddings`,
      headers: {
        ...(apiKey !== undefined && { authorization: Redacted.make(`Bearer ${Redacted.value(apiKey).trim()}`) }),
        ...headers
      }
    }),
    (to) =>
      EmbeddingWire.make({
        to,
        vendor: voyage.id,
        model,
        wire,
        variant: [inputType, dataType === "float" ? undefined : dataType],
        dimension: dimensions,
        encoding,
        maxBatch: voyage.maxBatch,
        maxTokens: maxTokensOf(model),
        body: (texts) => ({ ...always, input: texts }),
        read: Response.decode
      })
  )
}

/** The embedder as the program's one `Embedder`. */
export const layer = (options: Options): Layer.Layer<Embedder, never, HttpClient> =>
  Layer.effect(Embedder, make(options))

const key = Config.map(Config.NonEmptyString(voyage.apiKey.variable), (it) => Redacted.make(it))

/** The key and the base URL by the vendor's variables. A missing key is a `ConfigError` that names the variable. */
export const config: Config.Config<Required<Pick<Options, "apiKey" | "baseUrl">>> = Config.all({
  apiKey: key,
  baseUrl: Address.config(voyage)
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
