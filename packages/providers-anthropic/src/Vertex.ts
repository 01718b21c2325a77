/** Claude on Vertex AI by Anthropic's own wire, with Google's tokens. */
import { ChatModel } from "@consortium/core/ChatModel"
import type { ModelError } from "@consortium/core/ModelError"
import * as AccessToken from "@consortium/providers-google/AccessToken"
import { baseUrlOf, globalLocation, variables } from "@consortium/providers-google/vendors/vertex"
import type { HttpClient } from "@consortium/wire/HttpClients"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Messages from "./Messages.js"
import { vertex } from "./vendors/vertex.js"

export interface Options extends Omit<Messages.Options, "apiKey" | "credentials" | "vendor"> {
  readonly project: string
  /** @default "global" */
  readonly location?: string
  readonly token: AccessToken.Source
}

/** What a program says where project, credentials and address come from variables. */
export type Chosen = Omit<Options, "project" | "location" | "token" | "baseUrl">

/** A base URL with the API's version at its end, once. */
const versioned = (baseUrl: string): string => {
  const base = baseUrl.replace(/\/+$/, "")
  return /\/v\d\w*$/.test(base) ? base : `${base}/v1`
}

/** The model as a value, e.g. `claude-opus-4-8` or `claude-sonnet-4-5@20250929`. */
export const make = (options: Options): Effect.Effect<ChatModel<ModelError>, never, HttpClient> => {
  const { baseUrl, location = globalLocation, project, token, ...more } = options
  const place = `projects/${encodeURIComponent(project)}/locations/${encodeURIComponent(location)}`
  return Effect.flatMap(AccessToken.bearer(token, { vendor: vertex.id, model: options.model }), (credentials) =>
    Messages.make({
      ...more,
      vendor: vertex,
      baseUrl: `${versioned(baseUrl ?? baseUrlOf(location))}/${place}`,
      credentials
    })
  )
}

/** The model as the program's one `ChatModel`. */
export const layer = (options: Options): Layer.Layer<ChatModel, never, HttpClient> =>
  Layer.effect(ChatModel, make(options))

/** What the variables say; `credentialsFile` is the path of what `AccessToken.fromFile` reads. */
export interface Found extends Pick<Options, "project" | "baseUrl"> {
  readonly location: string
  readonly credentialsFile?: string
}

const optional = (variable: string) => Config.option(Config.NonEmptyString(variable))

/** `GOOGLE_CLOUD_PROJECT`, `GOOGLE_CLOUD_LOCATION`, `GOOGLE_APPLICATION_CREDENTIALS` and `ANTHROPIC_VERTEX_BASE_URL`. */
export const config: Config.Config<Found> = Config.all({
  project: Config.NonEmptyString(variables.project),
  location: Config.NonEmptyString(variables.location).pipe(Config.withDefault(globalLocation)),
  file: optional(variables.credentials),
  baseUrl: optional(vertex.baseUrlVariable)
}).pipe(
  Config.map(({ baseUrl, file, ...place }) => ({
    ...place,
    ...(Option.isSome(file) && { credentialsFile: file.value }),
    ...(Option.isSome(baseUrl) && { baseUrl: baseUrl.value })
  }))
)

type Made<A> = Effect.Effect<A, Config.ConfigError | AccessToken.TokenError, HttpClient | FileSystem.FileSystem>

/** The model with its project, place and credentials by Google's variables; the credentials' file is read once, at once. */
export const makeConfig = (options: Chosen): Made<ChatModel<ModelError>> =>
  Effect.flatMap(config, ({ credentialsFile, ...found }) =>
    Effect.flatMap(AccessToken.fromFile(credentialsFile), (token) => make({ ...options, ...found, token }))
  )

/** The model as the program's one `ChatModel`, with its project, place and credentials by Google's variables. */
export const layerConfig = (
  options: Chosen
): Layer.Layer<ChatModel, Config.ConfigError | AccessToken.TokenError, HttpClient | FileSystem.FileSystem> =>
  Layer.effect(ChatModel, makeConfig(options))
