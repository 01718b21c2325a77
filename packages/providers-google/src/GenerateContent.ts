/** A chat model of the Gemini API. */
import { ChatModel } from "@consortium/core/ChatModel"
import type { ModelError } from "@consortium/core/ModelError"
import type { HttpClient } from "@consortium/wire/HttpClients"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as engine from "./internal/model.js"
import { google } from "./vendors/google.js"

/** The name of this wire, in `ChatModel.wire`. */
export const wire = engine.wire

export interface Options {
  /** The model, as the vendor names it, e.g. `gemini-2.5-flash` or `tunedModels/mine`. */
  readonly model: string
  /** @default no key is sent */
  readonly apiKey?: Redacted.Redacted<string>
  /** Without or with a version at its end. @default "https://generativelanguage.googleapis.com" */
  readonly baseUrl?: string
  /** Sent beside our own; secrets among them as `Redacted`. @default {} */
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted<string>>>
}

/** The place of a model, for this wire and for others at the same address: a wire adds its verb. */
export const place = ({ apiKey, baseUrl, headers, model }: Options) => ({
  url: `${engine.versioned(baseUrl ?? google.baseUrl, google.version)}/${engine.path(model.includes("/") ? model : `models/${model}`)}`,
  headers: { ...(apiKey !== undefined && { "x-goog-api-key": apiKey }), ...headers }
})

/** The model as a value. Nothing is retried and nothing waits: that is for middleware. */
export const make = (options: Options): Effect.Effect<ChatModel<ModelError>, never, HttpClient> =>
  engine.make({ vendor: google, model: options.model, ...place(options) })

/** The model as the program's one `ChatModel`. */
export const layer = (options: Options): Layer.Layer<ChatModel, never, HttpClient> =>
  Layer.effect(ChatModel, make(options))

const { apiKey, baseUrl, baseUrlVariable } = google
const key = [...apiKey.preferred, apiKey.variable]
  .map((variable) => Config.NonEmptyString(variable))
  .reduce((first, next) => Config.orElse(first, () => next))

/** `GOOGLE_API_KEY`, or `GEMINI_API_KEY`, and `GEMINI_BASE_URL`. A missing key is a `ConfigError` that names the variable. */
export const config: Config.Config<Required<Pick<Options, "apiKey" | "baseUrl">>> = Config.all({
  apiKey: Config.map(key, (it) => Redacted.make(it)),
  baseUrl: Config.NonEmptyString(baseUrlVariable).pipe(Config.withDefault(baseUrl))
})

/** The model with its key and base URL by the vendor's variables. */
export const makeConfig = (
  options: Pick<Options, "model" | "headers">
): Effect.Effect<ChatModel<ModelError>, Config.ConfigError, HttpClient> =>
  Effect.flatMap(config, (found) => make({ ...options, ...found }))

/** The model as the program's one `ChatModel`, with its key and base URL by the vendor's variables. */
export const layerConfig = (
  options: Pick<Options, "model" | "headers">
): Layer.Layer<ChatModel, Config.ConfigError, HttpClient> => Layer.effect(ChatModel, makeConfig(options))
