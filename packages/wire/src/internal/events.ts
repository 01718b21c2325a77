/** Server-sent events of a body, each with its JSON. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Sse from "effect/encoding/Sse"
import * as Stream from "effect/Stream"
import { isError } from "../ErrorWords.js"
import type { Framing } from "../Framing.js"
import * as Reader from "../Reader.js"
import { parse } from "../BoundedJson.js"
import { text } from "./body.js"
import { notJson } from "./failure.js"
import { Malformed, type OpenReply, type Trouble } from "./transport.js"

export interface SseEvent {
  /** The event's name; `message` where it has none, `[DONE]` for the data of that name, `wholeBody` for a body that is no stream. */
  readonly event: string
  /** The data's JSON; `null` for `[DONE]`. */
  readonly json: unknown
}

/** The vendor states an error in its stream. */
export class Stated extends Data.TaggedError("Stated")<{ readonly json: unknown }> {}

/** What some wires send after the last event; a hint only, since the end of the body is the end. */
export const endMark = "[DONE]"

/** Names the only event of a server that does not stream: its JSON is a whole answer and no chunk of one. */
export const wholeBody = "[BODY]"

type Step = Reader.Step<SseEvent, Malformed | Stated>

/** The event of a name and its data, which is JSON, or the fault in it. */
export const eventOf = (event: string, data: string): SseEvent | Malformed | Stated => {
  const json = parse(data)
  if (json === undefined)
    return data.trim() === endMark ? { event: endMark, json: null } : new Malformed({ detail: notJson(data) })
  return event === "error" || isError(json) ? new Stated({ json }) : { event, json }
}

/** Only white space before what begins like a page or like JSON: no stream at all. */
const noStream = /^\s*[<{[]/
const maxHead = 64 * 1024

class SseReader {
  private readonly decoder = new TextDecoder()
  private readonly parser: Sse.Parser
  private items: Array<SseEvent> = []
  private fault: Malformed | Stated | undefined
  /** The beginning of a body in which no event was seen yet. */
  private head: string | undefined = ""

  constructor(maxEventSize: number) {
    this.parser = Sse.makeParser((event) => this.take(event), { maxEventSize })
  }

  private take(event: Sse.AnyEvent) {
    this.head = undefined
    if (event._tag === "Event" && this.fault === undefined && event.data.trim() !== "")
      this.say(eventOf(event.event, event.data))
  }

  private say(it: SseEvent | Malformed | Stated) {
    if ("event" in it) this.items.push(it)
    else this.fault = it
  }

  private feed(said: string) {
    if (this.head !== undefined && this.head.length < maxHead) this.head += said
    const tooLarge = this.parser.feed(said)
    if (tooLarge !== undefined) this.fault ??= new Malformed({ detail: tooLarge.message })
  }

  private step(): Step {
    const { fault, items } = this
    this.items = []
    return { items, fault }
  }

  read(some: ReadonlyArray<Uint8Array>): Step {
    for (const piece of some) if (this.fault === undefined) this.feed(this.decoder.decode(piece, { stream: true }))
    return this.step()
  }

  /** The last event may lack its empty line, and a server that does not stream may call its answer a stream. */
  end(): Step {
    this.feed(`${this.decoder.decode()}\n\n`)
    if (this.head !== undefined && noStream.test(this.head)) this.say(eventOf(wholeBody, this.head))
    return this.step()
  }
}

/** The only event of a server that does not stream. */
const whole = (said: string): Stream.Stream<SseEvent, Malformed | Stated> => {
  const it = eventOf(wholeBody, said)
  return "event" in it ? Stream.succeed(it) : Stream.fail(it)
}

/**
 * The events of a body, framed as the wire frames them unless the server says that it sends JSON or server-sent events.
 * One that breaks off fails, without what was left of its last event.
 */
export const events = (
  { headers, pieces }: OpenReply,
  maxBytes: number,
  framing?: Framing
): Stream.Stream<SseEvent, Trouble | Stated> => {
  const type = headers["content-type"] ?? ""
  if (/^application\/([\w.-]+\+)?json\b/i.test(type)) return Stream.unwrap(Effect.map(text(pieces), whole))
  const isText = /^text\//i.test(type)
  return Reader.through(pieces, () => (framing === undefined || isText ? new SseReader(maxBytes) : framing(maxBytes)))
}
