/** A limit of calls in flight that finds itself: up while all is well, down when the other side refuses or slows. */
import type { Call, CallFailure, Middleware } from "@consortium/core/Call"
import { Committed } from "@consortium/core/Deadline"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { isOverload } from "./internal/blame.js"
import { Again, Door } from "./internal/door.js"
import { monotonic } from "./internal/monotonic.js"
import { Running, Stopwatch } from "./internal/stopwatch.js"

/** What one call showed when it ended. */
export interface Sample {
  /** When it was let in, and when it ended: milliseconds of `Clock`'s monotonic time. */
  readonly begun: number
  readonly ended: number
  /** How long it ran, waits left out; absent where that says nothing: streams, which also wait for their reader, and failures. */
  readonly millis: number | undefined
  /** The other side refused it because it has too much to do. */
  readonly overload: boolean
  /** Calls in flight when it ended, itself included. */
  readonly inFlight: number
}

/** The limit as a law with a memory: after each sample, the calls that may be in flight. */
export type Law = (sample: Sample) => number

export interface Options {
  /** The first limit. @default 8 */
  readonly start?: number
  /** @default 1 */
  readonly min?: number
  /** @default 1000 */
  readonly max?: number
  /** Makes the law for these bounds. @default `watchful` */
  readonly law?: (bounds: Bounds) => Law
}

export interface Bounds {
  readonly start: number
  readonly min: number
  readonly max: number
}

const defaults = { start: 8, min: 1, max: 1000 } as const

/** Too many refusals in one flight lower the limit to this part. */
const afterOverload = 0.9
/** Refusals in one flight that are borne, as a part of it: some vendors refuse some calls at any load. */
const borne = 0.1
/** A flight is at least so many calls, so that a low limit bears no less. */
const shortestFlight = 10
/** Answers that take so many times as long as at the best are a sign of a queue at the other side. */
const tolerance = 2
/** A queue lowers the limit to this part at most and at least. */
const queueCut = { most: 0.5, least: 0.7 } as const
/** Answers in one judgement of the latency. */
const judged = 30
/** How much of the difference to slower answers the best forgets in each judgement. */
const forget = 0.02

/**
 * Additive increase, multiplicative decrease, from refusals and from latency. The limit doubles with each flight until
 * the first trouble, then grows by half its root, and only while it is used to the full. More refusals than a tenth of
 * a flight lower it, once a flight. Latency is judged by the geometric mean of some answers against the best such mean: where it doubles, others
 * queue before us, and the limit falls; where that does not help, it is the work that has become slower, and the new
 * latency counts as the best. `docs/middleware.md` has the simulation by which it was chosen.
 */
export const watchful = ({ max, min, start }: Bounds): Law => {
  let limit = start
  let doubling = true
  /** Calls let in before this instant speak of the limit before. */
  let since = -Infinity
  let flight = 0
  let refused = 0
  let full = false
  let logs = 0
  let count = 0
  let best = Infinity
  let expected = Infinity
  /** The latest answers alone: while the limit grows, the judged ones are partly older than it. */
  let recent = 0

  const lower = (part: number, now: number): void => {
    limit = Math.max(min, limit * part)
    doubling = false
    since = now
    flight = 0
    refused = 0
    full = false
  }
  const judge = (now: number): boolean => {
    const typical = logs / count
    logs = 0
    count = 0
    if (typical > expected) best = typical
    expected = Infinity
    best = best === Infinity ? typical : Math.min(typical, best + forget * Math.max(0, typical - best))
    const slower = Math.exp(typical - best)
    if (slower <= tolerance) return false
    const part = Math.max(queueCut.most, Math.min(queueCut.least, tolerance / slower))
    // If we are the queue, the latency falls with the limit; half of that is enough to believe it.
    if (limit > min) expected = Math.max(typical, recent) + Math.log(part) / 2
    lower(part, now)
    return true
  }
  return (sample) => {
    if (sample.begun < since) return limit
    if (sample.overload && ++refused > borne * Math.max(limit, shortestFlight)) {
      expected = Infinity
      lower(afterOverload, sample.ended)
      return limit
    }
    if (sample.inFlight >= Math.floor(limit)) full = true
    flight++
    if (sample.millis !== undefined) {
      const log = Math.log(Math.max(1, sample.millis))
      logs += log
      count++
      recent += (log - recent) * (recent === 0 ? 1 : 1 / judged)
      if (count >= Math.max(judged, limit) && judge(sample.ended)) return limit
    }
    if (flight >= Math.max(limit, refused > 0 ? shortestFlight : 0)) {
      if (full) limit = Math.min(max, doubling ? limit * 2 : limit + Math.max(1, Math.sqrt(limit) / 2))
      flight = 0
      refused = 0
      full = false
    }
    return limit
  }
}

/** The middleware, which also says its limit. */
export interface AdaptiveConcurrency extends Middleware {
  /** Calls that may be in flight now. */
  readonly limit: () => number
}

/**
 * One value, to be shared by all calls to one vendor's model, since they meet the same limit there. Put it outside of a
 * rate limit, so that booked places are used at once; the time in it does not count as latency.
 */
export const makeAdaptiveConcurrency = (options: Options = {}): AdaptiveConcurrency => {
  const { law, max, min, start } = { law: watchful, ...defaults, ...options }
  if (!(min >= 1 && start >= min && max >= start)) {
    throw new RangeError(`min ${min}, start ${start}, max ${max}: give numbers from 1 in this order`)
  }
  const next = law({ start, min, max })
  const door = new Door(Math.floor(start))
  let limit = Math.floor(start)
  const learn = (sample: Sample): void => {
    const now = Math.floor(Math.min(max, Math.max(min, next(sample))))
    if (now === limit) return
    limit = now
    door.resize(now)
  }

  const around: Middleware =
    <I, A, E extends CallFailure, R>(call: Call<I, A, E, R>): Call<I, A, E, R> =>
    (input) =>
      Effect.withFiber((fiber) => {
        const clock = fiber.getRef(Clock.Clock)
        const outer = fiber.getRef(Running)
        const streamed = fiber.getRef(Committed) !== undefined
        let begun = 0
        let watch = outer
        let before = 0
        return door.pass(
          "concurrency",
          fiber.getRef(Again),
          () => {
            begun = monotonic(clock)
            // A watch that runs already, a hedge's, serves as well.
            if (watch !== undefined) {
              before = watch.elapsed(begun)
              return call(input)
            }
            watch = new Stopwatch(begun)
            return Effect.provideService(call(input), Running, watch)
          },
          (exit) => {
            const ended = monotonic(clock)
            const inFlight = door.busy
            if (exit._tag === "Success") {
              const millis = streamed || watch === undefined ? undefined : watch.elapsed(ended) - before
              learn({ begun, ended, overload: false, inFlight, millis })
              return
            }
            const failed = exit.cause.reasons.find(Cause.isFailReason)
            // A call that was cut off or failed otherwise says nothing of the limit.
            if (failed !== undefined && isOverload(failed.error))
              learn({ begun, ended, overload: true, inFlight, millis: undefined })
          }
        )
      })
  return Object.assign(around, { limit: () => limit })
}
