/** A chat model deployed at Azure OpenAI or in Foundry, by the Responses API of `/openai/v1`. */
import { ChatModel } from "@consortium/core/ChatModel"
import type { ModelError } from "@consortium/core/ModelError"
import type { HttpClient } from "@consortium/wire/HttpClients"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as azures from "./internal/azure.js"
import * as Responses from "./Responses.js"
import { azure } from "./vendors/azure.js"

export type { Chosen, Options } from "./internal/azure.js"

/** The name of this wire, in `ChatModel.wire`. */
export const wire = Responses.wire

/** The model as a value. Nothing is retried and nothing waits: that is for middleware. */
export const make = (options: azures.Options): Effect.Effect<ChatModel<ModelError>, never, HttpClient> => {
  const { endpoint, family, headers, model } = options
  return Effect.flatMap(azures.keysOf(options), (keys) =>
    Responses.make({
      model,
      vendor: azure,
      baseUrl: `${azures.rootOf(endpoint)}/openai/v1`,
      ...(headers !== undefined && { headers }),
      ...(family !== undefined && { family }),
      ...keys
    })
  )
}

/** The model as the program's one `ChatModel`. */
export const layer = (options: azures.Options): Layer.Layer<ChatModel, never, HttpClient> =>
  Layer.effect(ChatModel, make(options))

/** `AZURE_OPENAI_ENDPOINT` and `AZURE_OPENAI_API_KEY`. A missing one is a `ConfigError` that names the variable. */
export const config = azures.config

/** The model with its key and address by the vendor's variables. */
export const makeConfig = (
  options: azures.Chosen
): Effect.Effect<ChatModel<ModelError>, Config.ConfigError, HttpClient> =>
  Effect.flatMap(config, (found) => make({ ...options, ...found }))

/** The model as the program's one `ChatModel`, with its key and address by the vendor's variables. */
export const layerConfig = (options: azures.Chosen): Layer.Layer<ChatModel, Config.ConfigError, HttpClient> =>
  Layer.effect(ChatModel, makeConfig(options))
