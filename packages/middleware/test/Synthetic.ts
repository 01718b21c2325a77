/** Synthetic models and stores for the tests of this room. */
import type { Halted } from "@consortium/core/Call"
import type { CallJournal, CallKey, Entry } from "@consortium/core/CallJournal"
import { type ChatModel, type ChatRequest, make, type StreamPart } from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import { InvalidRequest, ModelError, Overloaded, RateLimited, ServerError } from "@consortium/core/ModelError"
import { message } from "@consortium/core/Prompt"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"

export const request = (text = "why?"): ChatRequest => ({ messages: [message("user", text)], maxTokens: 100 })

export const completion = (text: string): Completion => ({
  parts: [{ _tag: "Text", text }],
  finish: { kind: "stop", raw: "stop" },
  usage: { inputTokens: 10, outputTokens: 20, usd: 0.5 },
  model: "synthetic-1"
})

const error = (reason: ModelError["reason"]) =>
  new ModelError({ vendor: "synthetic", model: "synthetic-1", reason, detail: "made for a test" })

export const limited = (retryAfterMillis?: number) =>
  error(new RateLimited({ scope: "requests", ...(retryAfterMillis !== undefined && { retryAfterMillis }) }))
export const overloaded = error(new Overloaded({}))
export const broken = error(new ServerError({}))
export const refused = error(new InvalidRequest({}))

/** One attempt: how long until which text, cut into words when streamed, and where it fails. */
export interface Turn {
  readonly after?: number
  readonly text?: string
  /** Fails with this: at once, or when streamed after `words`. */
  readonly fails?: ModelError
  readonly words?: number
}

/** A model that plays its turns one after the other, the last one for ever, and counts. */
export const scripted = (turns: readonly [Turn, ...ReadonlyArray<Turn>]) => {
  const seen = { calls: 0, running: 0, most: 0 }
  const next = Effect.sync(() => {
    seen.running++
    seen.most = Math.max(seen.most, seen.running)
    return turns[seen.calls++] ?? turns[turns.length - 1] ?? turns[0]
  })
  const leave = Effect.sync(() => {
    seen.running--
  })
  const model: ChatModel<ModelError> = make({
    ref: "synthetic/synthetic-1",
    wire: "synthetic",
    complete: () =>
      Effect.acquireUseRelease(
        next,
        (turn) =>
          Effect.andThen(
            Effect.sleep(turn.after ?? 0),
            turn.fails === undefined ? Effect.succeed(completion(turn.text ?? "yes")) : Effect.fail(turn.fails)
          ),
        () => leave
      ),
    stream: () =>
      Stream.unwrap(
        Effect.map(
          Effect.acquireRelease(next, () => leave),
          (turn) => {
            const text = turn.text ?? "yes"
            const words = text.split(" ").slice(0, turn.fails === undefined ? undefined : (turn.words ?? 0))
            const parts = Stream.fromIterable(words).pipe(
              Stream.map((delta): StreamPart => ({ _tag: "Text", delta })),
              Stream.rechunk(1),
              Stream.tap(() => Effect.sleep(turn.after ?? 0))
            )
            const end: Stream.Stream<StreamPart, ModelError> =
              turn.fails === undefined
                ? Stream.make<ReadonlyArray<StreamPart>>({ _tag: "Done", completion: completion(text) })
                : Stream.fail(turn.fails)
            return Stream.concat(parts, end)
          }
        )
      )
  })
  return { model, seen }
}

/** A journal in memory that counts, and whose `put` can be made slow or refused. */
export const memory = (put: Effect.Effect<void, Halted> = Effect.void) => {
  const entries = new Map<CallKey, Entry>()
  const seen = { gets: 0, puts: 0 }
  const store: CallJournal["Service"] = {
    get: (key) =>
      Effect.sync(() => {
        seen.gets++
        return Option.fromUndefinedOr(entries.get(key))
      }),
    put: (key, entry) =>
      Effect.andThen(
        put,
        Effect.sync(() => {
          seen.puts++
          entries.set(key, entry)
        })
      )
  }
  return { store, entries, seen }
}

/** Runs to the end in virtual time. */
export const inTime = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect)
    yield* TestClock.adjust("1 day")
    return yield* Fiber.join(fiber)
  })
