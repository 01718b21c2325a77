/** Repeats what is worth repeating. The policy is a `Schedule`; the error says whether, and not before when. */
import type { Call, CallFailure, Middleware } from "@consortium/core/Call"
import { Committed, Deadline } from "@consortium/core/Deadline"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Pull from "effect/Pull"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import { waited } from "./internal/waited.js"

/** How long to wait after which failure, and when to give up. `Schedule.recurs(0)` never repeats. */
export type Policy = Schedule.Schedule<unknown, CallFailure>

/** Doubles from `first` to at most `cap` and waits a uniformly drawn part of it ("full jitter"), `times` times at most. */
export const backoff = (options: {
  readonly first: Duration.Input
  readonly cap: Duration.Input
  readonly times: number
}): Policy =>
  Schedule.min([Schedule.exponential(options.first), Schedule.spaced(options.cap)]).pipe(
    Schedule.modifyDelay(({ duration }) => Effect.map(Random.next, (part) => Duration.times(duration, part))),
    Schedule.upTo({ times: options.times }),
    Schedule.setInputType<CallFailure>()
  )

const defaults = { policy: backoff({ first: "500 millis", cap: "30 seconds", times: 4 }) }

type Step = Effect.Success<ReturnType<typeof Schedule.toStep<unknown, CallFailure, never, never>>>

/** Whole milliseconds to wait after a failure, or nothing when the policy has ended. */
const nextWait = (step: Step, now: number, failed: CallFailure): Effect.Effect<number | undefined> =>
  Pull.matchEffect(step(now, failed), {
    onSuccess: ([, delay]) =>
      Effect.succeed<number | undefined>(
        Math.ceil(
          Math.max(Duration.toMillis(delay), failed.retryAfter === undefined ? 0 : Duration.toMillis(failed.retryAfter))
        )
      ),
    onFailure: (cause) => Effect.failCause(cause),
    onDone: () => Effect.succeed(undefined)
  })

/**
 * Calls again when the error `isRetryable`, after the policy's wait or the error's `retryAfter`, whichever is longer.
 * The last error leaves as it is: when the policy ends, when the wait would pass the `Deadline`, and when a reader has
 * already seen a part of the stream. @param policy @default 5 attempts, 0.5 s doubled up to 30 s, full jitter
 */
export const retry =
  (policy: Policy = defaults.policy): Middleware =>
  <I, A, E extends CallFailure, R>(call: Call<I, A, E, R>): Call<I, A, E, R> =>
  (input) =>
    Effect.withFiber((fiber) => {
      const clock = fiber.getRef(Clock.Clock)
      const end = fiber.getRef(Deadline)
      const committed = fiber.getRef(Committed)
      const worth = (failed: CallFailure) => failed.isRetryable && committed?.done !== true

      const again = (step: Step, last: E): Effect.Effect<A, E, R> => {
        if (!worth(last)) return Effect.fail(last)
        const now = clock.currentTimeMillisUnsafe()
        return Effect.flatMap(nextWait(step, now, last), (millis): Effect.Effect<A, E, R> => {
          if (millis === undefined || now + millis >= end) return Effect.fail(last)
          return waited("retry", Effect.sleep(millis)).pipe(
            Effect.flatMap(() => call(input)),
            Effect.catch((next) => again(step, next))
          )
        })
      }
      // A schedule is started only for a call that failed and may be repeated: it costs more than all the rest.
      return Effect.catch(call(input), (failed) =>
        worth(failed) ? Effect.flatMap(Schedule.toStep(policy), (step) => again(step, failed)) : Effect.fail(failed)
      )
    })
