/** Failures of ours that are no vendor's, of middleware or of a whole consortium, where a `ModelError` is wanted. */
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
export const reasonOf = (failure: CallFailure): ModelError.Reason => {
  if (failure instanceof ModelError.ModelError) return failure.reason
  if (!failure.isRetryable) return new ModelError.Unknown({})
  const { retryAfter } = failure
  return new ModelError.ServerError(retryAfter === undefined ? {} : { retryAfterMillis: Duration.toMillis(retryAfter) })
}
