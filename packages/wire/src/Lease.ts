/** What serves for a while, such as a token or temporary keys, kept until shortly before it ends. */
import * as Cache from "effect/Cache"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"

export interface Lease {
  /** How long it serves from now, in milliseconds. @default it is asked for at each call */
  readonly lifetimeMillis?: number
}

/** Longer than the way of a request to the vendor, and than the clocks are apart. */
const marginMillis = 60_000

/** What the source gives for as long as it serves; whoever asks while it is fetched waits for the same one. Failures are not kept. */
export const kept = <A extends Lease, E>(source: Effect.Effect<A, E>): Effect.Effect<Effect.Effect<A, E>> =>
  Effect.map(
    Cache.makeWith((_: "one") => source, {
      capacity: 1,
      timeToLive: (exit) => (Exit.isSuccess(exit) ? Math.max(0, (exit.value.lifetimeMillis ?? 0) - marginMillis) : 0)
    }),
    (cache) => Cache.get(cache, "one")
  )
