/** Failures of ours that are no vendor's: of middleware, of a whole consortium. */
import type { CallFailure } from "@consortium/core/Call"
import * as ModelError from "@consortium/core/ModelError"
import * as Duration from "effect/Duration"
import * as Predicate from "effect/Predicate"

export const isFailure = (error: unknown): error is CallFailure =>
  Predicate.isObject(error) &&
  typeof error._tag === "string" &&
  typeof error.message === "string" &&
  typeof error.isRetryable === "boolean"

/** The reason that is as worth a retry as the failure says. */
export const stands = (failure: CallFailure): ModelError.Reason => {
  if (!failure.isRetryable) return new ModelError.Unknown({})
  const { retryAfter } = failure
  return new ModelError.ServerError(retryAfter === undefined ? {} : { retryAfterMillis: Duration.toMillis(retryAfter) })
}
