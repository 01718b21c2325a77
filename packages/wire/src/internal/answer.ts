/** What both ways to read an undici answer share: its head, its bound, and how it is left. */
import type * as Undici from "@effect/platform-node/Undici"
import { Broken, isGood, maxErrorBytes, type Reply, TooLarge, type Trouble } from "./transport.js"

export type Controller = Undici.Dispatcher.DispatchController
type RawHeaders = Readonly<Record<string, string | ReadonlyArray<string> | undefined>>

const plain = (headers: RawHeaders): Readonly<Record<string, string>> => {
  const out: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) out[name] = typeof value === "string" ? value : value.join(", ")
  }
  return out
}

export abstract class Answer implements Undici.Dispatcher.DispatchHandler {
  protected controller: Controller | undefined
  private isLeft = false
  private isOver = false
  private maxBytes: number
  private taken = 0

  /** Counts a good answer up to so many bytes, and a failure's words up to their own bound. */
  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  protected abstract started(reply: Reply): void
  protected abstract took(piece: Uint8Array): void
  protected abstract ended(): void
  protected abstract failed(trouble: Trouble): void

  /** Closes the socket, unless the answer is over. */
  leave(): void {
    this.isLeft = true
    if (!this.isOver) this.controller?.abort(new Error("the answer was left"))
  }

  onRequestStart(controller: Controller): void {
    this.controller = controller
    if (this.isLeft) this.leave()
  }

  onResponseStart(_: Controller, status: number, headers: RawHeaders): void {
    // An informational answer comes before the answer.
    if (status < 200) return
    if (!isGood(status)) this.maxBytes = maxErrorBytes
    this.started({ status, headers: plain(headers) })
  }

  onResponseData(controller: Controller, piece: Uint8Array): void {
    this.taken += piece.length
    if (this.taken > this.maxBytes) controller.abort(new TooLarge({ maxBytes: this.maxBytes }))
    else this.took(piece)
  }

  onResponseEnd(): void {
    this.isOver = true
    this.ended()
  }

  onResponseError(_: Controller, cause: unknown): void {
    this.isOver = true
    this.failed(cause instanceof TooLarge ? cause : new Broken({ cause }))
  }
}
