/** A consortium for programs that do not write Effect: promises that reject with the very error, events by `for await`. */
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { Answer } from "./Answer.js"
import type { Consortium, Question, Settings } from "./Consortium.js"
import type { ConsortiumEvent } from "./ConsortiumEvent.js"

/** How one question differs, and what ends it early. */
export interface PromiseSettings extends Settings {
  /** Aborted, it closes every connection of the question. */
  readonly signal?: AbortSignal
}

export interface PromiseConsortium {
  readonly ask: (question: Question, settings?: PromiseSettings) => Promise<Answer>
  readonly askAs: <A>(
    schema: Schema.Codec<A, unknown>,
    question: Question,
    settings?: PromiseSettings
  ) => Promise<Answer<A>>
  /** Leaving the loop closes every connection of the question. */
  readonly stream: (question: Question, settings?: Settings) => AsyncIterable<ConsortiumEvent>
}

/** The same consortium with promises. */
export const promises = (consortium: Consortium): PromiseConsortium => ({
  ask: (question, { signal, ...settings } = {}) =>
    Effect.runPromise(consortium.ask(question, settings), signal === undefined ? {} : { signal }),
  askAs: (schema, question, { signal, ...settings } = {}) =>
    Effect.runPromise(consortium.askAs(schema, question, settings), signal === undefined ? {} : { signal }),
  stream: (question, settings) => Stream.toAsyncIterable(consortium.stream(question, settings))
})
