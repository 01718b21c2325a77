/** An embedder of AWS Bedrock by `model/M/invoke` (docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html). */
import * as Access from "@consortium/aws/Access"
import * as Exceptions from "@consortium/aws/Exceptions"
import * as Region from "@consortium/aws/Region"
import { Embedder } from "@consortium/core/Embedder"
import type { ModelError } from "@consortium/core/ModelError"
import * as EmbeddingWire from "@consortium/wire/EmbeddingWire"
import * as Endpoint from "@consortium/wire/Endpoint"
import type { HttpClient } from "@consortium/wire/HttpClients"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import * as Family from "./Family.js"
import { bedrock } from "./Vendor.js"

/** The name of this wire, in `Embedder.wire`. */
export const wire = "bedrock.invoke"

interface Common {
  /** The model's id, or that of an inference profile, or an ARN. */
  readonly model: string
  readonly region: string
  /** An API key of Bedrock, or access keys that sign. */
  readonly access: Access.Access
  /** @default Bedrock's in the region */
  readonly baseUrl?: string
  /** Asks for rows of this length, and refuses others. @default the model's own */
  readonly dimensions?: number
  /** Sent beside our own; secrets among them as `Redacted`. @default {} */
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted<string>>>
}

/** Named for models whose names don't say it, such as ARNs. */
interface Titan {
  readonly family: "titan"
}
interface Cohere {
  readonly family: "cohere"
  /** Rows of other types are another space. @default "clustering" */
  readonly inputType?: Family.InputType
}
interface Nova {
  readonly family: "nova"
  /** Rows of other purposes are another space. @default "CLUSTERING" */
  readonly purpose?: Family.Purpose
}
interface ByName {
  /** @default by the model's name */
  readonly family?: undefined
}

export type Options = Common & (Titan | Cohere | Nova | ByName)

const useOf = (options: Options): string | undefined =>
  options.family === "cohere" ? options.inputType : options.family === "nova" ? options.purpose : undefined

/** The embedder as a value. Rows come as the vendor sends them; `embedAll` brings them to length 1. */
export const make = (options: Options): Effect.Effect<Embedder<ModelError>, never, HttpClient> => {
  const { access, dimensions, headers, model, region } = options
  const about = { vendor: bedrock.id, model }
  const base = (options.baseUrl ?? Region.bedrockRuntime(region)).replace(/\/+$/, "")
  const { body, read, ...family } = Family.families[options.family ?? Family.of(model)]
  const use = useOf(options) ?? family.use
  return Effect.flatMap(Access.credentials(access, { region, service: "bedrock" }, about), (credentials) =>
    Effect.map(
      Endpoint.make({
        ...about,
        url: `${base}/model/${encodeURIComponent(model)}/invoke`,
        headers: { accept: "application/json", ...headers },
        credentials,
        readError: Exceptions.read,
        requestIdHeaders: ["x-amzn-requestid"]
      }),
      (to) =>
        EmbeddingWire.make({
          ...about,
          to,
          wire,
          variant: [use],
          dimension: dimensions,
          maxBatch: family.maxBatch,
          oneByOne: family.oneByOne,
          body: (texts) => body(texts, { model, dimensions, use }),
          read
        })
    )
  )
}

/** The embedder as the program's one `Embedder`. */
export const layer = (options: Options): Layer.Layer<Embedder, never, HttpClient> =>
  Layer.effect(Embedder, make(options))

/** Access, region and address by the variables of AWS's own SDKs. What is missing is a `ConfigError` that names the variable. */
export const config: Config.Config<Pick<Common, "access" | "region" | "baseUrl">> = Config.all({
  access: Access.config,
  region: Region.config,
  baseUrl: Config.option(Config.NonEmptyString(bedrock.baseUrlVariable))
}).pipe(
  Config.map(({ access, baseUrl, region }) => ({
    access,
    region,
    ...(Option.isSome(baseUrl) && { baseUrl: baseUrl.value })
  }))
)

/** What `makeConfig` is told; the rest the variables say. */
export type Told = Pick<Common, "model" | "dimensions" | "headers"> & (Titan | Cohere | Nova | ByName)

/** The embedder with access, region and address by the variables. */
export const makeConfig = (told: Told): Effect.Effect<Embedder<ModelError>, Config.ConfigError, HttpClient> =>
  Effect.flatMap(config, (found) => make({ ...told, ...found }))

/** The embedder as the program's one `Embedder`, with access, region and address by the variables. */
export const layerConfig = (told: Told): Layer.Layer<Embedder, Config.ConfigError, HttpClient> =>
  Layer.effect(Embedder, makeConfig(told))
