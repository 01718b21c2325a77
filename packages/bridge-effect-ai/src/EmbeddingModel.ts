/** Embedding models of `effect/ai` as our embedders, and ours as embedding models of `effect/ai`. */
import type { CallFailure } from "@consortium/core/Call"
import type { Embedder } from "@consortium/core/Embedder"
import type { ModelError } from "@consortium/core/ModelError"
import { isNonEmpty, type NonEmpty } from "@consortium/core/NonEmpty"
import * as Vectors from "@consortium/wire/Vectors"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Layer from "effect/Layer"
import { Embeddings } from "./internal/effectAi.js"
import * as errors from "./internal/errors.js"

export interface FromOptions {
  /** `vendor/model`, since an embedding model does not know its name. */
  readonly ref: string
  /** The most texts of one call, as the vendor allows. @default 96 */
  readonly maxBatch?: number
}

/** Any embedding model of `effect/ai` as an embedder. */
export const fromEmbeddingModel = (
  model: Embeddings.EmbeddingModel,
  { maxBatch = 96, ref }: FromOptions
): Embedder<ModelError> => {
  const at = ref.indexOf("/")
  const who = { vendor: ref.slice(0, Math.max(0, at)) || "effect-ai", model: ref.slice(at + 1) }
  return {
    ref,
    maxBatch,
    wire: "effect-ai",
    embed: Effect.fnUntraced(function* (texts) {
      const said = yield* Effect.catch(model.embedMany(texts), (error) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.fail(errors.fromAiError(who, error, now)))
      )
      const rows = said.embeddings.map(({ vector }) => ({ values: vector }))
      const vectors = Vectors.read(rows, { texts: texts.length })
      if (Result.isFailure(vectors)) return yield* errors.malformed(who, vectors.failure)
      const { data, dimension } = vectors.success
      const { inputTokens } = said.usage
      return { space: { model: ref, dimension }, data, ...(inputTokens !== undefined && { inputTokens }) }
    })
  }
}

const pieces = (texts: ReadonlyArray<string>, most: number): ReadonlyArray<NonEmpty<string>> =>
  Array.from({ length: Math.ceil(texts.length / most) }).flatMap((_, at) => {
    const piece: ReadonlyArray<string> = texts.slice(at * most, (at + 1) * most)
    return isNonEmpty(piece) ? [piece] : []
  })

/** An embedder of ours for `embed` and `embedMany` of `effect/ai`; as many texts as are asked, in batches that it takes. */
export const embeddingModel = <E extends CallFailure>(
  embedder: Embedder<E>
): Effect.Effect<Embeddings.EmbeddingModel> =>
  Embeddings.make({
    embedMany: ({ inputs }) =>
      Effect.forEach(pieces(inputs, embedder.maxBatch), embedder.embed).pipe(
        Effect.mapError((failure) => errors.toAiError(failure, "EmbeddingModel", "embedMany")),
        Effect.map((batches) => {
          const tokens = batches.map((batch) => batch.inputTokens)
          const results = batches.flatMap(({ data, space: { dimension } }) =>
            Array.from({ length: data.length / dimension }, (_, row) =>
              Array.from(data.subarray(row * dimension, (row + 1) * dimension))
            )
          )
          const isKnown = tokens.every((one) => one !== undefined)
          return {
            results,
            usage: { inputTokens: isKnown ? tokens.reduce<number>((sum, one) => sum + (one ?? 0), 0) : undefined }
          }
        })
      )
  })

/** An embedder of ours as the program's `EmbeddingModel`. */
export const layer = <E extends CallFailure>(embedder: Embedder<E>): Layer.Layer<Embeddings.EmbeddingModel> =>
  Layer.effect(Embeddings.EmbeddingModel, embeddingModel(embedder))
