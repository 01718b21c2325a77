/** What travels with a question in hand instead of in every signature. */
import * as Context from "effect/Context"

/** Absolute end, in milliseconds of `Clock`. Timeout, retry and queues read it. @default Infinity */
export const Deadline = Context.Reference<number>("@consortium/core/Deadline", { defaultValue: () => Infinity })

/**
 * Set while a streamed call runs; `done` once a reader has seen a part. Retry, hedge and fallback do not repeat a
 * committed call: its text would be said twice.
 */
export const Committed = Context.Reference<{ readonly done: boolean } | undefined>("@consortium/core/Committed", {
  defaultValue: () => undefined
})
