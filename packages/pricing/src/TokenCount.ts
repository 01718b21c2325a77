/**
 * How many tokens a text has. Exact for OpenAI's models, whose vocabularies are public, where the optional peer
 * `gpt-tokenizer` is installed; else estimated as a token for each 4 bytes of UTF-8, and said so.
 */
import * as Effect from "effect/Effect"

export interface Counted {
  readonly tokens: number
  /** False for an estimate. */
  readonly exact: boolean
}

type Counter = (text: string) => number

const bytesPerToken = 4
const encoder = new TextEncoder()

/** A token for each 4 bytes: about right for English, and too many rather than too few for most other scripts. */
export const estimate = (text: string): number => Math.ceil(encoder.encode(text).length / bytesPerToken)

/** Which vocabulary a model reads, by its name; as OpenAI's tiktoken lists them. */
const o200k = /^(gpt-(4o|4\.1|4\.5|5|oss)|chatgpt-4o|o[134])(?![a-z])/
const cl100k = /^(gpt-(4|3\.5)|text-embedding-3|text-embedding-ada)/

const none = Effect.succeed<Counter | undefined>(undefined)

const load = (from: () => Promise<{ readonly countTokens: Counter }>) =>
  Effect.runSync(
    Effect.cached(
      Effect.tryPromise(from).pipe(
        Effect.map(({ countTokens }): Counter | undefined => countTokens),
        // The peer is not installed.
        Effect.orElseSucceed(() => undefined)
      )
    )
  )

const loaders = {
  o200k: load(() => import("gpt-tokenizer/encoding/o200k_base")),
  cl100k: load(() => import("gpt-tokenizer/encoding/cl100k_base"))
}

const counterOf = (ref: string) => {
  const model = ref.slice(ref.lastIndexOf("/") + 1)
  if (o200k.test(model)) return loaders.o200k
  return cl100k.test(model) ? loaders.cl100k : none
}

/** Counts as the model of this name would. The first count of a vocabulary loads it, which takes about a second. */
export const count = (ref: string, text: string): Effect.Effect<Counted> =>
  Effect.map(counterOf(ref), (counter) =>
    counter === undefined ? { tokens: estimate(text), exact: false } : { tokens: counter(text), exact: true }
  )
