/** At most so many calls in flight, over everything that shares the value. */
import type { Middleware } from "@consortium/core/Call"
import { CallLog } from "@consortium/core/Receipt"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"

export interface Options {
  /** Calls in flight at the same time: an integer from 1. */
  readonly permits: number
}

/**
 * One limiter, to be shared: every call that this very value wraps counts against the same permits, first come, first
 * served. A streamed call holds its permit until its last part. Put it around calls to models, never around a stage
 * that makes such calls itself: it would wait for its own permit.
 */
export const makeConcurrency = (options: Options): Middleware => {
  if (!Number.isInteger(options.permits) || options.permits < 1) {
    throw new RangeError(
      `permits: ${options.permits} is no integer from 1; give the number of calls that may run at once`
    )
  }
  const semaphore = Semaphore.makeUnsafe(options.permits)
  return (call) => (input) =>
    Effect.withFiber((fiber) => {
      const log = fiber.getRef(CallLog)
      if (log === undefined) return semaphore.withPermit(Effect.suspend(() => call(input)))
      const clock = fiber.getRef(Clock.Clock)
      const from = clock.currentTimeMillisUnsafe()
      let waiting = true
      const admit = () => {
        if (!waiting) return
        waiting = false
        const millis = clock.currentTimeMillisUnsafe() - from
        if (millis > 0) log.push({ _tag: "Waited", on: "concurrency", millis })
      }
      return semaphore
        .withPermit(
          Effect.suspend(() => {
            admit()
            return call(input)
          })
        )
        .pipe(Effect.ensuring(Effect.sync(admit)))
    })
}
