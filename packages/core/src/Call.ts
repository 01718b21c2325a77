/** A call is a function to an Effect; behaviour is a function from call to call. */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** One verb: an input to an Effect. Every model verb and every stage verb is a `Call`. */
export type Call<in I, out A, out E = never, out R = never> = (input: I) => Effect.Effect<A, E, R>

/** What every error that leaves a call can say of itself; middleware ask this and nothing else. */
export interface CallFailure {
  readonly _tag: string
  readonly message: string
  /** Whether the same call may succeed when it is made again. */
  readonly isRetryable: boolean
  /** How long the other side asked to wait before that. */
  readonly retryAfter?: Duration.Duration | undefined
}

/**
 * Wraps any call and adds its own error `E1` and requirement `R1` to the type. The one bound on `E` is what lets
 * `pipe` compose several into a stack that is still generic. A middleware that reads its input or answer narrows `I0`
 * or `A0`.
 */
export interface Middleware<out E1 = never, out R1 = never, in I0 = unknown, in A0 = unknown> {
  <I extends I0, A extends A0, E extends CallFailure, R>(call: Call<I, A, E, R>): Call<I, A, E | E1, R | R1>
}

/** The whole run (or question) must stop. It is never a failed sample and never retried. */
export class Halted extends Schema.TaggedError<Halted>()("Halted", {
  /** `draining`: it was asked to stop; `store`: what is answered can no longer be kept. */
  why: Schema.Literals(["budget", "deadline", "draining", "store"]),
  /** What happened and what to do next. */
  detail: Schema.String
}) {
  readonly isRetryable = false
  override get message(): string {
    return `stopped (${this.why}): ${this.detail}`
  }
}

/** Any `CallFailure` as plain data: what a failed sample or an absent judge is in a store, a dataset or a report. */
export class Failure extends Schema.Class<Failure>("@consortium/core/Failure")({
  tag: Schema.String,
  /** The inner reason's tag, where the error has one. */
  reason: Schema.optionalKey(Schema.String),
  message: Schema.String,
  isRetryable: Schema.Boolean
}) {
  static from(error: CallFailure & { readonly reason?: { readonly _tag: string } | undefined }): Failure {
    return new Failure({
      tag: error._tag,
      message: error.message,
      isRetryable: error.isRetryable,
      ...(error.reason !== undefined && { reason: error.reason._tag })
    })
  }
}
