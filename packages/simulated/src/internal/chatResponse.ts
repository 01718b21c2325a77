/** Writes the chat-completions wire: whole answers, streams and errors, in OpenAI's shapes. */
import type { ChatBody } from "./chatRequest.js"

/** A made answer, before it is put on the wire. */
export interface Reply {
  readonly text: string
  readonly finish: "stop" | "length"
  readonly promptTokens: number
  readonly completionTokens: number
}

/** About four characters a token, as for English. */
export const tokensOf = (characters: number): number => Math.ceil(characters / 4)

/** Ends a text at a stop sequence or at the token limit. */
export const reply = (body: ChatBody, text: string): Reply => {
  const stops = body.stop.map((stop) => text.indexOf(stop)).filter((at) => at >= 0)
  const stopped = stops.length > 0 ? text.slice(0, Math.min(...stops)) : text
  const most = body.maxTokens === undefined ? Infinity : body.maxTokens * 4
  const cut = stopped.length > most
  const said = cut ? stopped.slice(0, most) : stopped
  return {
    text: said,
    finish: cut ? "length" : "stop",
    promptTokens: tokensOf(body.length),
    completionTokens: tokensOf(said.length)
  }
}

const usage = (made: Reply): string =>
  `{"prompt_tokens":${made.promptTokens},"completion_tokens":${made.completionTokens},"total_tokens":${made.promptTokens + made.completionTokens}}`

const head = (object: string, body: ChatBody, created: number): string =>
  `{"id":"chatcmpl-sim-${body.digest}","object":"${object}","created":${created},"model":${JSON.stringify(`simulated/${body.member}`)},"system_fingerprint":"simulated","choices":[`

/** The body of a whole answer. */
export const whole = (body: ChatBody, made: Reply, created: number): string =>
  `${head("chat.completion", body, created)}{"index":0,"message":{"role":"assistant","content":${JSON.stringify(made.text)},"refusal":null},"logprobs":null,"finish_reason":"${made.finish}"}],"usage":${usage(made)}}`

/** The events of a streamed answer: a role, pieces of text, the finish, the usage where it is asked for, and `[DONE]`. */
export const events = (body: ChatBody, made: Reply, created: number): ReadonlyArray<string> => {
  const start = `data: ${head("chat.completion.chunk", body, created)}`
  const tail = body.includeUsage ? ',"usage":null}\n\n' : "}\n\n"
  const piece = (delta: string, finish: string) =>
    `${start}{"index":0,"delta":${delta},"finish_reason":${finish}}]${tail}`
  const pieces = made.text.match(/(?:\S+\s*|\s+){1,8}/g) ?? []
  return [
    piece('{"role":"assistant","content":""}', "null"),
    ...pieces.map((text) => piece(`{"content":${JSON.stringify(text)}}`, "null")),
    piece("{}", `"${made.finish}"`),
    ...(body.includeUsage ? [`${start}],"usage":${usage(made)}}\n\n`] : []),
    "data: [DONE]\n\n"
  ]
}

/** The body of an error. */
export const errorBody = (message: string, type: string, code: string | null, param: string | null = null): string =>
  JSON.stringify({ error: { message, type, param, code } })

/** A duration as OpenAI's reset headers state it, e.g. `1m3.5s` or `20ms`. */
export const goDuration = (millis: number): string => {
  if (millis < 1000) return `${Math.ceil(millis)}ms`
  const minutes = Math.floor(millis / 60_000)
  const seconds = Math.round(millis - minutes * 60_000) / 1000
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`
}
