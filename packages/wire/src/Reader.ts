/** Reads a stream piece by piece, where a piece may give several things and then a fault: what came before the fault is handed on. */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Pull from "effect/Pull"
import * as Stream from "effect/Stream"

/** What is ready, and the fault that ends the stream after it. */
export interface Step<A, E> {
  readonly items: ReadonlyArray<A>
  readonly fault?: E | undefined
}

/** Keeps what it has seen of one stream. */
export interface Reader<in A, out B, out E> {
  /** Reads what came in one turn: all of it at once, which is what makes it cheap. */
  readonly read: (some: Arr.NonEmptyReadonlyArray<A>) => Step<B, E>
  /** What is left when the stream has ended. */
  readonly end: () => Step<B, E>
}

/** The stream of what a reader makes of another; each run has a reader of its own. */
export const through = <A, E, B, E2>(
  self: Stream.Stream<A, E>,
  make: () => Reader<A, B, E2>
): Stream.Stream<B, E | E2> =>
  Stream.transformPull(self, (upstream) =>
    Effect.sync(() => {
      const reader = make()
      let after: Pull.Pull<never, E2> | undefined
      const give = ({ fault, items }: Step<B, E2>): Pull.Pull<Arr.NonEmptyReadonlyArray<B>, E | E2> => {
        if (fault !== undefined) after = Effect.fail(fault)
        return Arr.isReadonlyArrayNonEmpty(items) ? Effect.succeed(items) : next
      }
      const more = Pull.matchEffect(upstream, {
        onSuccess: (some) => give(reader.read(some)),
        onFailure: Effect.failCause,
        onDone: () => {
          after = Cause.done()
          return give(reader.end())
        }
      })
      const next: Pull.Pull<Arr.NonEmptyReadonlyArray<B>, E | E2> = Effect.suspend(() => after ?? more)
      return next
    })
  )
