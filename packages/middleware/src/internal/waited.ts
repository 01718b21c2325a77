/** How every middleware that waits says so. */
import { CallLog } from "@consortium/core/Receipt"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** Runs a wait and tells how long it took by the clock, also when it was interrupted; no wait tells nothing. */
export const waited = <A, E, R>(on: string, wait: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withFiber((fiber) => {
    const log = fiber.getRef(CallLog)
    if (log === undefined) return wait
    const clock = fiber.getRef(Clock.Clock)
    const from = clock.currentTimeMillisUnsafe()
    return Effect.onExit(wait, () => {
      const millis = clock.currentTimeMillisUnsafe() - from
      if (millis > 0) log.push({ _tag: "Waited", on, millis })
      return Effect.void
    })
  })
