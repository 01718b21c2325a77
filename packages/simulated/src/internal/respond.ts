/** Sends one answer, whole or in pieces, intact or broken as its fate says. */
import type { IncomingMessage, ServerResponse } from "node:http"
import type { Persona } from "../Persona.js"
import type { ChatBody } from "./chatRequest.js"
import { errorBody, events, type Reply, whole } from "./chatResponse.js"
import type { Fate } from "./fate.js"
import type { Visit } from "./ledger.js"

/** Runs later by the server's clock; at once for 0. */
export type After = (millis: number, run: () => void) => void

export type Headers = Record<string, string>

export interface Turn {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly persona: Persona
  readonly body: ChatBody
  readonly visit: Visit
  readonly fate: Fate
  readonly headers: Headers
  readonly after: After
  /** Multiplies every wait. */
  readonly scale: number
  /** Seconds since the epoch. */
  readonly created: number
  readonly made: () => Reply
  /** Says what becomes of the call, for the statistics. */
  readonly outcome: (word: string) => void
}

/** The longest stream comes in so many writes; each needs a timer. */
const writesAtMost = 12

export const sendError = (response: ServerResponse, status: number, headers: Headers, body: string): void => {
  response.writeHead(status, {
    ...headers,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body)
  })
  response.end(body)
}

/** The headers by which a vendor asks to wait. */
export const retryAfter = (millis: number): Headers => ({
  "retry-after": String(Math.ceil(millis / 1000)),
  "retry-after-ms": String(Math.ceil(millis))
})

const refuse = (turn: Turn): void => {
  const { response, headers, fate, scale } = turn
  const wait = retryAfter(1000 * scale)
  if (fate.failure === "rate429") {
    turn.outcome("429")
    const message = `Rate limit reached for ${turn.body.member} on requests per min (RPM). Please try again later.`
    return sendError(response, 429, { ...headers, ...wait }, errorBody(message, "requests", "rate_limit_exceeded"))
  }
  const status = fate.shade < 0.5 ? 500 : fate.shade < 0.9 ? 503 : 502
  turn.outcome(String(status))
  const message = "The server had an error while processing your request. Sorry about that!"
  sendError(
    response,
    status,
    status === 503 ? { ...headers, ...wait } : headers,
    errorBody(message, "server_error", null)
  )
}

const malformed = (turn: Turn): void => {
  turn.outcome("malformed")
  const type = turn.body.stream ? "text/event-stream" : "application/json"
  const half = '{"id":"chatcmpl-sim","object":"chat.completion","choices":[{"index":0,"mess'
  const text = turn.body.stream
    ? `data: ${half}\n\n`
    : turn.fate.shade < 0.5
      ? half
      : "<html><body>upstream error</body></html>"
  turn.response.writeHead(200, { ...turn.headers, "content-type": type })
  turn.response.end(text)
}

const sendWhole = (turn: Turn): void => {
  const made = turn.made()
  const { response } = turn
  const text = whole(turn.body, made, turn.created)
  response.writeHead(200, {
    ...turn.headers,
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text)
  })
  if (turn.fate.failure === "truncate") {
    turn.outcome("truncate")
    response.write(text.slice(0, text.length >> 1), () => response.destroy())
    return
  }
  turn.outcome("200")
  turn.visit.answered(made.promptTokens, made.completionTokens)
  response.end(text)
}

const sendStream = (turn: Turn, wait: number): void => {
  const { response } = turn
  const made = turn.made()
  const truncated = turn.fate.failure === "truncate"
  const whole = events(turn.body, made, turn.created)
  const parts = truncated ? whole.slice(0, 1 + (whole.length >> 2)) : whole
  response.writeHead(200, {
    ...turn.headers,
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache"
  })
  const end = (text: string) => {
    turn.outcome(truncated ? "truncate" : "200")
    if (!truncated) turn.visit.answered(made.promptTokens, made.completionTokens)
    // A cut stream ends without an error of the connection: only the missing end tells.
    response.end(text)
  }
  if (wait <= 0) return end(parts.join(""))
  const size = Math.ceil(parts.length / writesAtMost)
  const step = (from: number): void => {
    if (response.destroyed) return
    const text = parts.slice(from, from + size).join("")
    if (from + size >= parts.length) return end(text)
    response.write(text)
    turn.after((wait * size) / parts.length, () => step(from + size))
  }
  step(0)
}

/** Answers a turn after its wait. */
export const respond = (turn: Turn): void => {
  const { fate, response, scale } = turn
  const first = turn.persona.latency.firstTokenShare * fate.millis * scale
  const all = fate.millis * scale
  const alive = (run: () => void) => () => {
    if (!response.destroyed) run()
  }
  switch (fate.failure) {
    case "hang":
      return turn.outcome("hang")
    case "rate429":
    case "rate5xx":
      return turn.after(
        first,
        alive(() => refuse(turn))
      )
    case "malformed":
      return turn.after(
        all,
        alive(() => malformed(turn))
      )
    case "reset":
      return turn.after(
        first,
        alive(() => {
          turn.outcome("reset")
          turn.request.socket.resetAndDestroy()
        })
      )
    default:
      return turn.body.stream
        ? turn.after(
            first,
            alive(() => sendStream(turn, all - first))
          )
        : turn.after(
            all,
            alive(() => sendWhole(turn))
          )
  }
}
