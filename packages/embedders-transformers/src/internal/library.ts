/** What is used of Transformers.js 4. It is an optional peer of half a gigabyte, so neither it nor its types are imported before they are needed. */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import { TransformersError } from "../TransformersError.js"

export interface Tensor {
  readonly dims: ReadonlyArray<number>
  readonly data: unknown
}

/** A feature-extraction pipeline. */
export interface Pipeline {
  (texts: ReadonlyArray<string>, options: { readonly pooling: string }): Promise<Tensor>
  readonly tokenizer: {
    (
      texts: ReadonlyArray<string>,
      options: { readonly padding: false; readonly truncation: false; readonly return_tensor: false }
    ): { readonly input_ids: ReadonlyArray<ReadonlyArray<number>> }
    readonly model_max_length: number
  }
  readonly model: { readonly config?: { readonly max_position_embeddings?: unknown } }
  readonly dispose: () => Promise<unknown>
}

interface Library {
  readonly pipeline: (task: "feature-extraction", model: string, options: object) => Promise<Pipeline>
}

/** In a variable, so that a compiler does not look for it. */
const name = "@huggingface/transformers"

/** How a program brings the library, where it is not to be found beside this package. */
export type Load = () => Promise<unknown>

export const load: Load = () => import(name)

const isLibrary = (found: unknown): found is Library =>
  Predicate.isObject(found) && typeof found.pipeline === "function"

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The library. */
export const library = (from: Load): Effect.Effect<Library, TransformersError> =>
  Effect.flatMap(
    Effect.tryPromise({
      try: from,
      catch: (error) => new TransformersError({ why: "missing-package", detail: wordsOf(error) })
    }),
    (found) =>
      isLibrary(found)
        ? Effect.succeed(found)
        : Effect.fail(new TransformersError({ why: "other-package", detail: `${name} has no pipeline` }))
  )

/** A pipeline of the library. */
export const pipeline = (from: Library, model: string, options: object): Effect.Effect<Pipeline, TransformersError> =>
  Effect.tryPromise({
    try: () => from.pipeline("feature-extraction", model, options),
    catch: (error) => new TransformersError({ why: "no-model", detail: `${model}: ${wordsOf(error)}` })
  })
