/** Shares the scheduler: counts work and yields when there was enough of it, so that all of it can be interrupted. */
import * as Effect from "effect/Effect"

/** Answers with a rest to take, or nothing while there is no need of one. */
export type Pace = (work: number) => Effect.Effect<void> | undefined

/** Multiplications between two rests: some milliseconds. */
export const slice = 4_000_000

export const makePace = (): Pace => {
  let done = 0
  return (work) => {
    done += work
    if (done < slice) return undefined
    done = 0
    return Effect.yieldNow
  }
}
