/** Time that no adjustment of the machine's clock can move: for everything that is measured rather than told. */
import type * as Clock from "effect/Clock"

/** Milliseconds since some instant. */
export const monotonic = (clock: Clock.Clock): number => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
