/** An embedder of any vendor that speaks the OpenAI embeddings wire. */
import { type Batch, Embedder } from "@consortium/core/Embedder"
import { MalformedOutput, type ModelError } from "@consortium/core/ModelError"
import type { NonEmpty } from "@consortium/core/NonEmpty"
import * as Endpoint from "@consortium/wire/Endpoint"
import type { HttpClient } from "@consortium/wire/HttpClients"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Response from "./Response.js"
import type { Vendor } from "./Vendor.js"

/** The name of this wire, in `Embedder.wire`. */
export const wire = "openai.embeddings"

export interface Options {
  readonly vendor: Vendor
  /** The model, as the vendor names it. */
  readonly model: string
  /** @default no key is sent */
  readonly apiKey?: Redacted.Redacted<string>
  /** @default the vendor's */
  readonly baseUrl?: string
  /** Asks for rows of this length, and refuses others. @default the model's own */
  readonly dimensions?: number
  /** Sent beside the vendor's own; secrets among them as `Redacted`. @default {} */
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted<string>>>
}

const endpoint = ({ apiKey, baseUrl, headers, model, vendor }: Options) =>
  Endpoint.make({
    vendor: vendor.id,
    model,
    url: `${(baseUrl ?? vendor.baseUrl).replace(/\/+$/, "")}/embeddings`,
    headers: {
      ...vendor.headers,
      ...(apiKey !== undefined && { authorization: Redacted.make(`Bearer ${Redacted.value(apiKey).trim()}`) }),
      ...headers
    },
    requestIdHeaders: vendor.requestIdHeaders
  })

/** The embedder as a value. Rows come as the vendor sends them; `embedAll` brings them to length 1. */
export const make = (options: Options): Effect.Effect<Embedder<ModelError>, never, HttpClient> =>
  Effect.map(endpoint(options), (to): Embedder<ModelError> => {
    const { dimensions, model, vendor } = options
    const shorter = dimensions !== undefined && vendor.dimensionsField !== "none"
    const fixed = {
      model,
      ...(vendor.base64 && { encoding_format: "base64" }),
      ...(shorter && { [vendor.dimensionsField]: dimensions })
    }
    return {
      ref: `${vendor.id}/${model}`,
      wire: dimensions === undefined ? wire : `${wire}/${dimensions}`,
      maxBatch: vendor.maxBatch,
      embed: (texts: NonEmpty<string>) =>
        Effect.flatMap(
          to.json(JSON.stringify({ ...fixed, input: texts })),
          ({ facts, json }): Effect.Effect<Batch, ModelError> => {
            const rows = Response.decode(json, texts.length, dimensions)
            if (Result.isFailure(rows)) return Effect.fail(to.error(new MalformedOutput({}), rows.failure, facts))
            const { data, dimension, inputTokens, model: returned } = rows.success
            return Effect.succeed({
              space: { model: `${vendor.id}/${returned === "" ? model : returned}`, dimension },
              data,
              ...(inputTokens !== undefined && { inputTokens })
            })
          }
        )
    }
  })

/** The embedder as the program's one `Embedder`. */
export const layer = (options: Options): Layer.Layer<Embedder, never, HttpClient> =>
  Layer.effect(Embedder, make(options))

/** The vendor's key and base URL by its variables. A missing key is a `ConfigError` that names the variable. */
export const config = (vendor: Vendor): Config.Config<Pick<Options, "apiKey" | "baseUrl">> => {
  const key = Config.NonEmptyString(vendor.apiKey.variable).pipe(Config.map((it) => Redacted.make(it)))
  return Config.all({
    apiKey: vendor.apiKey.optional ? Config.option(key) : Config.map(key, Option.some),
    baseUrl: Config.NonEmptyString(vendor.baseUrlVariable).pipe(Config.withDefault(vendor.baseUrl))
  }).pipe(Config.map(({ apiKey, baseUrl }) => ({ baseUrl, ...(Option.isSome(apiKey) && { apiKey: apiKey.value }) })))
}

/** The embedder with its key and base URL by the vendor's variables. */
export const makeConfig = (
  options: Pick<Options, "vendor" | "model" | "dimensions" | "headers">
): Effect.Effect<Embedder<ModelError>, Config.ConfigError, HttpClient> =>
  Effect.flatMap(config(options.vendor), (found) => make({ ...options, ...found }))

/** The embedder as the program's one `Embedder`, with its key and base URL by the vendor's variables. */
export const layerConfig = (
  options: Pick<Options, "vendor" | "model" | "dimensions" | "headers">
): Layer.Layer<Embedder, Config.ConfigError, HttpClient> => Layer.effect(Embedder, makeConfig(options))
