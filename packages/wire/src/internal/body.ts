/** Reads a response's body, never more of it than allowed. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type { HttpClientError } from "effect/http/HttpClientError"
import type { HttpClientResponse } from "effect/http/HttpClientResponse"
import * as Stream from "effect/Stream"

/** The body is larger than allowed. */
export class TooLarge extends Data.TaggedError("TooLarge")<{ readonly maxBytes: number }> {}
/** The body does not follow its format. */
export class Malformed extends Data.TaggedError("Malformed")<{ readonly detail: string }> {}

/** What can go wrong between the status and the last byte. */
export type Trouble = HttpClientError | TooLarge | Malformed

/** The body's bytes, counted. */
export const bytes = (
  response: HttpClientResponse,
  maxBytes: number
): Stream.Stream<Uint8Array, HttpClientError | TooLarge> =>
  Stream.suspend(() => {
    let left = maxBytes
    return Stream.mapArrayEffect(response.stream, (pieces) => {
      for (const piece of pieces) left -= piece.length
      return left < 0 ? Effect.fail(new TooLarge({ maxBytes })) : Effect.succeed(pieces)
    })
  })

/** The whole body, without a byte order mark. `isBounded` says that the client itself keeps to `maxBytes`. */
export const text = (
  response: HttpClientResponse,
  maxBytes: number,
  isBounded = false
): Effect.Effect<string, HttpClientError | TooLarge> => {
  const { headers } = response
  // A length is a promise only of a body that is sent as it is.
  const isShort = headers["content-encoding"] === undefined && Number(headers["content-length"]) <= maxBytes
  // Read at once, a body costs half of what it costs as a stream.
  if (isBounded || isShort) return response.text
  return Effect.suspend(() => {
    const decoder = new TextDecoder()
    let out = ""
    return Stream.runForEachArray(bytes(response, maxBytes), (pieces) => {
      for (const piece of pieces) out += decoder.decode(piece, { stream: true })
      return Effect.void
    }).pipe(Effect.map(() => out + decoder.decode()))
  })
}

/** The JSON of a text; nothing where it is none. White space around it, as some servers send to keep a line open, is no matter. */
export const parse = (said: string): unknown => {
  try {
    return JSON.parse(said) ?? undefined
  } catch {
    return undefined
  }
}
