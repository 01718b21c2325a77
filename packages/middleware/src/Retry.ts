/** Repeats what is worth repeating. The policy is a `Schedule`; the error says whether, and not before when. */
import type { Call, CallFailure, Middleware } from "@consortium/core/Call"
import { Committed, Deadline } from "@consortium/core/Deadline"
import { tell } from "@consortium/core/Receipt"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Pull from "effect/Pull"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import { Again } from "./internal/door.js"
import { monotonic } from "./internal/monotonic.js"
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

const defaults = {
  policy: backoff({ first: "500 millis", cap: "30 seconds", times: 4 }),
  budget: { share: 0.2, perSecond: 10 }
}

/** How many repeats a service may be asked for beyond its calls, over everything that shares the value. */
export interface RetryBudget {
  /** A new call was made, which allows for some part of a repeat. `now`: milliseconds of `Clock`'s monotonic time. */
  readonly called: (now: number) => void
  /** Takes a repeat, if there is one left. */
  readonly take: (now: number) => boolean
}

export interface BudgetOptions {
  /** Repeats for each call, at most. @default 0.2 */
  readonly share?: number
  /** Repeats in a second that are allowed without any call, so that a quiet client can repeat too. @default 10 */
  readonly perSecond?: number
}

/** How long what is allowed can be saved up, in seconds. */
const saved = 10

/**
 * A token bucket, as in Finagle, tower and gRPC: each call puts in `share`, each second `perSecond`, a repeat takes 1.
 * It starts with ten seconds' worth and holds no more than ten seconds of either. So an outage meets the calls and a
 * fifth of them again, not five times all of them.
 */
export const makeRetryBudget = (options: BudgetOptions = {}): RetryBudget => {
  const { perSecond, share } = { ...defaults.budget, ...options }
  if (!(share >= 0 && perSecond >= 0)) {
    throw new RangeError(`share ${share} and perSecond ${perSecond} have to be numbers from 0`)
  }
  const floor = perSecond * saved
  let left = floor
  let deposits = 0
  let at = -Infinity
  const refill = (now: number): void => {
    const seconds = Math.max(0, (now - at) / 1000)
    if (seconds === 0) return
    // What calls have put in lately, forgotten over ten seconds.
    deposits = seconds >= saved ? 0 : deposits * (1 - seconds / saved)
    left = Math.min(floor + deposits, at === -Infinity ? left : left + seconds * perSecond)
    at = now
  }
  return {
    called: (now) => {
      refill(now)
      deposits += share
      left += share
    },
    take: (now) => {
      refill(now)
      if (left < 1) return false
      left -= 1
      return true
    }
  }
}

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

/** Tells that a call ended before its policy, so that others could be answered. */
const exhausted = tell({ _tag: "Note", source: "retry", data: { budget: "empty" } })

/**
 * Calls again when the error `isRetryable`, after the policy's wait or the error's `retryAfter`, whichever is longer.
 * The last error leaves as it is: when the policy ends, when the wait would pass the `Deadline`, when the budget of
 * repeats is empty (a `Note` tells it), and when a reader has already seen a part of the stream.
 * @param policy @default 5 attempts, 0.5 s doubled up to 30 s, full jitter
 * @param budget share it among calls to one service @default an own one, 20 % of the calls and 10 a second
 */
export const retry =
  (policy: Policy = defaults.policy, budget: RetryBudget = makeRetryBudget()): Middleware =>
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
          if (!budget.take(monotonic(clock))) return Effect.andThen(exhausted, Effect.fail(last))
          return waited("retry", Effect.sleep(millis)).pipe(
            Effect.flatMap(() => Effect.provideService(call(input), Again, true)),
            Effect.catch((next) => again(step, next))
          )
        })
      }
      budget.called(monotonic(clock))
      // A schedule is started only for a call that failed and may be repeated: it costs more than all the rest.
      return Effect.catch(call(input), (failed) =>
        worth(failed) ? Effect.flatMap(Schedule.toStep(policy), (step) => again(step, failed)) : Effect.fail(failed)
      )
    })
