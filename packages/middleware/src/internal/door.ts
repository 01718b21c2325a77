/** A door for so many calls at a time, with two lines before it: who was let in before goes first. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import { waited } from "./waited.js"

/** Set for an attempt that repeats one: it does not go back to the end of a line. */
export const Again = Context.Reference<boolean>("@consortium/middleware/Again", { defaultValue: () => false })

interface Ticket {
  inside: boolean
  call: ((effect: Effect.Effect<void>) => void) | undefined
}

export class Door {
  private permits: number
  private inside = 0
  private opening = false
  private readonly again = new Set<Ticket>()
  private readonly fresh = new Set<Ticket>()

  constructor(permits: number) {
    this.permits = permits
  }

  /** Who is inside now. */
  get busy(): number {
    return this.inside
  }

  /** Changes how many may be inside; those who are stay. */
  resize(permits: number): void {
    this.permits = permits
    this.open()
  }

  /**
   * Makes a call inside, first come, first served in each line, and hears how it ended while it is still inside; the
   * wait is told as one on `on`, if it has a name.
   */
  pass<A, E, R>(
    on: string | undefined,
    again: boolean,
    enter: () => Effect.Effect<A, E, R>,
    ended?: (exit: Exit.Exit<A, E>) => void
  ): Effect.Effect<A, E, R> {
    const ticket: Ticket = { inside: false, call: undefined }
    // The permit is taken within `onExit`: an interruption at any point gives it back.
    return Effect.onExit(
      Effect.suspend(() => {
        if (this.inside < this.permits && this.again.size === 0 && (again || this.fresh.size === 0)) {
          this.admit(ticket)
          return enter()
        }
        const wait = this.queue(ticket, again ? this.again : this.fresh)
        return Effect.flatMap(on === undefined ? wait : waited(on, wait), enter)
      }),
      (exit) => {
        if (ticket.inside) {
          ended?.(exit)
          this.inside--
          this.open()
        }
        return Effect.void
      }
    )
  }

  private admit(ticket: Ticket): void {
    this.inside++
    ticket.inside = true
  }

  private queue(ticket: Ticket, line: Set<Ticket>): Effect.Effect<void> {
    return Effect.callback<void>((resume) => {
      ticket.call = resume
      line.add(ticket)
      return Effect.sync(() => line.delete(ticket))
    })
  }

  /** Who is called runs at once, and may leave again before this returns: the outermost loop calls the next. */
  private open(): void {
    if (this.opening) return
    this.opening = true
    while (this.inside < this.permits) {
      const line = this.again.size > 0 ? this.again : this.fresh
      const [first] = line
      if (first === undefined) break
      line.delete(first)
      this.admit(first)
      first.call?.(Effect.void)
    }
    this.opening = false
  }
}
