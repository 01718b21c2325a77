/** An undici answer, read whole. */
import * as Effect from "effect/Effect"
import { Answer } from "./answer.js"
import { isGood, type Reply, type Trouble, type WholeReply } from "./transport.js"

export class Whole extends Answer {
  private readonly resume: (effect: Effect.Effect<WholeReply, Trouble>) => void
  private reply: Reply | undefined
  private readonly pieces: Array<Uint8Array> = []

  constructor(resume: (effect: Effect.Effect<WholeReply, Trouble>) => void, maxBytes: number) {
    super(maxBytes)
    this.resume = resume
  }

  protected started(reply: Reply): void {
    this.reply = reply
  }

  protected took(piece: Uint8Array): void {
    this.pieces.push(piece)
  }

  protected ended(): void {
    const [first, ...rest] = this.pieces
    this.say(first === undefined ? "" : decode(rest.length === 0 ? first : Buffer.concat(this.pieces)))
  }

  protected failed(trouble: Trouble): void {
    if (this.reply !== undefined && !isGood(this.reply.status)) this.say("")
    else this.resume(Effect.fail(trouble))
  }

  private say(text: string): void {
    if (this.reply !== undefined)
      this.resume(Effect.succeed({ status: this.reply.status, headers: this.reply.headers, text }))
  }
}

/** Without a byte order mark. */
const decoder = new TextDecoder()
const decode = (bytes: Uint8Array): string => decoder.decode(bytes)
