/** What an error says of the other side, for middleware that decide more than whether to repeat. */
import type { CallFailure } from "@consortium/core/Call"

type Failed = CallFailure & { readonly reason?: { readonly _tag: string } }

/** The inner reason's tag, or the error's own. */
export const wordOf = (error: Failed): string => error.reason?._tag ?? error._tag

const busy = new Set(["RateLimited", "Overloaded"])
/** The other side has more to do than it can or wants to. */
export const isOverload = (error: Failed): boolean => busy.has(wordOf(error))

const refusals = new Set([
  ...busy,
  "Authentication",
  "Permission",
  "NotFound",
  "InvalidRequest",
  "ContextOverflow",
  "QuotaExhausted",
  "ServerError"
])
/** The other side said no: nothing was made, so nothing is paid for. */
export const isRefusal = (error: Failed): boolean => refusals.has(wordOf(error))

/** The other side may be down: a repeated call would fare no better, and it is not merely our pace. */
export const isOutage = (error: Failed): boolean => error.isRetryable && wordOf(error) !== "RateLimited"

const own = new Set(["Halted", "InvalidRequest", "ContentPolicy"])
/** Another vendor or model may do better. */
export const isWorthAnother = (error: Failed): boolean => !own.has(wordOf(error))
