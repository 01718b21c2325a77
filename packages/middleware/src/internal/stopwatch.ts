/** How long a call really ran: waiting for a permit, a rate or money is not slowness. */
import * as Context from "effect/Context"

/** Times one call in milliseconds of `monotonic`; whoever waits inside it stops the watch, and all the watches around it. */
export class Stopwatch {
  private readonly outer: Stopwatch | undefined
  private readonly startedAt: number
  private waitedMillis = 0
  private waitingSince: number | undefined
  /** Hears that a wait inside has ended. */
  onResume: (() => void) | undefined

  constructor(startedAt: number, outer?: Stopwatch) {
    this.startedAt = startedAt
    this.outer = outer
  }

  get paused(): boolean {
    return this.waitingSince !== undefined
  }

  pause(now: number): void {
    this.waitingSince ??= now
    this.outer?.pause(now)
  }

  resume(now: number): void {
    if (this.waitingSince !== undefined) this.waitedMillis += now - this.waitingSince
    this.waitingSince = undefined
    this.onResume?.()
    this.outer?.resume(now)
  }

  /** Milliseconds of running until now. */
  elapsed(now: number): number {
    return (this.waitingSince ?? now) - this.startedAt - this.waitedMillis
  }
}

/** The watch of the attempt in hand. */
export const Running = Context.Reference<Stopwatch | undefined>("@consortium/middleware/Running", {
  defaultValue: () => undefined
})
