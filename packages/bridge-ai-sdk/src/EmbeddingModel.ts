/** AI SDK embedding models as our embedders, and ours as AI SDK embedding models. */
import type { EmbeddingModelV2, EmbeddingModelV3, EmbeddingModelV4 } from "@ai-sdk/provider"
import type { CallFailure } from "@consortium/core/Call"
import type { Batch, Embedder } from "@consortium/core/Embedder"
import type { ModelError } from "@consortium/core/ModelError"
import { isNonEmpty, type NonEmpty } from "@consortium/core/NonEmpty"
import { record } from "@consortium/core/Receipt"
import type { Written } from "@consortium/wire/Marks"
import * as Vectors from "@consortium/wire/Vectors"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as faults from "./internal/fault.js"
import { run } from "./internal/serve.js"
import { wireOf } from "./internal/wireOf.js"
import { thrown } from "./internal/thrown.js"

/** An AI SDK embedding model of any version of the specification that is in use. */
export type AiSdkEmbeddingModel = EmbeddingModelV2<string> | EmbeddingModelV3 | EmbeddingModelV4

export interface FromOptions {
  /** Names the model in answers, prices and stores. @default `provider/model`, as the model itself says */
  readonly ref?: string
  /** The most texts of one call. @default what the model says, else 96 */
  readonly maxBatch?: number
  /** Numbers in a vector, for models that leave the choice and take it by `dimensions` (version 4). @default the model's */
  readonly dimensions?: number
  /** The AI SDK's provider options for every call. @default none */
  readonly providerOptions?: Written
}

const defaults = { maxBatch: 96, largest: 2048 }

interface Said {
  readonly embeddings: ReadonlyArray<ReadonlyArray<number>>
  readonly usage?: { readonly tokens: number } | undefined
}

/** Any AI SDK embedding model as an embedder. Nothing is retried here; an interrupted call is aborted. */
export const fromEmbeddingModel = (model: AiSdkEmbeddingModel, options: FromOptions = {}): Embedder<ModelError> => {
  const who = { vendor: model.provider, model: model.modelId }
  const ref = options.ref ?? `${model.provider}/${model.modelId}`
  const stated = model.maxEmbeddingsPerCall
  // Some models say infinity, and some say it later: then the batch is split when it is known.
  const maxBatch =
    options.maxBatch ?? Math.min(typeof stated === "number" ? stated : defaults.maxBatch, defaults.largest)
  const { dimensions, providerOptions } = options
  const isPlain = dimensions === undefined && providerOptions === undefined

  const asked = (values: Array<string>, abortSignal: AbortSignal): PromiseLike<Said> => {
    const said = { values, abortSignal, ...(providerOptions !== undefined && { providerOptions }) }
    return model.specificationVersion === "v4"
      ? model.doEmbed({ ...said, ...(dimensions !== undefined && { dimensions }) })
      : model.doEmbed(said)
  }

  const call = <A>(make: (signal: AbortSignal) => PromiseLike<A>): Effect.Effect<A, ModelError> =>
    Effect.tryPromise({ try: async (signal) => make(signal), catch: (error) => error }).pipe(
      Effect.catch((error) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.fail(faults.fault(who, error, now)))
      )
    )

  const batch = (texts: NonEmpty<string>, all: ReadonlyArray<Said>): Batch | ModelError => {
    const rows = all.flatMap((said) => said.embeddings.map((values) => ({ values })))
    const vectors = Vectors.read(rows, { texts: texts.length })
    if (Result.isFailure(vectors)) return faults.wrong(who, vectors.failure)
    const { data, dimension } = vectors.success
    const tokens = all.map((said) => said.usage?.tokens)
    const known = tokens.filter((one) => one !== undefined && Number.isFinite(one))
    return {
      space: { model: ref, dimension },
      data,
      ...(known.length === tokens.length && { inputTokens: known.reduce<number>((sum, one) => sum + (one ?? 0), 0) })
    }
  }

  return {
    ref,
    maxBatch,
    wire: wireOf(model, isPlain ? undefined : { dimensions, providerOptions }),
    embed: Effect.fnUntraced(function* (texts) {
      const later = typeof stated === "object" ? yield* call(() => stated) : undefined
      const most = Math.max(1, Math.min(later ?? maxBatch, maxBatch))
      const pieces = Array.from({ length: Math.ceil(texts.length / most) }, (_, at) =>
        texts.slice(at * most, (at + 1) * most)
      )
      const made = batch(texts, yield* Effect.forEach(pieces, (piece) => call((signal) => asked([...piece], signal))))
      return "data" in made ? made : yield* made
    })
  }
}

export interface Options {
  /** The provider's name in the AI SDK's records. @default "consortium" */
  readonly provider?: string
  /** The model's name there. @default its `ref` */
  readonly modelId?: string
  /** Whether the AI SDK may try again what failed. @default only a bare vendor's error that was tried once */
  readonly retry?: boolean
}

/** An embedder of ours for `embed` and `embedMany`. */
export const embeddingModel = <E extends CallFailure>(
  embedder: Embedder<E>,
  options: Options = {}
): EmbeddingModelV4 => ({
  specificationVersion: "v4",
  provider: options.provider ?? "consortium",
  modelId: options.modelId ?? embedder.ref,
  maxEmbeddingsPerCall: embedder.maxBatch,
  supportsParallelCalls: true,
  doEmbed: async ({ abortSignal, dimensions, values }) => {
    if (!isNonEmpty(values)) return { embeddings: [], warnings: [] }
    const [outcome, { attempts }] = await run(record(embedder.embed)(values), abortSignal)
    if (Result.isFailure(outcome)) {
      throw thrown(outcome.failure, { ref: embedder.ref, request: values, attempts, retry: options.retry })
    }
    const { data, inputTokens, space } = outcome.success
    return {
      embeddings: values.map((_, row) => Array.from(data.subarray(row * space.dimension, (row + 1) * space.dimension))),
      ...(inputTokens !== undefined && { usage: { tokens: inputTokens } }),
      warnings:
        dimensions === undefined || dimensions === space.dimension
          ? []
          : [{ type: "unsupported", feature: "dimensions", details: `this embedder gives ${space.dimension}` }]
    }
  }
})
