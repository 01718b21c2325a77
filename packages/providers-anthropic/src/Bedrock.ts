/** Claude on Amazon Bedrock by Anthropic's own wire: the same answers and options as at Anthropic. */
import * as Access from "@consortium/aws/Access"
import * as Region from "@consortium/aws/Region"
import * as Runtime from "@consortium/aws/Runtime"
import { ChatModel } from "@consortium/core/ChatModel"
import type { ModelError } from "@consortium/core/ModelError"
import type { HttpClient } from "@consortium/wire/HttpClients"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Messages from "./Messages.js"
import { bedrock } from "./vendors/bedrock.js"

export interface Options extends Omit<Messages.Options, "apiKey" | "credentials" | "vendor"> {
  readonly region: string
  /** By an API key of Bedrock or by access keys. */
  readonly access: Access.Access
}

/** What a program says where region, keys and address come from variables. */
export type Chosen = Omit<Options, "region" | "access" | "baseUrl">

/** The model as a value; its name is the id of a model or of an inference profile, or an ARN. */
export const make = (options: Options): Effect.Effect<ChatModel<ModelError>, never, HttpClient> => {
  const { access, baseUrl = Region.bedrockRuntime(options.region), region, ...more } = options
  const about = { vendor: bedrock.id, model: options.model }
  return Effect.flatMap(Access.credentials(access, { region, service: "bedrock" }, about), (credentials) =>
    Messages.make({ ...more, vendor: bedrock, baseUrl, credentials })
  )
}

/** The model as the program's one `ChatModel`. */
export const layer = (options: Options): Layer.Layer<ChatModel, never, HttpClient> =>
  Layer.effect(ChatModel, make(options))

/** Region, keys and address by the variables of AWS; what is missing is a `ConfigError` that names the variable. */
export const config: Config.Config<Runtime.Runtime> = Runtime.config

/** The model with its region and keys by the variables of AWS. */
export const makeConfig = (options: Chosen): Effect.Effect<ChatModel<ModelError>, Config.ConfigError, HttpClient> =>
  Effect.flatMap(config, (found) => make({ ...options, ...found }))

/** The model as the program's one `ChatModel`, with its region and keys by the variables of AWS. */
export const layerConfig = (options: Chosen): Layer.Layer<ChatModel, Config.ConfigError, HttpClient> =>
  Layer.effect(ChatModel, makeConfig(options))
