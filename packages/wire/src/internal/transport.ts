/** What an endpoint asks of a client: one POST, its answer whole or in pieces, and never more of it than allowed. */
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type { HttpClient } from "effect/http/HttpClient"
import type * as Stream from "effect/Stream"

/** The body is larger than allowed. */
export class TooLarge extends Data.TaggedError("TooLarge")<{ readonly maxBytes: number }> {}
/** The body does not follow its format. */
export class Malformed extends Data.TaggedError("Malformed")<{ readonly detail: string }> {}
/** The address is no URL, or none that can be called. */
export class NoAddress extends Data.TaggedError("NoAddress")<{}> {}
/** The connection could not be made, or broke. */
export class Broken extends Data.TaggedError("Broken")<{ readonly cause: unknown }> {}

/** What can go wrong between the request and the last byte. */
export type Trouble = TooLarge | Malformed | NoAddress | Broken

export interface Sent {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** The largest good answer, in bytes. */
  readonly maxBytes: number
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

export interface WholeReply extends Reply {
  /** Empty where a failure's words could not be read: its status says enough. */
  readonly text: string
}

export interface OpenReply extends Reply {
  /** Reading it less than whole closes the socket. */
  readonly pieces: Stream.Stream<Uint8Array, Trouble>
}

/** Interruption closes the socket. */
export interface Transport {
  readonly whole: (sent: Sent) => Effect.Effect<WholeReply, Trouble>
  readonly open: (sent: Sent) => Effect.Effect<OpenReply, Trouble>
}

/** The most of an error's body that is read. */
export const maxErrorBytes = 1024 * 1024

export const isGood = (status: number): boolean => status >= 200 && status < 300

/** Ways below a client, where it has one: a call costs a third of what it costs through response objects. A client that was changed is another client, and has none. */
export const transports = new WeakMap<HttpClient, Transport>()
