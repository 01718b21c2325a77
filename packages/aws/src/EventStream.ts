/**
 * Streams of AWS, `application/vnd.amazon.eventstream`: binary frames of headers and a payload, with two CRC-32 each.
 * Documented at smithy.io/2.0/aws/amazon-eventstream.html. Frames are read by AWS's own codec; this file finds where
 * each ends.
 */
import * as Framing from "@consortium/wire/Framing"
import type { SseEvent } from "@consortium/wire/Endpoint"
import type { Reader, Step } from "@consortium/wire/Reader"
import { EventStreamCodec } from "@smithy/eventstream-codec"
import * as Predicate from "effect/Predicate"

/** The content type of such a stream. */
export const contentType = "application/vnd.amazon.eventstream"

const utf8 = new TextDecoder()
const text = (bytes: Uint8Array): string => utf8.decode(bytes)
const encoder = new TextEncoder()
const codec = new EventStreamCodec(
  (input) => (typeof input === "string" ? input : text(input)),
  (input) => encoder.encode(input)
)

type Message = ReturnType<EventStreamCodec["decode"]>

/** A frame's own length stands in its first four bytes; the least holds nothing. */
const headBytes = 4
const leastBytes = 16

const malformed = (detail: string) => new Framing.Malformed({ detail })

/** The text of a header; nothing where it is of another type. */
const headerOf = ({ headers }: Message, name: string): string => {
  const value = Object.hasOwn(headers, name) ? headers[name]?.value : undefined
  return typeof value === "string" ? value : ""
}

type Said = SseEvent | Framing.Fault

/** An exception in the shape of an error body. */
const exception = (type: string, message: Message): Framing.Stated => {
  const said = Framing.eventOf(type, text(message.body))
  const fields = "event" in said && Predicate.isObject(said.json) ? said.json : {}
  return new Framing.Stated({ json: { message: headerOf(message, ":error-message"), ...fields, __type: type } })
}

const eventOf = (message: Message): Said => {
  const type = headerOf(message, ":message-type")
  if (type === "exception") return exception(headerOf(message, ":exception-type"), message)
  if (type === "error") return exception(headerOf(message, ":error-code"), message)
  return Framing.eventOf(headerOf(message, ":event-type"), text(message.body))
}

/** The event inside a chunk, whose payload is base64; nothing of one that is empty. */
const inside = (said: Said): Said | undefined => {
  if (!("event" in said) || !Predicate.isObject(said.json)) return said
  const { bytes } = said.json
  if (typeof bytes !== "string") return malformed(`a chunk without bytes: ${JSON.stringify(said.json)}`)
  if (bytes === "") return undefined
  try {
    return Framing.eventOf(said.event, text(Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0))))
  } catch {
    return malformed("a chunk that is no base64")
  }
}

class FrameReader implements Reader<Uint8Array, SseEvent, Framing.Fault> {
  private readonly maxBytes: number
  private readonly open: (said: Said) => Said | undefined
  private pieces: Array<Uint8Array> = []
  private size = 0
  /** How many bytes have to be there for the next step. */
  private wanted = headBytes

  constructor(maxBytes: number, open: (said: Said) => Said | undefined) {
    this.maxBytes = maxBytes
    this.open = open
  }

  /** All that is there, in one piece. */
  private get held(): Uint8Array {
    const [first, ...more] = this.pieces
    if (first !== undefined && more.length === 0) return first
    const all = new Uint8Array(this.size)
    let at = 0
    for (const piece of this.pieces) {
      all.set(piece, at)
      at += piece.length
    }
    this.pieces = [all]
    return all
  }

  /** The next frame's bytes, or what is wrong with its length; nothing where more has to come. */
  private frame(): Uint8Array | Framing.Malformed | undefined {
    if (this.size < this.wanted) return undefined
    const { held } = this
    const length = new DataView(held.buffer, held.byteOffset, headBytes).getUint32(0)
    if (length < leastBytes) return malformed(`a frame of ${length} bytes`)
    if (length > this.maxBytes) return malformed(`a frame larger than ${this.maxBytes} bytes`)
    this.wanted = length
    if (this.size < length) return undefined
    this.wanted = headBytes
    this.pieces = held.length > length ? [held.subarray(length)] : []
    this.size -= length
    return held.subarray(0, length)
  }

  read(some: ReadonlyArray<Uint8Array>): Step<SseEvent, Framing.Fault> {
    for (const piece of some) {
      this.pieces.push(piece)
      this.size += piece.length
    }
    const items: Array<SseEvent> = []
    for (let frame = this.frame(); frame !== undefined; frame = this.frame()) {
      const said = frame instanceof Framing.Malformed ? frame : this.said(frame)
      if (said === undefined) continue
      if (!("event" in said)) return { items, fault: said }
      items.push(said)
    }
    return { items }
  }

  private said(frame: Uint8Array): Said | undefined {
    try {
      return this.open(eventOf(codec.decode(frame)))
    } catch (error) {
      return malformed(`a broken frame: ${error instanceof Error ? error.message : "not readable"}`)
    }
  }

  end(): Step<SseEvent, Framing.Fault> {
    return this.size === 0 ? { items: [] } : { items: [], fault: malformed("the stream ended inside a frame") }
  }
}

/** Each frame is an event: its type is the event's name, its payload the JSON. */
export const events: Framing.Framing = (maxBytes) => new FrameReader(maxBytes, (said) => said)

/** Each frame carries an event of the model's own wire in `bytes`, as `invoke-with-response-stream` sends them. */
export const chunks: Framing.Framing = (maxBytes) => new FrameReader(maxBytes, inside)
