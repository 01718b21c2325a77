/** One recorded exchange, played to our client and to the SDK: what became of the answer, and of the request. */
import { isDeepStrictEqual } from "node:util"
import type { ChatRequest } from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import { canonical, type Wire } from "./ignored.js"
import { type Fields, isFields } from "./json.js"
import type { Lane } from "./lanes.js"
import { Unreadable } from "./oracles/failure.js"
import { answered, complete, type Make, stream, type Streamed } from "./ours.js"
import type { Player } from "./player.js"
import { type Answer, answerOf, type Recording } from "./recordings.js"
import * as chat from "./requests/chat.js"
import * as cohere from "./requests/cohere.js"
import * as converse from "./requests/converse.js"
import * as generateContent from "./requests/generateContent.js"
import * as messages from "./requests/messages.js"
import * as ollama from "./requests/ollama.js"
import * as responses from "./requests/responses.js"
import { NoWord } from "./requests/word.js"
import type { Answered, Refused, Result } from "./result.js"

/** `differs` is empty where a side passed. */
export type Side =
  | { readonly _tag: "Compared"; readonly differs: ReadonlyArray<string> }
  | { readonly _tag: "NotCovered"; readonly why: string }

export interface Outcome {
  readonly id: string
  readonly response: Side
  readonly request: Side
  /** The package that said what the answer is. */
  readonly oracle: string
  /** What it had no word for. */
  readonly unsaid: ReadonlyArray<string>
  /** The rules that were needed to compare the requests. */
  readonly ignored: ReadonlyArray<string>
  /** Fields that our request has no word for, so that they were sent as the vendor's own options. */
  readonly options: ReadonlyArray<string>
}

const decoders: Readonly<Record<Wire, (body: Fields) => ChatRequest>> = {
  chat: chat.decode,
  responses: responses.decode,
  messages: messages.decode,
  generateContent: generateContent.decode,
  v2: cohere.decode,
  native: ollama.decode,
  converse: converse.decode
}

const anything: ChatRequest = { messages: [{ role: "user", parts: [{ _tag: "Text", text: "?" }] }] }

/** Whether it was streamed. */
export const isStreamed = ({ response, stream }: Recording): boolean => response.kind === "sse" || stream

/** The model that it names. */
export const modelOf = ({ model, request }: Recording): string => {
  const body = request?.body
  const inBody = isFields(body) && typeof body.model === "string" ? body.model : undefined
  const url = request?.url ?? ""
  const inUrl = /models\/([^:?/]+):/.exec(url)?.[1] ?? /\/model\/([^/]+)\//.exec(url)?.[1]
  return (inUrl === undefined ? undefined : decodeURIComponent(inUrl)) ?? inBody ?? (model === "" ? "recorded" : model)
}

/** Where two JSONs differ: names and places only, since texts of recordings are not ours to print. */
export const places = (theirs: unknown, ours: unknown, path = ""): ReadonlyArray<string> => {
  if (isDeepStrictEqual(theirs, ours)) return []
  if (isFields(theirs) && isFields(ours)) {
    const names = new Set([...Object.keys(theirs), ...Object.keys(ours)])
    return [...names].flatMap((name) => {
      const at = path === "" ? name : `${path}.${name}`
      if (!(name in ours)) return [`${at} is left out`]
      return name in theirs ? places(theirs[name], ours[name], at) : [`${at} is added`]
    })
  }
  if (Array.isArray(theirs) && Array.isArray(ours) && theirs.length === ours.length)
    return theirs.flatMap((one, index) => places(one, ours[index], `${path}[${index}]`))
  return [`${path} is another`]
}

const callsDiffer = (theirs: Answered["calls"], ours: Answered["calls"]): boolean =>
  theirs.length !== ours.length ||
  theirs.some(({ id, ...call }, index) => {
    const { id: ourId, ...ourCall } = ours[index] ?? { id: undefined }
    return !isDeepStrictEqual(call, ourCall) || (id === undefined ? !ourId : id !== ourId)
  })

const kindOf = (result: Result): string => (result._tag === "Refused" ? result.kind : "an answer")

const resultsDiffer = (theirs: Result, ours: Result, asked: string): ReadonlyArray<string> => {
  if (theirs._tag === "Refused" || ours._tag === "Refused")
    return kindOf(theirs) === kindOf(ours) ? [] : [`${kindOf(theirs)} expected, ${kindOf(ours)} given`]
  return [
    ...(theirs.text === ours.text ? [] : ["text"]),
    ...(theirs.reasoning === undefined || theirs.reasoning === ours.reasoning ? [] : ["reasoning"]),
    ...(callsDiffer(theirs.calls, ours.calls) ? ["tool calls"] : []),
    ...(theirs.finish === undefined ? [] : places(theirs.finish, ours.finish, "finish")),
    ...places(theirs.usage, ours.usage, "usage"),
    ...((theirs.model ?? asked) === ours.model ? [] : ["model"]),
    ...(theirs.id === ours.id ? [] : ["id"])
  ]
}

/** What an SDK gives no word for can't be compared. */
const unsaidOf = (theirs: Result | undefined): ReadonlyArray<string> =>
  theirs?._tag === "Answered"
    ? [...(theirs.finish === undefined ? ["finish"] : []), ...(theirs.reasoning === undefined ? ["reasoning"] : [])]
    : []

const resultOf = (end: Completion | Refused): Result => ("_tag" in end ? end : answered(end))

/** What the parts of a stream said has to be what its end says. */
const partsDiffer = ({ calls, end, reasoning, text }: Streamed): ReadonlyArray<string> => {
  if ("_tag" in end) return []
  const said = answered(end)
  const named = said.calls.map(({ arguments: written, name }) => ({ name, arguments: written }))
  return [
    ...(said.text === text ? [] : ["streamed text"]),
    ...(said.reasoning === reasoning ? [] : ["streamed reasoning"]),
    ...(isDeepStrictEqual(named, calls) ? [] : ["streamed tool calls"])
  ]
}

/** The SDK asks for events only; chunks that were recorded as one JSON array come to it as it asks for them. */
const asEvents = (answer: Answer, { response, stream }: Recording): Answer => {
  if (!stream || response.status >= 400 || !Array.isArray(response.body)) return answer
  const text = response.body.map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`).join("")
  return { ...answer, headers: { ...answer.headers, "content-type": "text/event-stream" }, bytes: Buffer.from(text) }
}

interface Truth {
  /** The package that read the answer, or those that could not. */
  readonly name: string
  readonly result: Result | undefined
}

/** What the first oracle that can read the answer makes of it. */
const truthOf = async ({ oracles }: Lane, recording: Recording, player: Player): Promise<Truth> => {
  const answer = asEvents(answerOf(recording), recording)
  const model = modelOf(recording)
  for (const [place, oracle] of oracles.entries()) {
    const { url } = player.play(answer, recording.id, "oracle", place)
    try {
      return { name: oracle.name, result: await oracle.ask({ url, model, stream: isStreamed(recording) }) }
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
    }
  }
  return { name: [...new Set(oracles.map(({ name }) => name))].join(", "), result: undefined }
}

const asked = (lane: Lane, { request }: Recording): { readonly ask: ChatRequest; readonly why?: string } => {
  if (request === null) return { ask: anything, why: "no request was recorded" }
  if (!isFields(request.body)) return { ask: anything, why: "the request's body was not recorded" }
  try {
    return { ask: decoders[lane.wire](canonical(request.body, lane.wire).body) }
  } catch (error) {
    if (error instanceof NoWord) return { ask: anything, why: `no word for ${error.message}` }
    throw error
  }
}

/** How often ours is asked, each time with other cuts. */
const plays = 3

interface Asked {
  readonly body: unknown
  readonly path: string
}

interface Played extends Asked {
  readonly result: Result
  readonly differs: ReadonlyArray<string>
}

/** Ours, once; a whole answer is read by both verbs, which have to agree. */
const playOnce = async (
  make: (url: string) => Make,
  ask: ChatRequest,
  recording: Recording,
  player: Player,
  time: number
): Promise<Played> => {
  const answer = answerOf(recording)
  const { asked: bodyOf, path, url } = player.play(answer, recording.id, "ours", time)
  if (isStreamed(recording)) {
    const said = await stream(make(url), ask)
    return { result: resultOf(said.end), differs: partsDiffer(said), body: bodyOf(), path: path() }
  }
  const result = resultOf(await complete(make(url), ask))
  const asked = { body: bodyOf(), path: path() }
  const streamed = await stream(make(url), ask)
  const alike = isDeepStrictEqual(resultOf(streamed.end), result) ? [] : ["the same answer to a stream"]
  return { result, ...asked, differs: [...alike, ...partsDiffer(streamed)] }
}

const answerSide = (truth: Truth, differs: ReadonlySet<string>): Side =>
  truth.result === undefined
    ? { _tag: "NotCovered", why: `not readable by ${truth.name}` }
    : { _tag: "Compared", differs: [...differs] }

/** Clients escape what they need not, and in their own ways. */
const addressesDiffer = ({ request, response }: Recording, ours: string): boolean => {
  const theirs = (request?.url ?? "").replace(/^https?:\/\/[^/]+/, "")
  return response.status < 400 && decodeURIComponent(theirs) !== decodeURIComponent(ours)
}

const requestSide = ({ address, wire }: Lane, recording: Recording, { body, path }: Asked) => {
  const [one, other] = [canonical(recording.request?.body, wire), canonical(body, wire)]
  const away = address === true && addressesDiffer(recording, path) ? ["the address is another"] : []
  const side: Side = { _tag: "Compared", differs: [...places(one.body, other.body), ...away] }
  return { side, ignored: [...new Set([...one.used, ...other.used])] }
}

/** Both sides of an exchange. */
export const play = async (lane: Lane, recording: Recording, player: Player): Promise<Outcome> => {
  const { ask, why } = asked(lane, recording)
  const model = modelOf(recording)
  const truth = await truthOf(lane, recording, player)
  const differs = new Set<string>()
  let sent: Asked = { body: undefined, path: "" }
  for (let time = 0; time < plays; time++) {
    const played = await playOnce((url) => lane.make(url, model), ask, recording, player, time)
    sent = played
    for (const one of played.differs) differs.add(one)
    if (truth.result !== undefined)
      for (const one of resultsDiffer(truth.result, played.result, model)) differs.add(one)
  }
  const compared = why === undefined ? requestSide(lane, recording, sent) : undefined
  return {
    id: recording.id,
    oracle: truth.name,
    unsaid: unsaidOf(truth.result),
    response: answerSide(truth, differs),
    request: compared?.side ?? { _tag: "NotCovered", why: why ?? "" },
    ignored: compared?.ignored ?? [],
    options: compared === undefined ? [] : Object.keys(ask.providerOptions ?? {})
  }
}
