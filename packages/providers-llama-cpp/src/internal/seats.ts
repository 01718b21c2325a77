/** A few things that many ask for: each has one for itself at a time, and those that wait say how long. */
import type { NonEmpty } from "@consortium/core/NonEmpty"
import { tell } from "@consortium/core/Receipt"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"

/** Runs with one of them. */
export type Use<S> = <A, E, R>(run: (seat: S) => Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

export const seats = <S>(all: NonEmpty<S>): Effect.Effect<Use<S>> =>
  Effect.map(Semaphore.make(all.length), (semaphore): Use<S> => {
    const free: Array<S> = [...all]
    const take = (from: number) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        Effect.andThen(
          now > from ? tell({ _tag: "Waited", on: "sequence", millis: now - from }) : Effect.void,
          // Who has a permit finds one.
          Effect.sync(() => free.pop() ?? all[0])
        )
      )
    return (run) =>
      Effect.flatMap(Clock.currentTimeMillis, (from) =>
        semaphore.withPermits(1)(
          Effect.acquireUseRelease(take(from), run, (seat) => Effect.sync(() => void free.push(seat)))
        )
      )
  })
