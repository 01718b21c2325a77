/** At most so many calls in flight, over everything that shares the value. */
import type { Middleware } from "@consortium/core/Call"
import * as Effect from "effect/Effect"
import { Again, Door } from "./internal/door.js"

export interface Options {
  /** Calls in flight at the same time: an integer from 1. */
  readonly permits: number
}

/**
 * One limiter, to be shared: every call that this very value wraps counts against the same permits, first come, first
 * served, and a repeated attempt before new calls. A streamed call holds its permit until its last part. Put it around
 * calls to models, never around a stage that makes such calls itself: it would wait for its own permit.
 */
export const makeConcurrency = (options: Options): Middleware => {
  if (!Number.isInteger(options.permits) || options.permits < 1) {
    throw new RangeError(
      `permits: ${options.permits} is no integer from 1; give the number of calls that may run at once`
    )
  }
  const door = new Door(options.permits)
  return (call) => (input) =>
    Effect.withFiber((fiber) => door.pass("concurrency", fiber.getRef(Again), () => call(input)))
}
