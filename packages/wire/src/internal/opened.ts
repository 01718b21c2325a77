/** An undici answer, read as it comes; a reader that is slow slows the server down. */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Pull from "effect/Pull"
import * as Stream from "effect/Stream"
import { Answer } from "./answer.js"
import type { OpenReply, Reply, Trouble } from "./transport.js"

/** The most, in bytes, that waits for its reader; one piece more may come. */
const maxWaiting = 256 * 1024

/** Nobody ever began to read: the socket is closed when the answer is forgotten. */
const forgotten = new FinalizationRegistry<() => void>((leave) => leave())

type Pieces = Pull.Pull<Arr.NonEmptyReadonlyArray<Uint8Array>, Trouble>

export class Opened extends Answer {
  private readonly resume: (effect: Effect.Effect<OpenReply, Trouble>) => void
  private hasStarted = false
  private pieces: Array<Uint8Array> = []
  private waiting = 0
  private end: Pull.Pull<never, Trouble> | undefined
  private wake: (() => void) | undefined

  constructor(resume: (effect: Effect.Effect<OpenReply, Trouble>) => void, maxBytes: number) {
    super(maxBytes)
    this.resume = resume
  }

  protected started(reply: Reply): void {
    this.hasStarted = true
    const leave = () => this.leave()
    const pieces = Stream.ensuring(Stream.fromPull(Effect.succeed(this.next)), Effect.sync(leave))
    forgotten.register(pieces, leave)
    this.resume(Effect.succeed({ status: reply.status, headers: reply.headers, pieces }))
  }

  protected took(piece: Uint8Array): void {
    this.pieces.push(piece)
    this.waiting += piece.length
    if (this.waiting > maxWaiting) this.controller?.pause()
    this.wake?.()
  }

  protected ended(): void {
    this.end = Cause.done()
    this.wake?.()
  }

  protected failed(trouble: Trouble): void {
    const fault = Effect.fail(trouble)
    this.end = fault
    if (this.hasStarted) this.wake?.()
    else this.resume(fault)
  }

  /** All that has come since it was last asked. */
  private readonly next: Pieces = Effect.suspend((): Pieces => {
    const { pieces } = this
    if (Arr.isArrayNonEmpty(pieces)) {
      const wasPaused = this.waiting > maxWaiting
      this.pieces = []
      this.waiting = 0
      // More may come, and pause it again, before this returns.
      if (wasPaused) this.controller?.resume()
      return Effect.succeed(pieces)
    }
    return this.end ?? this.arrival
  })

  private readonly arrival: Pieces = Effect.callback((resume) => {
    this.wake = () => {
      this.wake = undefined
      resume(this.next)
    }
    return Effect.sync(() => {
      this.wake = undefined
    })
  })
}
