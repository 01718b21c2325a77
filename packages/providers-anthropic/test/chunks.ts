/** How Bedrock frames the wire's events: synthetic, by the documented format of event streams. */
import { EventStreamCodec } from "@smithy/eventstream-codec"

const codec = new EventStreamCodec(
  (input) => (typeof input === "string" ? input : new TextDecoder().decode(input)),
  (input) => new TextEncoder().encode(input)
)

const frame = (headers: Readonly<Record<string, string>>, body: string): Uint8Array =>
  codec.encode({
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, { type: "string", value }])),
    body: new TextEncoder().encode(body)
  })

const chunk = (data: string): Uint8Array =>
  frame(
    { ":event-type": "chunk", ":content-type": "application/json", ":message-type": "event" },
    JSON.stringify({ bytes: Buffer.from(data).toString("base64"), p: "abcd" })
  )

/** An exception of AWS in a stream. */
export const thrown = (type: string, message: string): Uint8Array =>
  frame(
    { ":exception-type": type, ":content-type": "application/json", ":message-type": "exception" },
    JSON.stringify({ message })
  )

/** Each server-sent event's data in a frame of its own. */
export const pack = (written: string): Uint8Array =>
  Buffer.concat(
    written.split("\n").flatMap((line) => (line.startsWith("data: ") ? [chunk(line.slice("data: ".length))] : []))
  )
