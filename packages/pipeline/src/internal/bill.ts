/** What one start of a run took: its model calls, retries counted, those that the store answered, and the price. */
import * as Effect from "effect/Effect"
import type { CallFailure } from "@consortium/core/Call"
import type { Embedder } from "@consortium/core/Embedder"
import { record } from "@consortium/core/Receipt"
import type { RunEvent } from "@consortium/core/RunEvent"
import * as Result from "effect/Result"

type Emit = (event: RunEvent) => Effect.Effect<void>

interface Taken {
  readonly attempts: number
  readonly cached: boolean
  readonly usd: number | null
}

/** A judge's rubbish is an answer, and has its price. */
const isAnswer = (outcome: string) => outcome === "ok" || outcome === "InvalidBallot"

export const bill = (emit: Emit) => {
  let calls = 0
  let stored = 0
  let usd: number | null = 0
  const add = (taken: Taken, answered: boolean): void => {
    calls += taken.attempts
    if (taken.cached) stored++
    if (taken.attempts === 0 || (taken.usd === null && !answered)) return
    // One unknown price makes the sum unknown.
    usd = usd === null || taken.usd === null ? null : usd + taken.usd
  }
  return {
    /** Passes events on, and adds up what members and judges took. */
    emit: (event: RunEvent): Effect.Effect<void> => {
      if (event._tag === "Answered" || event._tag === "Judged") add(event, isAnswer(event.outcome))
      return emit(event)
    },
    /** An embedder whose calls are on the bill. */
    embedder: <E extends CallFailure>(embedder: Embedder<E>): Embedder<E> => ({
      ...embedder,
      embed: (texts) =>
        Effect.flatMap(record(embedder.embed)(texts), ([outcome, { attempts, cached, usd: cost }]) => {
          add({ attempts, cached, usd: cost ?? null }, Result.isSuccess(outcome))
          return Effect.fromResult(outcome)
        })
    }),
    totals: () => ({ calls, stored, usd })
  }
}
