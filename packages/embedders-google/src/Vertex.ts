/**
 * An embedder of Vertex AI. Most models answer `:predict`; Gemini's later than `gemini-embedding-001`, and the service's
 * open ones, answer `:embedContent` with one text a call, as the sources of @google/genai 3.1 and @ai-sdk/google-vertex 5
 * tell them apart.
 */
import { Embedder } from "@consortium/core/Embedder"
import type { ModelError } from "@consortium/core/ModelError"
import type { TokenError } from "@consortium/providers-google/AccessToken"
import * as RpcStatus from "@consortium/providers-google/RpcStatus"
import * as Models from "@consortium/providers-google/Vertex"
import * as EmbeddingWire from "@consortium/wire/EmbeddingWire"
import * as Endpoint from "@consortium/wire/Endpoint"
import type { HttpClient } from "@consortium/wire/HttpClients"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as response from "./internal/response.js"
import type { TaskType } from "./TaskType.js"
import { vertex } from "./Vendor.js"

/** The name of this wire, in `Embedder.wire`. */
export const wire = "vertex.embeddings"

interface Asked {
  /** Asks for rows of this length, and refuses others. @default the model's own */
  readonly dimensions?: number
  /** Rows of other tasks are another space. @default none is sent */
  readonly taskType?: TaskType
}

/** Project, location and token, or the key of express mode, as for Vertex's chat models. */
export type Options = Models.Options & Asked

const [first = ""] = vertex.oneByOne
const isEmbedContent = (model: string) => (model.includes("gemini") && model !== first) || model.includes("maas")

/** What one call takes of a model. */
const limitsOf = (model: string) =>
  isEmbedContent(model) || vertex.oneByOne.includes(model)
    ? { maxBatch: 1 }
    : { maxBatch: vertex.maxBatch, maxTokens: vertex.maxTokens }

/** A text that is too long is refused rather than cut, so that `embedAll` decides. */
const autoTruncate = false

const predict = ({ dimensions, taskType }: Asked) => ({
  verb: ":predict",
  body: (texts: ReadonlyArray<string>) => ({
    instances: texts.map((content) => ({ content, ...(taskType !== undefined && { task_type: taskType }) })),
    parameters: { autoTruncate, ...(dimensions !== undefined && { outputDimensionality: dimensions }) }
  }),
  read: response.predictions
})

const embedContent = ({ dimensions, taskType }: Asked) => ({
  verb: ":embedContent",
  oneByOne: true,
  body: (texts: ReadonlyArray<string>) => ({
    content: { parts: texts.map((text) => ({ text })) },
    embedContentConfig: {
      autoTruncate,
      ...(taskType !== undefined && { taskType }),
      ...(dimensions !== undefined && { outputDimensionality: dimensions })
    }
  }),
  read: response.single
})

/** The embedder as a value. Rows come as the vendor sends them; `embedAll` brings them to length 1. */
export const make = (options: Options): Effect.Effect<Embedder<ModelError>, never, HttpClient> => {
  const { dimensions, model, taskType } = options
  const { verb, ...way } = isEmbedContent(model) ? embedContent(options) : predict(options)
  const about = { vendor: vertex.id, model }
  return Effect.flatMap(Models.place(options), (place) =>
    Effect.map(Endpoint.make({ ...about, ...place, url: `${place.url}${verb}`, readError: RpcStatus.read }), (to) =>
      EmbeddingWire.make({
        ...about,
        ...way,
        ...limitsOf(model),
        to,
        wire,
        variant: [taskType],
        dimension: dimensions
      })
    )
  )
}

/** The embedder as the program's one `Embedder`. */
export const layer = (options: Options): Layer.Layer<Embedder, never, HttpClient> =>
  Layer.effect(Embedder, make(options))

/** The embedder with its project, place and credentials by the vendor's variables, as for Vertex's chat models. */
export const makeConfig = (
  options: Pick<Options, "model" | "headers" | "dimensions" | "taskType">
): Effect.Effect<Embedder<ModelError>, Config.ConfigError | TokenError, HttpClient | FileSystem.FileSystem> =>
  Effect.flatMap(Models.optionsConfig(options), (found) => make({ ...options, ...found }))

/** The embedder as the program's one `Embedder`, with its project, place and credentials by the vendor's variables. */
export const layerConfig = (
  options: Pick<Options, "model" | "headers" | "dimensions" | "taskType">
): Layer.Layer<Embedder, Config.ConfigError | TokenError, HttpClient | FileSystem.FileSystem> =>
  Layer.effect(Embedder, makeConfig(options))
