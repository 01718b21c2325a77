/** Claude in Azure's Foundry by Anthropic's own wire, with a resource's key or tokens of Entra. */
import { ChatModel } from "@consortium/core/ChatModel"
import type { ModelError } from "@consortium/core/ModelError"
import * as AccessToken from "@consortium/wire/AccessToken"
import type { HttpClient } from "@consortium/wire/HttpClients"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Messages from "./Messages.js"
import { baseUrlOf, foundry, resourceVariable } from "./vendors/foundry.js"

/** What a program says where resource, key and address come from variables; the model is the deployment's name. */
export type Chosen = Omit<Messages.Options, "apiKey" | "baseUrl" | "credentials" | "vendor">

type Place = { readonly resource: string } | { readonly baseUrl: string }
type Key = { readonly apiKey: Redacted.Redacted<string> } | { readonly token: AccessToken.Source }

/** A resource, or its address; its key, or a source of Entra's tokens. */
export type Options = Chosen & Place & Key

/** The model as a value. Nothing is retried and nothing waits: that is for middleware. */
export const make = (options: Options): Effect.Effect<ChatModel<ModelError>, never, HttpClient> => {
  const baseUrl = "resource" in options ? baseUrlOf(options.resource) : options.baseUrl
  if ("apiKey" in options) return Messages.make({ ...options, vendor: foundry, baseUrl })
  const { token, ...more } = options
  return Effect.flatMap(AccessToken.bearer(token, { vendor: foundry.id, model: options.model }), (credentials) =>
    Messages.make({ ...more, vendor: foundry, baseUrl, credentials })
  )
}

/** The model as the program's one `ChatModel`. */
export const layer = (options: Options): Layer.Layer<ChatModel, never, HttpClient> =>
  Layer.effect(ChatModel, make(options))

interface Found {
  readonly apiKey: Redacted.Redacted<string>
  readonly baseUrl: string
}

const address = Config.NonEmptyString(foundry.baseUrlVariable)
const resource = Config.map(Config.NonEmptyString(resourceVariable), baseUrlOf)

/**
 * `ANTHROPIC_FOUNDRY_API_KEY`, and `ANTHROPIC_FOUNDRY_BASE_URL`, else `ANTHROPIC_FOUNDRY_RESOURCE`. What is missing is a
 * `ConfigError` that names the variable.
 */
export const config: Config.Config<Found> = Config.all({
  apiKey: Config.map(Config.NonEmptyString(foundry.apiKey.variable), (it) => Redacted.make(it)),
  baseUrl: Config.flatMap(Config.option(address), (found) => (Option.isSome(found) ? address : resource))
})

/** The model with its key and address by the vendor's variables. */
export const makeConfig = (options: Chosen): Effect.Effect<ChatModel<ModelError>, Config.ConfigError, HttpClient> =>
  Effect.flatMap(config, (found) => make({ ...options, ...found }))

/** The model as the program's one `ChatModel`, with its key and address by the vendor's variables. */
export const layerConfig = (options: Chosen): Layer.Layer<ChatModel, Config.ConfigError, HttpClient> =>
  Layer.effect(ChatModel, makeConfig(options))
