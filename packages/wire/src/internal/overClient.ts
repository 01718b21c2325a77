/** The transport over any `HttpClient`: fetch, a client that a user changed, a fake. */
import * as Effect from "effect/Effect"
import { type HttpClient, TracerDisabledWhen } from "effect/http/HttpClient"
import type { HttpClientError } from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type { HttpClientResponse } from "effect/http/HttpClientResponse"
import * as Stream from "effect/Stream"
import { text } from "./body.js"
import { Broken, isGood, maxErrorBytes, NoAddress, type Sent, TooLarge, type Transport } from "./transport.js"

const traceNothing = () => true

const trouble = ({ reason }: HttpClientError) =>
  reason._tag === "InvalidUrlError"
    ? new NoAddress()
    : new Broken({ cause: "cause" in reason ? reason.cause : reason._tag })

/** The body's bytes, counted. */
const pieces = (
  response: HttpClientResponse,
  maxBytes: number
): Stream.Stream<Uint8Array, Broken | NoAddress | TooLarge> =>
  Stream.suspend(() => {
    let left = maxBytes
    return response.stream.pipe(
      Stream.mapError(trouble),
      Stream.mapArrayEffect((some) => {
        for (const piece of some) left -= piece.length
        return left < 0 ? Effect.fail(new TooLarge({ maxBytes })) : Effect.succeed(some)
      })
    )
  })

/** Read at once, a body costs half of what it costs as a stream; a length is a promise only of a body that is sent as it is. */
const whole = (response: HttpClientResponse, maxBytes: number) => {
  const { headers } = response
  return headers["content-encoding"] === undefined && Number(headers["content-length"]) <= maxBytes
    ? Effect.mapError(response.text, trouble)
    : text(pieces(response, maxBytes))
}

export const overClient = (client: HttpClient): Transport => {
  const post = ({ body, headers, url }: Sent) =>
    client
      .execute(HttpClientRequest.bodyText(HttpClientRequest.post(url, { headers }), body, headers["content-type"]))
      .pipe(
        // The other side is a third party.
        Effect.provideService(TracerDisabledWhen, traceNothing),
        Effect.mapError(trouble)
      )
  return {
    whole: (sent) =>
      Effect.flatMap(post(sent), (response) => {
        const { headers, status } = response
        const read = whole(response, isGood(status) ? sent.maxBytes : maxErrorBytes)
        return Effect.map(isGood(status) ? read : Effect.orElseSucceed(read, () => ""), (said) => ({
          status,
          headers,
          text: said
        }))
      }),
    open: (sent) =>
      Effect.map(post(sent), (response) => ({
        status: response.status,
        headers: response.headers,
        pieces: pieces(response, isGood(response.status) ? sent.maxBytes : maxErrorBytes)
      }))
  }
}
