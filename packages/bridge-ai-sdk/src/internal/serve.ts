/** The two verbs of an AI SDK language model, over a chat model of ours. */
import type { LanguageModelV4, LanguageModelV4StreamPart } from "@ai-sdk/provider"
import type { CallFailure } from "@consortium/core/Call"
import type { ChatModel } from "@consortium/core/ChatModel"
import { type CallEvent, CallLog, fromEvents, record } from "@consortium/core/Receipt"
import * as marks from "@consortium/wire/Marks"
import { Pieces } from "@consortium/wire/Pieces"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { content, ending, response, spelled, told } from "./content.js"
import * as requests from "./request.js"
import { thrown } from "./thrown.js"
import { finished, stated } from "./usage.js"

export interface Served<E extends CallFailure> {
  readonly model: ChatModel<E>
  readonly retry: boolean | undefined
}

/** Runs to a promise that an aborted signal rejects with its reason, as `fetch` does. */
export const run = async <A>(effect: Effect.Effect<A>, signal: AbortSignal | undefined): Promise<A> => {
  const exit = await Effect.runPromiseExit(effect, signal === undefined ? {} : { signal })
  if (Exit.isSuccess(exit)) return exit.value
  signal?.throwIfAborted()
  throw Cause.squash(exit.cause)
}

const generate =
  <E extends CallFailure>({ model, retry }: Served<E>): LanguageModelV4["doGenerate"] =>
  async (options) => {
    const { request, warnings } = requests.read(options)
    const [outcome, receipt] = await run(record(model.complete)(request), options.abortSignal)
    if (Result.isFailure(outcome)) {
      throw thrown(outcome.failure, { ref: model.ref, request, attempts: receipt.attempts, retry })
    }
    const { success: completion } = outcome
    return {
      content: content(completion),
      finishReason: finished(completion.finish),
      usage: stated(completion.usage),
      providerMetadata: { [marks.own]: told(model.ref, receipt, completion) },
      request: { body: request },
      response: response(completion),
      warnings
    }
  }

const stream =
  <E extends CallFailure>({ model, retry }: Served<E>): LanguageModelV4["doStream"] =>
  async (options) => {
    const { request, warnings } = requests.read(options)
    const signal = options.abortSignal
    signal?.throwIfAborted()
    const events: Array<CallEvent> = []
    const startedAt = Effect.runSync(Clock.currentTimeMillis)
    const receipt = () => fromEvents(events, startedAt, Effect.runSync(Clock.currentTimeMillis))
    const parts = model
      .stream(request)
      .pipe(Stream.provideService(CallLog, events), Stream.result, Stream.toAsyncIterable)
    const reader = parts[Symbol.asyncIterator]()
    const leave = () => void reader.return?.()
    signal?.addEventListener("abort", leave)
    /** The next part; a failure is thrown in the AI SDK's words. */
    const next = async () => {
      const { done, value: said } = await reader.next()
      signal?.throwIfAborted()
      if (done === true || Result.isFailure(said)) signal?.removeEventListener("abort", leave)
      if (done === true) return undefined
      if (Result.isSuccess(said)) return said.success
      throw thrown(said.failure, { ref: model.ref, request, attempts: receipt().attempts, retry })
    }
    // A call that fails before its first word is a rejected call, which the AI SDK knows how to repeat.
    let part = await next()
    const pieces = new Pieces()
    return {
      request: { body: request },
      stream: new ReadableStream<LanguageModelV4StreamPart>({
        start: (out) => out.enqueue({ type: "stream-start", warnings }),
        pull: async (out) => {
          try {
            for (let said: ReadonlyArray<LanguageModelV4StreamPart> = []; said.length === 0; part = await next()) {
              if (part === undefined) return out.close()
              said =
                part._tag === "Done"
                  ? [
                      ...pieces.done(part.completion).map(spelled),
                      ...ending(part.completion, told(model.ref, receipt(), part.completion))
                    ]
                  : pieces.add(part).map(spelled)
              for (const one of said) out.enqueue(one)
            }
          } catch (error) {
            if (signal?.aborted === true) return out.error(signal.reason)
            out.enqueue({ type: "error", error })
            out.enqueue({ type: "finish", finishReason: { unified: "error", raw: undefined }, usage: stated({}) })
            out.close()
          }
        },
        cancel: leave
      })
    }
  }

/** The verbs. */
export const serve = <E extends CallFailure>(served: Served<E>): Pick<LanguageModelV4, "doGenerate" | "doStream"> => ({
  doGenerate: generate(served),
  doStream: stream(served)
})
