/** An embedder of any vendor that speaks the OpenAI embeddings wire. */
import { Embedder } from "@consortium/core/Embedder"
import { type ModelError, NotFound } from "@consortium/core/ModelError"
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
export const wire = "openai.embeddings"

export interface Options<Type extends string = string> {
  readonly vendor: Vendor<Type>
  /** The model, as the vendor names it. */
  readonly model: string
  /** @default no key is sent */
  readonly apiKey?: Redacted.Redacted<string>
  /** @default the vendor's; one with variables in braces is filled by `makeConfig` only */
  readonly baseUrl?: string
  /** Asks for rows of this length, and refuses others. @default the model's own */
  readonly dimensions?: number
  /** What the texts are embedded for, in the vendor's words; rows of other types are another space. @default the vendor's */
  readonly inputType?: NoInfer<Type>
  /** Sent beside the vendor's own; secrets among them as `Redacted`. @default {} */
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted<string>>>
}

const keyOf = (vendor: Vendor, key: Redacted.Redacted<string>) => {
  const bare = Redacted.value(key).trim()
  return { [vendor.keyHeader]: Redacted.make(vendor.keyHeader === "authorization" ? `Bearer ${bare}` : bare) }
}

const endpoint = ({ apiKey, baseUrl, headers, model, vendor }: Options) =>
  Endpoint.make({
    vendor: vendor.id,
    model,
    url: `${(baseUrl ?? vendor.baseUrl).replace(/\/+$/, "")}${vendor.path}`,
    headers: { ...vendor.headers, ...(apiKey !== undefined && keyOf(vendor, apiKey)), ...headers },
    requestIdHeaders: vendor.requestIdHeaders
  })

/** What is the same in every request. */
const fixed = ({ dimensions, model, vendor }: Options, inputType: string | undefined) => ({
  model,
  ...(vendor.base64 !== undefined && { encoding_format: vendor.base64.format }),
  ...(dimensions !== undefined && vendor.dimensionsField !== "none" && { [vendor.dimensionsField]: dimensions }),
  ...(inputType !== undefined && vendor.inputTypes !== undefined && { [vendor.inputTypes.field]: inputType })
})

/** The embedder as a value. Rows come as the vendor sends them; `embedAll` brings them to length 1. */
export const make = <const Type extends string>(
  options: Options<Type>
): Effect.Effect<Embedder<ModelError>, never, HttpClient> =>
  Effect.map(endpoint(options), (to): Embedder<ModelError> => {
    const { dimensions, model, vendor } = options
    const inputType = options.inputType ?? vendor.inputTypes?.standard
    const always = fixed(options, inputType)
    const embedder = EmbeddingWire.make({
      to,
      vendor: vendor.id,
      model,
      wire,
      variant: [inputType],
      dimension: dimensions,
      encoding: vendor.base64?.holds,
      maxBatch: vendor.maxBatch,
      maxTokens: vendor.maxTokens,
      body: (texts) => ({ ...always, input: texts }),
      read: Response.decode
    })
    const [missing] = Address.variables(options.baseUrl ?? vendor.baseUrl)
    if (missing === undefined) return embedder
    return { ...embedder, embed: () => Effect.fail(to.error(new NotFound({}), Address.without(missing))) }
  })

/** The embedder as the program's one `Embedder`. */
export const layer = <const Type extends string>(options: Options<Type>): Layer.Layer<Embedder, never, HttpClient> =>
  Layer.effect(Embedder, make(options))

/** The vendor's key and base URL by its variables. What is missing is a `ConfigError` that names the variable. */
export const config = (vendor: Vendor): Config.Config<Pick<Options, "apiKey" | "baseUrl">> => {
  const key = Config.NonEmptyString(vendor.apiKey.variable).pipe(Config.map((it) => Redacted.make(it)))
  return Config.all({
    apiKey: vendor.apiKey.optional ? Config.option(key) : Config.map(key, Option.some),
    baseUrl: Address.config(vendor)
  }).pipe(Config.map(({ apiKey, baseUrl }) => ({ baseUrl, ...(Option.isSome(apiKey) && { apiKey: apiKey.value }) })))
}

/** The embedder with its key and base URL by the vendor's variables. */
export const makeConfig = <const Type extends string>(
  options: Omit<Options<Type>, "apiKey" | "baseUrl">
): Effect.Effect<Embedder<ModelError>, Config.ConfigError, HttpClient> =>
  Effect.flatMap(config(options.vendor), (found) => make<Type>({ ...options, ...found }))

/** The embedder as the program's one `Embedder`, with its key and base URL by the vendor's variables. */
export const layerConfig = <const Type extends string>(
  options: Omit<Options<Type>, "apiKey" | "baseUrl">
): Layer.Layer<Embedder, Config.ConfigError, HttpClient> => Layer.effect(Embedder, makeConfig(options))
