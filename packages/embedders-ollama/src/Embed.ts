/** An embedder of Ollama by its own wire, `/api/embed` (docs.ollama.com/api/embed). */
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
import { ollama } from "./Vendor.js"

/** The name of this wire, in `Embedder.wire`. */
export const wire = "ollama.embed"

export interface Options {
  /** The model, as `ollama list` names it. */
  readonly model: string
  /** For Ollama's cloud, or a gateway before a server. @default no key is sent */
  readonly apiKey?: Redacted.Redacted<string>
  /** Without or with `/v1` or `/api` at its end. @default "http://127.0.0.1:11434" */
  readonly baseUrl?: string
  /** Asks for rows of this length, and refuses others. @default the model's own */
  readonly dimensions?: number
  /** How long the model stays in memory, e.g. `10m`; `-1` for ever. @default the server's */
  readonly keepAlive?: string
  /** Sent beside our own; secrets among them as `Redacted`. @default {} */
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted<string>>>
}

/** The address without the end that another wire of the same server has. */
const rootOf = (baseUrl: string): string =>
  baseUrl
    .replace(/\/+$/, "")
    .replace(/\/(v1|api)$/, "")
    .replace(/\/+$/, "")

/** The embedder as a value. Rows come as the server sends them; `embedAll` brings them to length 1. */
export const make = (options: Options): Effect.Effect<Embedder<ModelError>, never, HttpClient> => {
  const { apiKey, baseUrl = ollama.baseUrl, dimensions, headers, keepAlive, model } = options
  const always = {
    model,
    // A text that is too long is refused rather than cut, so that `embedAll` decides.
    truncate: false,
    ...(dimensions !== undefined && { dimensions }),
    ...(keepAlive !== undefined && { keep_alive: keepAlive })
  }
  return Effect.map(
    Endpoint.make({
      vendor: ollama.id,
      model,
      url: `${rootOf(baseUrl)}/api/embed`,
      headers: {
        ...(apiKey !== undefined && { authorization: Redacted.make(`Bearer ${Redacted.value(apiKey).trim()}`) }),
        ...headers
      }
    }),
    (to) =>
      EmbeddingWire.make({
        to,
        vendor: ollama.id,
        model,
        wire,
        dimension: dimensions,
        maxBatch: ollama.maxBatch,
        body: (texts) => ({ ...always, input: texts }),
        read: Response.decode
      })
  )
}

/** The embedder as the program's one `Embedder`. */
export const layer = (options: Options): Layer.Layer<Embedder, never, HttpClient> =>
  Layer.effect(Embedder, make(options))

const key = Config.map(Config.NonEmptyString(ollama.apiKey.variable), (it) => Redacted.make(it))

/** The key, where there is one, and the base URL by the vendor's variables. */
export const config: Config.Config<Pick<Options, "apiKey" | "baseUrl">> = Config.all({
  apiKey: Config.option(key),
  baseUrl: Address.config(ollama)
}).pipe(Config.map(({ apiKey, baseUrl }) => ({ baseUrl, ...(Option.isSome(apiKey) && { apiKey: apiKey.value }) })))

/** The embedder with its key and base URL by the vendor's variables. */
export const makeConfig = (
  options: Omit<Options, "apiKey" | "baseUrl">
): Effect.Effect<Embedder<ModelError>, Config.ConfigError, HttpClient> =>
  Effect.flatMap(config, (found) => make({ ...options, ...found }))

/** The embedder as the program's one `Embedder`, with its key and base URL by the vendor's variables. */
export const layerConfig = (
  options: Omit<Options, "apiKey" | "baseUrl">
): Layer.Layer<Embedder, Config.ConfigError, HttpClient> => Layer.effect(Embedder, makeConfig(options))
