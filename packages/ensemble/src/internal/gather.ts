/** Asks every seat at once and goes on when enough have answered well and the others had their grace. */
import { type CallFailure, Halted } from "@consortium/core/Call"
import { type Candidate, isEligible } from "@consortium/core/Candidates"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Result from "effect/Result"

/** How long the others may still take; a number is a part of the time so far, so that slow questions have more. */
export type Grace = Duration.Input | { readonly partOfElapsed: number }

export interface Options {
  /** Eligible answers after which the grace begins. */
  readonly enough: number
  readonly grace: Grace
  /** Milliseconds of `Clock` at which what is there has to do, so that time is left to judge it. */
  readonly soft: number
  /** … and at which there is no more time for a first answer either. */
  readonly hard: number
}

const graceMillis = (grace: Grace, elapsed: number): number =>
  typeof grace === "object" && "partOfElapsed" in grace
    ? elapsed * grace.partOfElapsed
    : Math.max(0, Duration.toMillis(grace))

/** Who has ended by then, in the order of ending; the others are interrupted, so that their connections close. */
export const gather = <S>(
  seats: ReadonlyArray<S>,
  ask: (seat: S) => Effect.Effect<Candidate, Halted>,
  { enough, grace, hard, soft }: Options
): Effect.Effect<ReadonlyArray<Candidate>, Halted> =>
  Effect.scopedWith(
    Effect.fnUntraced(function* (scope): Effect.fn.Return<ReadonlyArray<Candidate>, Halted> {
      const clock = yield* Clock.Clock
      const startedAt = clock.currentTimeMillisUnsafe()
      const ends = yield* Queue.unbounded<Result.Result<Candidate, Halted>>()
      yield* Effect.forEach(seats, (seat) =>
        Effect.result(ask(seat)).pipe(
          Effect.flatMap((end) => Queue.offer(ends, end)),
          Effect.forkIn(scope, { startImmediately: true })
        )
      )
      const heard: Array<Candidate> = []
      let halted: (CallFailure & Halted) | undefined
      let good = 0
      let end = hard
      for (let left = seats.length; left > 0; left--) {
        const millis = end - clock.currentTimeMillisUnsafe()
        if (millis <= 0) break
        const next = Queue.take(ends)
        const one = Number.isFinite(millis)
          ? yield* Effect.timeoutOption(next, Math.ceil(millis))
          : yield* Effect.asSome(next)
        if (one._tag === "None") break
        if (Result.isFailure(one.value)) {
          // What others still say counts: a spent budget is theirs too, and ends them.
          halted ??= one.value.failure
          continue
        }
        heard.push(one.value.success)
        if (!isEligible(one.value.success)) continue
        const now = clock.currentTimeMillisUnsafe()
        end = Math.min(end, soft)
        if (++good === enough) end = Math.min(end, now + graceMillis(grace, now - startedAt))
      }
      return good === 0 && halted !== undefined ? yield* halted : heard
    })
  )
