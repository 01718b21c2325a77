/** A chat model of OpenAI by Chat Completions, for programs that need a seed or stop words; new work uses `Responses`. */
import { ChatModel, type ChatRequest } from "@consortium/core/ChatModel"
import type { ModelError } from "@consortium/core/ModelError"
import * as ChatCompletions from "@consortium/providers-openai-compatible/ChatCompletions"
import type { HttpClient } from "@consortium/wire/HttpClients"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Family, familyOf, fit } from "./Family.js"
import { type Chosen, headersOf, type Options } from "./internal/options.js"
import { formatOf } from "./internal/schemaFormat.js"
import { openai, type Vendor } from "./Vendor.js"

export type { Chosen, Options } from "./internal/options.js"

/** The name of this wire, in `ChatModel.wire`. */
export const wire = ChatCompletions.wire

/** The vendor as it is for one family of its models. */
const vendorOf = (family: Family, vendor: Vendor = openai): Vendor => ({
  ...vendor,
  systemRole: family.reasons ? "developer" : vendor.systemRole,
  efforts: family.efforts
})

/** The request as the engine sends it: without what the model refuses, and with a schema enforced where it can be. */
const ready = (request: ChatRequest, family: Family): ChatRequest => {
  const fitting = fit(request, family)
  if (fitting.responseSchema === undefined) return fitting
  const { responseSchema, ...rest } = fitting
  const format = { type: "json_schema", json_schema: formatOf(responseSchema) }
  return { ...rest, providerOptions: { response_format: format, ...request.providerOptions } }
}

/** The model as a value. Nothing is retried and nothing waits: that is for middleware. */
export const make = (options: Options): Effect.Effect<ChatModel<ModelError>, never, HttpClient> => {
  const { family = familyOf(options.model), vendor = openai } = options
  const engine = ChatCompletions.make({ ...options, vendor: vendorOf(family, vendor), headers: headersOf(options) })
  return Effect.map(
    engine,
    (model): ChatModel<ModelError> => ({
      ref: `${vendor.id}.chat/${options.model}`,
      wire,
      complete: (request) => model.complete(ready(request, family)),
      stream: (request) => model.stream(ready(request, family))
    })
  )
}

/** The model as the program's one `ChatModel`. */
export const layer = (options: Options): Layer.Layer<ChatModel, never, HttpClient> =>
  Layer.effect(ChatModel, make(options))

/** Key and base URL by `OPENAI_API_KEY` and `OPENAI_BASE_URL`. A missing key is a `ConfigError` that names the variable. */
export const config = (vendor: Vendor = openai): Config.Config<Pick<Options, "apiKey" | "baseUrl">> =>
  ChatCompletions.config(vendor)

/** The model with its key and base URL by the vendor's variables. */
export const makeConfig = (options: Chosen): Effect.Effect<ChatModel<ModelError>, Config.ConfigError, HttpClient> =>
  Effect.flatMap(config(options.vendor), (found) => make({ ...options, ...found }))

/** The model as the program's one `ChatModel`, with its key and base URL by the vendor's variables. */
export const layerConfig = (options: Chosen): Layer.Layer<ChatModel, Config.ConfigError, HttpClient> =>
  Layer.effect(ChatModel, makeConfig(options))
