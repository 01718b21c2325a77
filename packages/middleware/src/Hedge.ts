/** Asks a second time when an answer is unusually late, and takes whichever comes first. */
import type { Call, CallFailure, Middleware } from "@consortium/core/Call"
import { Committed } from "@consortium/core/Deadline"
import { CallLog } from "@consortium/core/Receipt"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { type Alarm, setAlarm } from "./internal/alarms.js"
import { Again } from "./internal/door.js"
import { Latencies } from "./internal/latencies.js"
import { monotonic } from "./internal/monotonic.js"
import { Running, Stopwatch } from "./internal/stopwatch.js"

export interface Options {
  /** The part of answers that come before the second attempt is made: later than that is late. @default 0.9 */
  readonly quantile?: number
  /** Extra attempts for each call, at most. @default 0.1 */
  readonly share?: number
  /** Answers that have to be known before the quantile is believed. @default 20 */
  readonly atLeast?: number
  /** Late is later than this until so many are known. @default nothing is hedged until then */
  readonly delay?: Duration.Input
}

const defaults = { quantile: 0.9, share: 0.1, atLeast: 20 } as const

/** Extra attempts that can be saved up in quiet times: an incident must not meet a large stock of them. */
const saved = 10

/** Whether an attempt's end is the call's, even while another one runs. */
const isFinal = <A, E extends CallFailure>(exit: Exit.Exit<A, E>): boolean => {
  if (Exit.isSuccess(exit) || Cause.hasDies(exit.cause)) return true
  const failed = exit.cause.reasons.find(Cause.isFailReason)
  return failed !== undefined && !failed.error.isRetryable
}

const startNow = { startImmediately: true } as const

/** The end of a call of which both attempts run: the first that is final, or the last; whoever is left is interrupted. */
const decide = <A, E extends CallFailure>(
  first: Fiber.Fiber<A, E>,
  second: Fiber.Fiber<A, E>,
  won: (by: "first" | "second") => void
): Effect.Effect<A, E> =>
  Effect.callback<A, E>((resume) => {
    let running = 2
    const end = (by: "first" | "second", other: Fiber.Fiber<A, E>) => (exit: Exit.Exit<A, E>) => {
      running--
      if (running > 0 && !isFinal(exit)) return
      if (Exit.isSuccess(exit)) won(by)
      resume(running > 0 ? Effect.andThen(Fiber.interrupt(other), exit) : exit)
    }
    first.addObserver(end("first", second))
    second.addObserver(end("second", first))
    return Fiber.interruptAll([first, second])
  })

/**
 * One value, to be shared by all calls of like latency: a vendor's model. It learns how long answers take, waits left
 * out, and makes a second attempt when the first is later than the quantile and the budget of extra attempts allows
 * it. The first answer wins, and the other attempt is interrupted, so that its connection closes. A stream that has
 * begun to speak is left alone, and streams teach nothing, since their time is also the reader's. A `Note` tells who won.
 * Put it around permits and limits: each attempt needs its own.
 */
export const makeHedge = (options: Options = {}): Middleware => {
  const { atLeast, quantile, share } = { ...defaults, ...options }
  if (!(quantile > 0 && quantile < 1 && share >= 0 && share <= 1)) {
    throw new RangeError(`quantile ${quantile} and share ${share} have to be parts of 1`)
  }
  const latencies = new Latencies(quantile, atLeast)
  const delay = options.delay === undefined ? undefined : Duration.toMillis(options.delay)
  let credit = 0

  return <I, A, E extends CallFailure, R>(call: Call<I, A, E, R>): Call<I, A, E, R> =>
    (input) =>
      Effect.withFiber((fiber): Effect.Effect<A, E, R> => {
        const clock = fiber.getRef(Clock.Clock)
        const committed = fiber.getRef(Committed)
        const watch = new Stopwatch(monotonic(clock), fiber.getRef(Running))
        const late = latencies.value ?? delay
        credit = Math.min(saved, credit + share)

        // A loser is later than the quantile too, however late it would have been: its time so far keeps the quantile true.
        const learn = (): void => {
          if (committed === undefined) latencies.add(watch.elapsed(monotonic(clock)))
        }
        const first = Effect.provideService(
          Effect.suspend(() => call(input)),
          Running,
          watch
        )
        if (late === undefined) {
          return Effect.map(first, (answer) => {
            learn()
            return answer
          })
        }
        const won = (by: "first" | "second"): void => {
          if (by === "second") learn()
          fiber
            .getRef(CallLog)
            ?.push({ _tag: "Note", source: "hedge", data: { afterMillis: Math.round(late), won: by } })
        }
        const both = (one: Fiber.Fiber<A, E>): Effect.Effect<A, E, R> =>
          Effect.flatMap(
            Effect.forkChild(Effect.provideService(call(input), Again, true), startNow),
            (second): Effect.Effect<A, E> => decide(one, second, won)
          )
        /** Waits for the first attempt, and when it is late goes on with both. */
        const alone = (one: Fiber.Fiber<A, E>): Effect.Effect<A, E, R> =>
          Effect.callback<A, E, R>((resume) => {
            let alarm: Alarm | undefined
            const look = (): void => {
              if (watch.paused) {
                watch.onResume = look
                return
              }
              watch.onResume = undefined
              const left = Math.floor(late - watch.elapsed(monotonic(clock))) + 1
              if (left > 0) {
                alarm?.cancel()
                alarm = setAlarm(fiber, left, look)
              } else if (committed?.done !== true && credit >= 1 - 1e-9) {
                credit--
                resume(both(one))
              }
            }
            look()
            one.addObserver((exit) => {
              alarm?.cancel()
              if (Exit.isSuccess(exit)) learn()
              resume(exit)
            })
            return Effect.suspend(() => {
              alarm?.cancel()
              return Fiber.interrupt(one)
            })
          })
        return Effect.flatMap(Effect.forkChild(first, startNow), (one) => {
          const ended = one.pollUnsafe()
          if (ended === undefined) return alone(one)
          if (Exit.isSuccess(ended)) learn()
          return ended
        })
      })
}
