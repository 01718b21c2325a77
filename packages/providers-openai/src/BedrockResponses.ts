/** A chat model on Amazon Bedrock by OpenAI's Responses API, with an API key of Bedrock or signed with access keys. */
import * as Access from "@consortium/aws/Access"
import * as Runtime from "@consortium/aws/Runtime"
import { ChatModel } from "@consortium/core/ChatModel"
import type { ModelError } from "@consortium/core/ModelError"
import type { HttpClient } from "@consortium/wire/HttpClients"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { familyOf } from "./Family.js"
import * as Responses from "./Responses.js"
import { baseUrlOf, mantle, service } from "./vendors/mantle.js"

/** The name of this wire, in `ChatModel.wire`. */
export const wire = Responses.wire

export interface Options extends Pick<Responses.Options, "model" | "baseUrl" | "headers" | "family"> {
  readonly region: string
  readonly access: Access.Access
}

/** What a program says where region, keys and address come from variables. */
export type Chosen = Omit<Options, "region" | "access" | "baseUrl">

/** The model as a value, e.g. `openai.gpt-5.5`. Nothing is retried and nothing waits: that is for middleware. */
export const make = (options: Options): Effect.Effect<ChatModel<ModelError>, never, HttpClient> => {
  const { access, baseUrl, family, region, ...more } = options
  const { model } = options
  const about = { vendor: mantle.id, model }
  return Effect.flatMap(Access.credentials(access, { region, service }, about), (credentials) =>
    Responses.make({
      ...more,
      vendor: mantle,
      family: family ?? familyOf(model.replace(/^openai\./, "")),
      baseUrl: baseUrl ?? baseUrlOf(region, model),
      credentials
    })
  )
}

/** The model as the program's one `ChatModel`. */
export const layer = (options: Options): Layer.Layer<ChatModel, never, HttpClient> =>
  Layer.effect(ChatModel, make(options))

/** Region and keys by the variables of AWS, and `AWS_BEDROCK_BASE_URL`; what is missing is a `ConfigError` that names the variable. */
export const config: Config.Config<Runtime.Runtime> = Runtime.configAt(mantle.baseUrlVariable)

/** The model with its region and keys by the variables of AWS. */
export const makeConfig = (options: Chosen): Effect.Effect<ChatModel<ModelError>, Config.ConfigError, HttpClient> =>
  Effect.flatMap(config, (found) => make({ ...options, ...found }))

/** The model as the program's one `ChatModel`, with its region and keys by the variables of AWS. */
export const layerConfig = (options: Chosen): Layer.Layer<ChatModel, Config.ConfigError, HttpClient> =>
  Layer.effect(ChatModel, makeConfig(options))
