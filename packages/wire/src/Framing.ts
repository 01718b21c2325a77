/** How the body of a stream comes as events, on wires that send no server-sent events. */
import type { SseEvent, Stated } from "./internal/events.js"
import type { Malformed } from "./internal/transport.js"
import type * as Reader from "./Reader.js"

export { eventOf, Stated } from "./internal/events.js"
export { Malformed } from "./internal/transport.js"

/** The body doesn't follow its format, or states an error. */
export type Fault = Malformed | Stated

/** A reader of the body's pieces for each answer, which never holds more than `maxBytes` of one event. */
export type Framing = (maxBytes: number) => Reader.Reader<Uint8Array, SseEvent, Fault>
