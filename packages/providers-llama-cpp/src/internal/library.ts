/** What is used of node-llama-cpp 3. It is an optional peer of some hundred megabytes, so neither it nor its types are imported before they are needed. */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import { LlamaCppError } from "../LlamaCppError.js"

/** Tokens that were read and written so far. */
export interface Meter {
  readonly usedInputTokens: number
  readonly usedOutputTokens: number
}

/** The state of one generation at a time. */
export interface Sequence {
  readonly contextSize: number
  readonly tokenMeter: { readonly getState: () => Meter }
  readonly clearHistory: () => Promise<void>
}

export interface Context {
  readonly getSequence: () => Sequence
  readonly dispose: () => Promise<void>
}

export interface Model {
  readonly tokenizer: unknown
  readonly createContext: (options: object) => Promise<Context>
  readonly dispose: () => Promise<void>
}

export interface Llama {
  /** Cores that do arithmetic, of the whole machine. */
  readonly cpuMathCores: number
  readonly loadModel: (options: object) => Promise<Model>
  readonly createGrammarForJsonSchema: (schema: unknown) => Promise<unknown>
  readonly dispose: () => Promise<void>
}

/** Words, or words of a segment such as a thought. */
export interface Chunk {
  readonly type: "segment" | undefined
  readonly text: string
  readonly tokens: ReadonlyArray<unknown>
}

export interface GenerateOptions {
  readonly signal: AbortSignal
  readonly onResponseChunk: (chunk: Chunk) => void
  readonly [name: string]: unknown
}

export interface Chat {
  readonly chatWrapper: {
    readonly generateContextState: (options: { readonly chatHistory: ReadonlyArray<object> }) => {
      readonly contextText: { readonly tokenize: (tokenizer: unknown) => { readonly length: number } }
    }
  }
  readonly generateResponse: (
    history: ReadonlyArray<object>,
    options: GenerateOptions
  ) => Promise<{ readonly metadata: { readonly stopReason: string } }>
}

export interface Library {
  readonly getLlama: (options: object) => Promise<Llama>
  readonly LlamaChat: new (options: { readonly contextSequence: Sequence }) => Chat
}

/** In a variable, so that a compiler does not look for it. */
const name = "node-llama-cpp"

/** How a program brings the library, where it is not to be found beside this package. */
export type Load = () => Promise<unknown>

export const load: Load = () => import(name)

const isLibrary = (found: unknown): found is Library =>
  Predicate.isObject(found) && typeof found.getLlama === "function" && typeof found.LlamaChat === "function"

export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The library. */
export const library = (from: Load): Effect.Effect<Library, LlamaCppError> =>
  Effect.flatMap(
    Effect.tryPromise({
      try: from,
      catch: (error) => new LlamaCppError({ why: "missing-package", detail: wordsOf(error) })
    }),
    (found) =>
      isLibrary(found)
        ? Effect.succeed(found)
        : Effect.fail(new LlamaCppError({ why: "other-package", detail: `${name} has no getLlama` }))
  )

/** One step of loading, undone when the scope closes. */
export const held = <A extends { readonly dispose: () => Promise<void> }>(
  why: LlamaCppError["why"],
  make: () => Promise<A>
) =>
  Effect.acquireRelease(
    Effect.tryPromise({ try: make, catch: (error) => new LlamaCppError({ why, detail: wordsOf(error) }) }),
    (it) => Effect.promise(() => it.dispose())
  )
