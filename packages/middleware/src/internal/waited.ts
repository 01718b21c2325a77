/** How every middleware that waits says so. */
import { CallLog } from "@consortium/core/Receipt"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { monotonic } from "./monotonic.js"
import { Running } from "./stopwatch.js"

/**
 * Runs a wait and tells how long it took by the clock, also when it was interrupted; no wait tells nothing. Watches
 * of calls stand still meanwhile.
 */
export const waited = <A, E, R>(on: string, wait: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withFiber((fiber) => {
    const log = fiber.getRef(CallLog)
    const watch = fiber.getRef(Running)
    if (log === undefined && watch === undefined) return wait
    const clock = fiber.getRef(Clock.Clock)
    const from = monotonic(clock)
    watch?.pause(from)
    return Effect.onExit(wait, () => {
      const now = monotonic(clock)
      watch?.resume(now)
      const millis = Math.round(now - from)
      if (millis > 0) log?.push({ _tag: "Waited", on, millis })
      return Effect.void
    })
  })
