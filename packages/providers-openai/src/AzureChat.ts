/** A chat model deployed at Azure OpenAI or in Foundry, by Chat Completions: of `/openai/v1`, or of the addresses with a version. */
import { ChatModel } from "@consortium/core/ChatModel"
import type { ModelError } from "@consortium/core/ModelError"
import type { HttpClient } from "@consortium/wire/HttpClients"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Chat from "./Chat.js"
import { familyOf } from "./Family.js"
import * as azures from "./internal/azure.js"
import type { Vendor } from "./Vendor.js"
import { azure, classic, inference, versionVariable } from "./vendors/azure.js"

export type Options = azures.Options & {
  /**
   * The version of the classic addresses, e.g. `2024-10-21`: the deployment's, or, where the endpoint ends in `/models`,
   * that of a resource's models. @default none: `/openai/v1` is called, which has no version
   */
  readonly apiVersion?: string
}

/** What a program says where key, address and version come from variables. */
export type Chosen = azures.Chosen

/** The name of this wire, in `ChatModel.wire`. */
export const wire = Chat.wire

interface Address {
  readonly vendor: Vendor
  readonly baseUrl: string
}

const addressOf = ({ apiVersion, endpoint, family, model }: Options): Address => {
  const root = azures.rootOf(endpoint)
  if (apiVersion === undefined) return { vendor: azure, baseUrl: `${root}/openai/v1` }
  const query = { "api-version": apiVersion }
  if (root.endsWith("/models")) return { vendor: { ...inference, query }, baseUrl: root }
  // Models that think refuse the older field.
  const { reasons } = family ?? familyOf(model)
  const { maxTokensField } = reasons ? azure : classic
  return { vendor: { ...classic, query, maxTokensField }, baseUrl: `${root}/openai` }
}

/** The model as a value. Nothing is retried and nothing waits: that is for middleware. */
export const make = (options: Options): Effect.Effect<ChatModel<ModelError>, never, HttpClient> => {
  const { family, headers, model } = options
  return Effect.flatMap(azures.keysOf(options), (keys) =>
    Chat.make({
      model,
      ...addressOf(options),
      ...(headers !== undefined && { headers }),
      ...(family !== undefined && { family }),
      ...keys
    })
  )
}

/** The model as the program's one `ChatModel`. */
export const layer = (options: Options): Layer.Layer<ChatModel, never, HttpClient> =>
  Layer.effect(ChatModel, make(options))

interface Found {
  readonly endpoint: string
  readonly apiKey: Redacted.Redacted<string>
  readonly apiVersion?: string
}

/**
 * `AZURE_OPENAI_ENDPOINT`, `AZURE_OPENAI_API_KEY` and, for the classic addresses, `OPENAI_API_VERSION`. A missing one of
 * the first two is a `ConfigError` that names the variable.
 */
export const config: Config.Config<Found> = Config.all({
  place: azures.config,
  version: Config.option(Config.NonEmptyString(versionVariable))
}).pipe(
  Config.map(({ place, version }) => ({ ...place, ...(Option.isSome(version) && { apiVersion: version.value }) }))
)

/** The model with its key, address and version by the vendor's variables. */
export const makeConfig = (options: Chosen): Effect.Effect<ChatModel<ModelError>, Config.ConfigError, HttpClient> =>
  Effect.flatMap(config, (found) => make({ ...options, ...found }))

/** The model as the program's one `ChatModel`, with its key, address and version by the vendor's variables. */
export const layerConfig = (options: Chosen): Layer.Layer<ChatModel, Config.ConfigError, HttpClient> =>
  Layer.effect(ChatModel, makeConfig(options))
