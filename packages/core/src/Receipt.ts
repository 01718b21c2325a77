/** What a call took: facts that middleware tell while it runs, summed up for failures as well as for answers. */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Call, CallFailure, Middleware } from "./Call.js"
import { Took } from "./CallJournal.js"

const Millis = Schema.Finite

/** A fact about one logical call, in the order of happening. `Note` is the door for middleware that core does not know. */
export const CallEvent = Schema.Union([
  Schema.TaggedStruct("Attempt", { startedAt: Millis, millis: Millis, outcome: Schema.String }),
  Schema.TaggedStruct("Waited", { on: Schema.String, millis: Millis }),
  /** `took`: the call whose answer is served, when it was made. */
  Schema.TaggedStruct("CacheHit", { key: Schema.String, took: Schema.optionalKey(Took) }),
  /** `estimated`: an attempt that may be paid for without saying so, at the most that it can cost. */
  Schema.TaggedStruct("Cost", { usd: Schema.Finite, estimated: Schema.optionalKey(Schema.Boolean) }),
  Schema.TaggedStruct("Note", { source: Schema.String, data: Schema.Json })
])
export type CallEvent = typeof CallEvent.Type

/** What a logical call took, derived from its events. */
export const Receipt = Schema.Struct({
  /** Milliseconds since the epoch, by `Clock`. */
  startedAt: Millis,
  /** From start to outcome, waits included. */
  millis: Millis,
  /** How often the call was really made; 0 when a stored answer served. */
  attempts: Schema.Int,
  waitedMillis: Millis,
  cached: Schema.Boolean,
  /** US dollars; absent when no price is known, which is not 0. */
  usd: Schema.optionalKey(Schema.Finite),
  /** The part of `usd` that is an upper bound, since nobody stated the price of a cut-off attempt; absent when none is. */
  estimatedUsd: Schema.optionalKey(Schema.Finite),
  events: Schema.Array(CallEvent)
})
export type Receipt = typeof Receipt.Type

/** The log of the logical call in hand, in the fiber's context; `undefined` when nobody records. */
export const CallLog = Context.Reference<Array<CallEvent> | undefined>("@consortium/core/CallLog", {
  defaultValue: () => undefined
})

/** Adds a fact to the call in hand; nothing is kept when nobody records. */
export const tell = (event: CallEvent): Effect.Effect<void> =>
  Effect.withFiber((fiber) => {
    fiber.getRef(CallLog)?.push(event)
    return Effect.void
  })

/** Sums up the events of a call. */
export const fromEvents = (events: ReadonlyArray<CallEvent>, startedAt: number, endedAt: number): Receipt => {
  let attempts = 0
  let waitedMillis = 0
  let cached = false
  let usd: number | undefined
  let estimatedUsd: number | undefined
  for (const event of events) {
    if (event._tag === "Attempt") attempts++
    else if (event._tag === "Waited") waitedMillis += event.millis
    else if (event._tag === "CacheHit") cached = true
    else if (event._tag === "Cost") {
      usd = (usd ?? 0) + event.usd
      if (event.estimated === true) estimatedUsd = (estimatedUsd ?? 0) + event.usd
    }
  }
  return {
    startedAt,
    millis: endedAt - startedAt,
    attempts,
    waitedMillis,
    cached,
    ...(usd !== undefined && { usd }),
    ...(estimatedUsd !== undefined && { estimatedUsd }),
    events
  }
}

/**
 * Runs a call to a value: its outcome, good or bad, with its receipt. Stages use it once for each call, so that a
 * failure keeps its attempts and cost too. A record inside another also feeds the outer one.
 */
export const record =
  <I, A, E, R>(call: Call<I, A, E, R>): Call<I, readonly [Result.Result<A, E>, Receipt], never, R> =>
  (input) =>
    Effect.withFiber((fiber) => {
      const clock = fiber.getRef(Clock.Clock)
      const startedAt = clock.currentTimeMillisUnsafe()
      const outer = fiber.getRef(CallLog)
      const events: Array<CallEvent> = []
      return call(input).pipe(
        Effect.result,
        Effect.provideService(CallLog, events),
        // Also when it is interrupted or dies: what was tried and paid for stays told.
        Effect.ensuring(Effect.sync(() => outer?.push(...events))),
        Effect.map((outcome) => [outcome, fromEvents(events, startedAt, clock.currentTimeMillisUnsafe())] as const)
      )
    })

/** The error's tag; without an error, whether the call was interrupted or has a defect. */
const wordFor = <E extends CallFailure>(cause: Cause.Cause<E>): string => {
  const failed = cause.reasons.find((reason) => reason._tag === "Fail")
  return failed?.error._tag ?? (Cause.hasDies(cause) ? "defect" : "interrupted")
}

/** The innermost middleware: one `Attempt` for each time the call was really made, also when it failed or was interrupted. */
export const attempt: Middleware = (call) => (input) =>
  Effect.withFiber((fiber) => {
    const log = fiber.getRef(CallLog)
    if (log === undefined) return call(input)
    const clock = fiber.getRef(Clock.Clock)
    const startedAt = clock.currentTimeMillisUnsafe()
    return Effect.onExit(call(input), (exit) => {
      const millis = clock.currentTimeMillisUnsafe() - startedAt
      log.push({ _tag: "Attempt", startedAt, millis, outcome: exit._tag === "Success" ? "ok" : wordFor(exit.cause) })
      return Effect.void
    })
  })
