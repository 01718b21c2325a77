/** Stops asking a service that is down, and tries it again with one call at a time. */
import type { Call, CallFailure, Middleware } from "@consortium/core/Call"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { isOutage } from "./internal/blame.js"
import { monotonic } from "./internal/monotonic.js"

/** The service failed too often lately; nothing was sent. */
export class CircuitOpen extends Schema.TaggedError<CircuitOpen>()("CircuitOpen", {
  key: Schema.String,
  /** When it is tried again, at the earliest. */
  retryAfterMillis: Schema.Finite
}) {
  readonly isRetryable = true
  get retryAfter(): Duration.Duration {
    return Duration.millis(this.retryAfterMillis)
  }
  override get message(): string {
    return `${this.key} is not asked for ${this.retryAfterMillis} ms, since it failed too often; wait, or use another vendor`
  }
}

export interface Options {
  /** What may be down, for messages: a vendor, a model. */
  readonly key: string
  /** The part of the last calls that have failed when it opens. @default 0.5 */
  readonly threshold?: number
  /** How many calls that looks back on. @default 20 */
  readonly window?: number
  /** Calls before it can open at all. @default 10 */
  readonly atLeast?: number
  /** How long nothing is sent after that; doubled each time the trial fails. @default 5 seconds */
  readonly openFor?: Duration.Input
  /** @default 1 minute */
  readonly openAtMost?: Duration.Input
}

const defaults = {
  threshold: 0.5,
  window: 20,
  atLeast: 10,
  openFor: "5 seconds",
  openAtMost: "1 minute"
} as const satisfies Partial<Options>

type State =
  | { readonly _tag: "Closed" }
  | { readonly _tag: "Open"; readonly until: number; readonly times: number }
  | { readonly _tag: "Trial"; readonly times: number }

/** The last outcomes, with a running sum. */
class Outcomes {
  failures = 0
  count = 0
  private readonly ring: Uint8Array
  constructor(window: number) {
    this.ring = new Uint8Array(window)
  }
  add(failed: boolean): void {
    const at = this.count % this.ring.length
    this.failures += Number(failed) - (this.ring[at] ?? 0)
    this.ring[at] = Number(failed)
    this.count++
  }
  get known(): number {
    return Math.min(this.count, this.ring.length)
  }
  clear(): void {
    this.ring.fill(0)
    this.count = 0
    this.failures = 0
  }
}

/**
 * One value, to be shared by all calls to what may be down. Errors that are worth a repeat count against the service;
 * a rate limit does not, and answers and refusals of the request speak for it. While it is open, calls fail with
 * `CircuitOpen` at once; then one call tries, and its end decides. Put it outside of `retry`: it sees one outcome for
 * each call. It makes calls fail that could have waited, which is right where somebody waits or a `fallback` stands by.
 */
export const makeCircuitBreaker = (options: Options): Middleware<CircuitOpen> => {
  const { atLeast, key, openAtMost, openFor, threshold, window } = { ...defaults, ...options }
  if (!(threshold > 0 && threshold <= 1 && atLeast >= 1 && window >= atLeast)) {
    throw new RangeError(
      `${key}: threshold ${threshold}, atLeast ${atLeast}, window ${window}: give a part of 1, and numbers from 1 in this order`
    )
  }
  const shortest = Duration.toMillis(openFor)
  const longest = Duration.toMillis(openAtMost)
  const outcomes = new Outcomes(window)
  let state: State = { _tag: "Closed" }

  const open = (now: number, times: number): void => {
    state = { _tag: "Open", until: now + Math.min(longest, shortest * 2 ** times), times }
    outcomes.clear()
  }
  const settle = (now: number, asked: State, failed: boolean): void => {
    // An answer to a call from before it opened, or from before it closed, is no news.
    if (asked !== state) return
    if (state._tag === "Trial") {
      if (failed) open(now, state.times + 1)
      else state = { _tag: "Closed" }
      return
    }
    outcomes.add(failed)
    if (outcomes.count >= atLeast && outcomes.failures >= threshold * outcomes.known) open(now, 0)
  }
  /** The trial said nothing: the next call is one. */
  const withdraw = (now: number, asked: State): void => {
    if (asked === state && state._tag === "Trial") state = { _tag: "Open", until: now, times: state.times }
  }

  return <I, A, E extends CallFailure, R>(call: Call<I, A, E, R>): Call<I, A, E | CircuitOpen, R> =>
    (input) =>
      Effect.withFiber((fiber): Effect.Effect<A, E | CircuitOpen, R> => {
        const clock = fiber.getRef(Clock.Clock)
        let asked: State | undefined
        return Effect.onExit(
          Effect.suspend((): Effect.Effect<A, E | CircuitOpen, R> => {
            const now = monotonic(clock)
            if (state._tag === "Trial") return Effect.fail(new CircuitOpen({ key, retryAfterMillis: shortest }))
            if (state._tag === "Open") {
              if (now < state.until)
                return Effect.fail(new CircuitOpen({ key, retryAfterMillis: Math.ceil(state.until - now) }))
              state = { _tag: "Trial", times: state.times }
            }
            asked = state
            return call(input)
          }),
          (exit) => {
            if (asked === undefined) return Effect.void
            const now = monotonic(clock)
            if (exit._tag === "Success") settle(now, asked, false)
            else {
              const failed = exit.cause.reasons.find(Cause.isFailReason)
              if (failed === undefined || failed.error._tag === "Halted") withdraw(now, asked)
              else settle(now, asked, isOutage(failed.error))
            }
            return Effect.void
          }
        )
      })
}
