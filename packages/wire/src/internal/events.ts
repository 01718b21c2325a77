/** Server-sent events of a response, each with its JSON. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Sse from "effect/encoding/Sse"
import type { HttpClientResponse } from "effect/http/HttpClientResponse"
import * as Stream from "effect/Stream"
import { isError } from "../ErrorWords.js"
import { bytes, Malformed, parse, text, type Trouble } from "./body.js"
import { notJson } from "./failure.js"

export interface SseEvent {
  /** The event's name; `message` where it has none, `[DONE]` for the data of that name. */
  readonly event: string
  /** The data's JSON; `null` for `[DONE]`. */
  readonly json: unknown
}

/** The vendor states an error in its stream. */
export class Stated extends Data.TaggedError("Stated")<{ readonly json: unknown }> {}

/** What some wires send after the last event; a hint only, since the end of the body is the end. */
export const endMark = "[DONE]"

const maxHead = 64 * 1024

/** Turns pieces of a body into its events; a fault waits until the events before it are handed on. */
class Reader {
  private readonly decoder = new TextDecoder()
  private readonly parser: Sse.Parser
  private events: Array<SseEvent> = []
  private fault: Malformed | Stated | undefined
  /** The beginning of a body in which no event was seen yet. */
  private head: string | undefined = ""

  constructor(maxEventSize: number) {
    this.parser = Sse.makeParser((event) => this.take(event), { maxEventSize })
  }

  private take(event: Sse.AnyEvent) {
    this.head = undefined
    if (event._tag !== "Event" || this.fault !== undefined || event.data.trim() === "") return
    this.read(event.event, event.data)
  }

  private read(name: string, data: string) {
    if (data.trim() === endMark) {
      this.events.push({ event: endMark, json: null })
      return
    }
    const json = parse(data)
    if (json === undefined) this.fault = new Malformed({ detail: notJson(data) })
    else if (name === "error" || isError(json)) this.fault = new Stated({ json })
    else this.events.push({ event: name, json })
  }

  private feed(text: string) {
    if (this.head !== undefined && this.head.length < maxHead) this.head += text
    const tooLarge = this.parser.feed(text)
    if (tooLarge !== undefined) this.fault ??= new Malformed({ detail: tooLarge.message })
  }

  piece(piece: Uint8Array): void {
    this.feed(this.decoder.decode(piece, { stream: true }))
  }

  /** The last event may lack its empty line; and what begins like a page or like JSON was no stream at all. */
  end(): void {
    this.feed(`${this.decoder.decode()}\n\n`)
    if (this.head !== undefined && /^\s*[<{[]/.test(this.head)) this.whole(this.head)
  }

  /** A server that does not stream sends one JSON value. */
  whole(said: string): void {
    this.read("message", said)
  }

  drain(): Stream.Stream<SseEvent, Malformed | Stated> {
    const good = Stream.fromArray(this.events)
    this.events = []
    return this.fault === undefined ? good : Stream.concat(good, Stream.fail(this.fault))
  }
}

/** The events of a body, at most `maxBytes` long. A body that breaks off fails, without what was left of its last event. */
export const events = (response: HttpClientResponse, maxBytes: number): Stream.Stream<SseEvent, Trouble | Stated> =>
  Stream.suspend((): Stream.Stream<SseEvent, Trouble | Stated> => {
    const reader = new Reader(maxBytes)
    const after = (step: () => void) => {
      step()
      return reader.drain()
    }
    if (/^application\/([\w.-]+\+)?json\b/i.test(response.headers["content-type"] ?? "")) {
      return Stream.unwrap(Effect.map(text(response, maxBytes), (said) => after(() => reader.whole(said))))
    }
    return Stream.flatMap(bytes(response, maxBytes), (piece) => after(() => reader.piece(piece))).pipe(
      Stream.concat(Stream.suspend(() => after(() => reader.end())))
    )
  })
