/** A chat model of Vertex AI: the same wire at a second address, with OAuth tokens or with the keys of express mode. */
import { ChatModel } from "@consortium/core/ChatModel"
import type { ModelError } from "@consortium/core/ModelError"
import type * as Endpoint from "@consortium/wire/Endpoint"
import type { HttpClient } from "@consortium/wire/HttpClients"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as AccessToken from "./AccessToken.js"
import * as engine from "./internal/model.js"
import { baseUrlOf, globalLocation, variables, vertex } from "./vendors/vertex.js"

/** The name of this wire, in `ChatModel.wire`. */
export const wire = engine.wire

interface Common {
  /** The model, as the vendor names it, or a path such as `endpoints/123` or `publishers/x/models/y`. */
  readonly model: string
  /** Without or with a version at its end. @default the location's */
  readonly baseUrl?: string
  /** Sent beside our own; secrets among them as `Redacted`. @default {} */
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted<string>>>
}

/** A model of a Google Cloud project. */
export interface ProjectOptions extends Common {
  readonly project: string
  /** @default "global" */
  readonly location?: string
  readonly token: AccessToken.Source
}

/** A model by the key of express mode, which has no project. */
export interface ExpressOptions extends Common {
  readonly apiKey: Redacted.Redacted<string>
}

export type Options = ProjectOptions | ExpressOptions

/** Names are the publisher's own, unless they say whose they are. */
const resource = (model: string): string =>
  engine.path(/^(publishers|endpoints)\//.test(model) ? model : `publishers/google/models/${model}`)

/** Where a model stands, and what allows its calls. */
export interface Place {
  /** The model's own address; a wire adds its verb. */
  readonly url: string
  readonly headers: NonNullable<Common["headers"]>
  readonly credentials?: Endpoint.Credentials
}

const express = ({ apiKey, baseUrl, headers, model }: ExpressOptions): Place => ({
  url: `${engine.versioned(baseUrl ?? vertex.baseUrl, vertex.version)}/${resource(model)}`,
  headers: { "x-goog-api-key": apiKey, ...headers }
})

const ofProject = ({ baseUrl, headers, location = globalLocation, model, project, token }: ProjectOptions) =>
  Effect.map(AccessToken.bearer(token, { vendor: vertex.id, model }), (credentials): Place => {
    const base = engine.versioned(baseUrl ?? baseUrlOf(location), vertex.version)
    const place = `projects/${encodeURIComponent(project)}/locations/${encodeURIComponent(location)}`
    return {
      url: model.startsWith("projects/") ? `${base}/${engine.path(model)}` : `${base}/${place}/${resource(model)}`,
      headers: { ...headers },
      credentials
    }
  })

/** The place of a model, for this wire and for others at the same address. */
export const place = (options: Options): Effect.Effect<Place> =>
  "apiKey" in options ? Effect.succeed(express(options)) : ofProject(options)

/** The model as a value. Nothing is retried and nothing waits: that is for middleware. */
export const make = (options: Options): Effect.Effect<ChatModel<ModelError>, never, HttpClient> =>
  Effect.flatMap(place(options), (found) => engine.make({ vendor: vertex, model: options.model, ...found }))

/** The model as the program's one `ChatModel`. */
export const layer = (options: Options): Layer.Layer<ChatModel, never, HttpClient> =>
  Layer.effect(ChatModel, make(options))

/** What the variables say; `credentialsFile` is the path of what `AccessToken.fromCredentials` reads. */
export type Found =
  | (Pick<ProjectOptions, "project" | "baseUrl"> & { readonly location: string; readonly credentialsFile?: string })
  | Pick<ExpressOptions, "apiKey" | "baseUrl">

const optional = (variable: string) => Config.option(Config.NonEmptyString(variable))

const project = Config.all({
  project: Config.NonEmptyString(variables.project),
  location: Config.NonEmptyString(variables.location).pipe(Config.withDefault(globalLocation)),
  file: optional(variables.credentials)
}).pipe(
  Config.map(({ file, location, project }) => ({
    project,
    location,
    ...(Option.isSome(file) && { credentialsFile: file.value })
  }))
)

const key = Config.map(Config.NonEmptyString(vertex.apiKey.variable), (it) => ({ apiKey: Redacted.make(it) }))

/**
 * `GOOGLE_CLOUD_PROJECT`, `GOOGLE_CLOUD_LOCATION`, `GOOGLE_APPLICATION_CREDENTIALS` and `GOOGLE_VERTEX_BASE_URL`; without
 * a project, the key of express mode in `GOOGLE_API_KEY`. Where both are missing, the error names the project's variable.
 */
export const config: Config.Config<Found> = Config.all({
  place: Config.orElse(project, () => Config.orElse(key, () => project)),
  baseUrl: optional(vertex.baseUrlVariable)
}).pipe(Config.map(({ baseUrl, place }) => ({ ...place, ...(Option.isSome(baseUrl) && { baseUrl: baseUrl.value }) })))

/** The options that the vendor's variables say; the credentials' file is read once, at once. */
export const optionsConfig = (
  options: Pick<Options, "model" | "headers">
): Effect.Effect<Options, Config.ConfigError | AccessToken.TokenError, HttpClient | FileSystem.FileSystem> =>
  Effect.flatMap(
    config,
    (found): Effect.Effect<Options, AccessToken.TokenError, HttpClient | FileSystem.FileSystem> =>
      "apiKey" in found
        ? Effect.succeed({ ...options, ...found })
        : Effect.map(AccessToken.fromFile(found.credentialsFile), (token) => ({ ...options, ...found, token }))
  )

/** The model with its project, place and credentials by the vendor's variables. */
export const makeConfig = (
  options: Pick<Options, "model" | "headers">
): Effect.Effect<
  ChatModel<ModelError>,
  Config.ConfigError | AccessToken.TokenError,
  HttpClient | FileSystem.FileSystem
> => Effect.flatMap(optionsConfig(options), make)

/** The model as the program's one `ChatModel`, with its project, place and credentials by the vendor's variables. */
export const layerConfig = (
  options: Pick<Options, "model" | "headers">
): Layer.Layer<ChatModel, Config.ConfigError | AccessToken.TokenError, HttpClient | FileSystem.FileSystem> =>
  Layer.effect(ChatModel, makeConfig(options))
