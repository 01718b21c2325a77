/** Gives up on what takes too long: one attempt, the first part of a stream, silence in it, the whole question. */
import type { CallFailure, Halted, Middleware } from "@consortium/core/Call"
import type { ChatModel } from "@consortium/core/ChatModel"
import { Committed, Deadline } from "@consortium/core/Deadline"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { setAlarm } from "./internal/alarms.js"
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

/** Runs an Effect in a fiber of its own, until it ends or `late` says how it ends at the limit, or how long it may go on. */
const cutOff = <A, E, E2, R>(
  fiber: Fiber.Fiber<unknown, unknown>,
  self: Effect.Effect<A, E, R>,
  limit: number,
  late: () => E2 | number
): Effect.Effect<A, E | E2, R> =>
  Effect.flatMap(Effect.forkChild(self, startNow), (child): Effect.Effect<A, E | E2> => {
    const ended = child.pollUnsafe()
    if (ended !== undefined) return ended
    return Effect.callback<A, E | E2>((resume) => {
      const ring = () => {
        const end = late()
        if (typeof end === "number") alarm = setAlarm(fiber, end, ring)
        else resume(Effect.andThen(Fiber.interrupt(child), Effect.fail(end)))
      }
      let alarm = setAlarm(fiber, limit, ring)
      child.addObserver((exit) => {
        alarm.cancel()
        resume(exit)
      })
      return Effect.suspend(() => {
        alarm.cancel()
        return Fiber.interrupt(child)
      })
    })
  })

const startNow = { startImmediately: true } as const

const untilDeadline = <A, E, R>(
  fiber: Fiber.Fiber<unknown, unknown>,
  self: Effect.Effect<A, E, R>,
  left: number
): Effect.Effect<A, E | Halted, R> => {
  if (left === Infinity) return self
  return left <= 0 ? Effect.fail(deadlinePassed()) : cutOff(fiber, self, left, deadlinePassed)
}

/** Races an Effect against its limit and the deadline; a stream that is being read only against the deadline. */
const within = <A, E, R>(self: Effect.Effect<A, E, R>, missing: TimedOut["missing"], limit: number) =>
  Effect.withFiber((fiber): Effect.Effect<A, E | TimedOut | Halted, R> => {
    const left = timeLeft(fiber)
    if (left <= limit) return untilDeadline(fiber, self, left)
    // Once a reader has a part, the time that the call takes is also the reader's: a slow one is no failure.
    const committed = missing === "answer" ? fiber.getRef(Committed) : undefined
    let isLate = false
    return cutOff(fiber, self, limit, (): TimedOut | Halted | number => {
      if (isLate) return deadlinePassed()
      isLate = true
      return committed?.done === true ? left - limit : new TimedOut({ missing, millis: limit })
    })
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
  Effect.withFiber((fiber) => untilDeadline(fiber, call(input), timeLeft(fiber)))

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
