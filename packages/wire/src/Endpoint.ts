/** One address of one vendor for one model, and the two calls that can be made to it: JSON, and a stream of events. */
import { ModelError, type Reason } from "@consortium/core/ModelError"
import type { LimitFacts } from "@consortium/core/Completion"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { HttpClient } from "effect/http/HttpClient"
import * as Stream from "effect/Stream"
import * as BoundedJson from "./BoundedJson.js"
import * as ErrorReason from "./ErrorReason.js"
import * as ErrorWords from "./ErrorWords.js"
import type { Framing } from "./Framing.js"
import * as body from "./internal/body.js"
import { events, type SseEvent, type Stated } from "./internal/events.js"
import * as failure from "./internal/failure.js"
import { overClient } from "./internal/overClient.js"
import { type Headers, Sender } from "./internal/sender.js"
import { isGood, type Reply, type Sent, transports, type Trouble } from "./internal/transport.js"
import * as LimitHeaders from "./LimitHeaders.js"
import * as Redaction from "./Redaction.js"
import * as RetryAfter from "./RetryAfter.js"

export { endMark, type SseEvent, wholeBody } from "./internal/events.js"

/** What a call is about to send, for credentials that sign it. */
export interface Outgoing {
  readonly url: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** Headers that are asked for anew at each call, such as a token that expires; secrets among them as `Redacted`. */
export type Credentials = Effect.Effect<Headers, ModelError> | ((sent: Outgoing) => Effect.Effect<Headers, ModelError>)

export interface Options {
  readonly vendor: string
  readonly model: string
  readonly url: string
  /** Secrets stand in as `Redacted`; they, and whatever looks like a key, are taken out of every error. */
  readonly headers?: Headers
  /** @default none */
  readonly credentials?: Credentials
  /** Reads the vendor's words in an error body. @default ErrorWords.read */
  readonly readError?: ErrorWords.ErrorReader
  /** The largest answer, in bytes; a larger one is `MalformedOutput`. @default 67108864 */
  readonly maxBytes?: number
  /** Headers that may hold the request's id, the first present one wins. @default ["x-request-id", "request-id"] */
  readonly requestIdHeaders?: ReadonlyArray<string>
  /** Headers that state limits. @default LimitHeaders.names */
  readonly limitHeaders?: LimitHeaders.Names
  /** How streams come that are neither JSON nor server-sent events. @default they are read as server-sent events */
  readonly framing?: Framing
}

const defaults = {
  readError: ErrorWords.read,
  maxBytes: 64 * 1024 * 1024,
  requestIdHeaders: ["x-request-id", "request-id"],
  limitHeaders: LimitHeaders.names
} satisfies Partial<Options>

/** What an answer says beside its body, under the names that a `Completion` has for it. */
export interface Facts {
  readonly requestId?: string
  readonly limits?: LimitFacts
}

export interface JsonAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly json: unknown
  readonly facts: Facts
}

export interface EventAnswer {
  readonly facts: Facts
  /** Ends with the body; a body that is one JSON value comes as one event. Reading it less than whole closes the socket. */
  readonly events: Stream.Stream<SseEvent, ModelError>
}

/** Calls of one address. Every failure is a `ModelError` without a secret; interruption closes the socket. */
export interface Endpoint {
  /** Posts a JSON text and gives the answer's JSON. */
  readonly json: (body: string) => Effect.Effect<JsonAnswer, ModelError>
  /** Posts a JSON text and gives the answer's events, each with its JSON. */
  readonly events: (body: string) => Effect.Effect<EventAnswer, ModelError>
  /** An error of this vendor and model, with its detail redacted and cut. */
  readonly error: (reason: Reason, detail: string, facts?: Facts) => ModelError
  /** The error that a good answer, or a part of one, states. */
  readonly stated: (json: unknown, facts?: Facts) => ModelError
}

/** An endpoint on the client in hand. No spans are made and no trace headers sent: the other side is a third party. */
export const make = (options: Options): Effect.Effect<Endpoint, never, HttpClient> =>
  Effect.map(HttpClient, (client): Endpoint => {
    const { limitHeaders, maxBytes, readError, requestIdHeaders } = { ...defaults, ...options }
    const sender = new Sender(options.headers ?? {})
    const transport = transports.get(client) ?? overClient(client)
    const redact: Redaction.Redact = (text) => sender.redact(text)
    const { credentials, url } = options

    const error = (reason: Reason, detail: string, facts?: Facts, status?: number) =>
      new ModelError({
        vendor: options.vendor,
        model: options.model,
        reason,
        detail: Redaction.detail(detail, redact),
        ...(status !== undefined && { status }),
        ...(facts?.requestId !== undefined && { requestId: facts.requestId })
      })

    const stated = (
      json: unknown,
      facts?: Facts,
      status = 200,
      headers?: Readonly<Record<string, string>>,
      retryAfterMillis?: number
    ) => {
      const words = readError(json, headers) ?? { message: ErrorWords.plain(json) }
      const shown = status < 400 ? (words.status ?? status) : status
      return error(ErrorReason.make(shown, words, retryAfterMillis), words.message, facts, shown)
    }

    const factsOf = (headers: Readonly<Record<string, string>>, now: number): Facts => {
      const name = requestIdHeaders.find((it) => headers[it] !== undefined)
      const requestId = name === undefined ? undefined : headers[name]
      const limits = LimitHeaders.read(headers, now, limitHeaders)
      return { ...(requestId !== undefined && { requestId }), ...(limits !== undefined && { limits }) }
    }

    const broken = (trouble: Trouble, facts?: Facts) => {
      const { detail, reason } = failure.ofTransport(trouble)
      return error(reason, detail, facts)
    }

    /** The error of an answer with a bad status. */
    const refused = (reply: Reply, said: string, facts: Facts, now: number) =>
      stated(BoundedJson.parse(said) ?? said, facts, reply.status, reply.headers, RetryAfter.millis(reply.headers, now))

    /** Posts with credentials that are fresh, where there are some to ask for. */
    const post = <A>(text: string, way: (sent: Sent) => Effect.Effect<A, Trouble>): Effect.Effect<A, ModelError> => {
      const send = () =>
        sender.isSendable
          ? Effect.mapError(way({ url, headers: sender.headers, body: text, maxBytes }), (trouble) => broken(trouble))
          : Effect.fail(error(failure.badKey, "the key has characters that no header can carry"))
      if (credentials === undefined) return send()
      const asked = Effect.isEffect(credentials)
        ? credentials
        : credentials({ url, body: text, headers: sender.lasting })
      return Effect.flatMap(asked, (found) => {
        sender.renew(found)
        return send()
      })
    }

    const json = (text: string) =>
      Effect.flatMap(post(text, transport.whole), (reply) =>
        Effect.flatMap(Clock.currentTimeMillis, (now): Effect.Effect<JsonAnswer, ModelError> => {
          const { headers, status } = reply
          const facts = factsOf(headers, now)
          if (!isGood(status)) return Effect.fail(refused(reply, reply.text, facts, now))
          const value = BoundedJson.parse(reply.text)
          if (value === undefined) return Effect.fail(error(failure.malformed, failure.notJson(reply.text), facts))
          if (ErrorWords.isError(value)) return Effect.fail(stated(value, facts))
          return Effect.succeed({ status, headers, json: value, facts })
        })
      )

    const stream = (text: string) =>
      Effect.flatMap(post(text, transport.open), (reply) =>
        Effect.flatMap(Clock.currentTimeMillis, (now): Effect.Effect<EventAnswer, ModelError> => {
          const facts = factsOf(reply.headers, now)
          if (isGood(reply.status)) {
            const said = events(reply, maxBytes, options.framing)
            const named = (it: Trouble | Stated) => (it._tag === "Stated" ? stated(it.json, facts) : broken(it, facts))
            return Effect.succeed({ facts, events: Stream.mapError(said, named) })
          }
          // The status says enough where the words cannot be read.
          const words = Effect.orElseSucceed(body.text(reply.pieces), () => "")
          return Effect.flatMap(words, (said) => Effect.fail(refused(reply, said, facts, now)))
        })
      )

    return { json, events: stream, error, stated: (value, facts) => stated(value, facts) }
  })
