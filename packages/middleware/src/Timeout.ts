/** Gives up on what takes too long: one attempt, the first part of a stream, silence in it, the whole question. */
import type { CallFailure, Halted, Middleware } from "@consortium/core/Call"
import type { ChatModel } from "@consortium/core/ChatModel"
import { Committed, Deadline } from "@consortium/core/Deadline"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { deadlinePassed } from "./internal/deadlinePassed.js"

/** One attempt took longer than its limit; the next may be quicker. */
export class TimedOut extends Schema.TaggedError<TimedOut>()("TimedOut", {
  /** What did not come. */
  missing: Schema.Literals(["answer", "first part", "next part"]),
  /** The limit, in milliseconds. */
  millis: Schema.Finite
}) {
  readonly isRetryable = true
  override get message(): string {
    return `no ${this.missing} within ${this.millis} ms; allow more time or ask for less`
  }
}

/** Milliseconds until the deadline of the question in hand. */
const timeLeft = (fiber: Fiber.Fiber<unknown, unknown>): number => {
  const end = fiber.getRef(Deadline)
  return end === Infinity ? Infinity : end - fiber.getRef(Clock.Clock).currentTimeMillisUnsafe()
}

const haltAfter = (millis: number): Effect.Effect<never, Halted> =>
  millis === Infinity ? Effect.never : Effect.andThen(Effect.sleep(millis), Effect.fail(deadlinePassed()))

const untilDeadline = <A, E, R>(self: Effect.Effect<A, E, R>, left: number): Effect.Effect<A, E | Halted, R> => {
  if (left === Infinity) return self
  return left <= 0 ? Effect.fail(deadlinePassed()) : Effect.raceFirst(self, haltAfter(left))
}

/** Races an Effect against its limit and the deadline; a stream that is being read only against the deadline. */
const within = <A, E, R>(self: Effect.Effect<A, E, R>, missing: TimedOut["missing"], limit: number) =>
  Effect.withFiber((fiber): Effect.Effect<A, E | TimedOut | Halted, R> => {
    const left = timeLeft(fiber)
    if (left <= limit) return untilDeadline(self, left)
    // Once a reader has a part, the time that the call takes is also the reader's: a slow one is no failure.
    const committed = missing === "answer" ? fiber.getRef(Committed) : undefined
    const late = Effect.suspend(
      (): Effect.Effect<never, TimedOut | Halted> =>
        committed?.done === true ? haltAfter(left - limit) : Effect.fail(new TimedOut({ missing, millis: limit }))
    )
    return Effect.raceFirst(self, Effect.andThen(Effect.sleep(limit), late))
  })

/**
 * Fails an attempt that has no answer within `limit` with `TimedOut`, and one that meets the `Deadline` with `Halted`.
 * A streamed call is limited until its first part only: see `firstPart` and `silence` for the rest.
 */
export const timeout = (limit: Duration.Input): Middleware<TimedOut | Halted> => {
  const millis = Duration.toMillis(limit)
  return (call) => (input) => within(call(input), "answer", millis)
}

/** Ends the whole call at the `Deadline` of the question in hand: the outermost middleware, and free without a deadline. */
export const deadline: Middleware<Halted> = (call) => (input) =>
  Effect.withFiber((fiber) => untilDeadline(call(input), timeLeft(fiber)))

/** A stream whose pulls are limited one by one: time in which nobody asks for a part does not count. */
const limitPulls =
  (missing: TimedOut["missing"], limit: Duration.Input, concerns: (first: boolean) => boolean) =>
  <E extends CallFailure>(model: ChatModel<E>): ChatModel<E | TimedOut | Halted> => {
    const millis = Duration.toMillis(limit)
    return {
      ...model,
      stream: (request) =>
        Stream.transformPull(model.stream(request), (pull) =>
          Effect.sync(() => {
            let first = true
            const limited = within(pull, missing, millis)
            return Effect.suspend((): typeof limited => {
              const concerned = concerns(first)
              first = false
              return concerned ? limited : pull
            })
          })
        )
    }
  }

/** Limits the wait for a stream's first part. Apply it to a model before `ChatModel.wrap`. */
export const firstPart = (limit: Duration.Input) => limitPulls("first part", limit, (first) => first)

/** Limits the wait for each part after the first. Apply it to a model before `ChatModel.wrap`. */
export const silence = (limit: Duration.Input) => limitPulls("next part", limit, (first) => !first)
