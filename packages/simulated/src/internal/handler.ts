/** From a request to its answer: routes, limits, fate, text. Plain callbacks, since it is also a load generator's other end. */
import type { IncomingMessage, ServerResponse } from "node:http"
import * as Seed from "@consortium/core/Seed"
import { named, of, type Persona } from "../Persona.js"
import type { Stats } from "../Stats.js"
import { write } from "./answer.js"
import * as Bucket from "./bucket.js"
import { type ChatBody, readChat } from "./chatRequest.js"
import { errorBody, goDuration, type Reply, reply } from "./chatResponse.js"
import { embeddings } from "./embedding.js"
import { fateOf } from "./fate.js"
import * as Ledger from "./ledger.js"
import { type After, type Headers, respond, retryAfter, sendError } from "./respond.js"
import { readSheet, type ShownSheet, verdict } from "./sheet.js"

export interface World {
  readonly seed: Seed.Seed
  readonly personas: ReadonlyMap<string, Persona>
  readonly scale: number
  readonly log: boolean
  readonly now: () => number
  readonly after: After
}

export interface Handler {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void
  readonly stats: () => Stats
}

interface Member {
  readonly persona: Persona
  readonly requests: Bucket.Bucket | undefined
  readonly tokens: Bucket.Bucket | undefined
}

const label: Headers = { "x-simulated": "true" }
const invalid = "invalid_request_error"
/** Larger bodies are refused. */
const bytesAtMost = 64 * 1024 * 1024

const limitHeaders = (member: Member, now: number): Headers => {
  const of = (kind: string, bucket: Bucket.Bucket | undefined): Headers =>
    bucket === undefined
      ? {}
      : {
          [`x-ratelimit-limit-${kind}`]: String(bucket.limit),
          [`x-ratelimit-remaining-${kind}`]: String(bucket.remaining(now)),
          [`x-ratelimit-reset-${kind}`]: goDuration(bucket.resets(now))
        }
  return { ...of("requests", member.requests), ...of("tokens", member.tokens) }
}

const readBody = (request: IncomingMessage, done: (text: string | undefined) => void): void => {
  const chunks: Array<Buffer> = []
  let size = 0
  request.on("data", (chunk: Buffer) => {
    size += chunk.length
    if (size <= bytesAtMost) chunks.push(chunk)
  })
  request.on("end", () => done(size > bytesAtMost ? undefined : Buffer.concat(chunks).toString("utf8")))
}

/**
 * What a member says to a request: a verdict where a user message shows a sheet, else an answer. The latest sheet
 * counts: a judge that is asked again is shown the sheet further up.
 */
const textFor = (seed: Seed.Seed, persona: Persona, body: ChatBody): string => {
  const sheet = firstSheet(body.user)
  if (sheet !== undefined) return verdict(seed, persona, sheet, body.digest, body.format !== "text")
  const text = write(seed, persona, body.prompt, body.digest)
  return body.format === "text" ? text : JSON.stringify({ answer: text })
}

const firstSheet = (messages: ReadonlyArray<string>): ShownSheet | undefined => {
  for (const message of messages) {
    const sheet = readSheet(message)
    if (sheet !== undefined) return sheet
  }
  return undefined
}

/** Why a member's limits refuse a call, and for how long; nothing where they do not. */
const overLimit = (member: Member, inFlight: number, made: () => Reply, now: number) => {
  const { persona } = member
  if (inFlight > (persona.limits.inFlight ?? Infinity)) {
    const message = `Too many concurrent requests for ${persona.name}: at most ${persona.limits.inFlight}.`
    return { millis: 1000, body: errorBody(message, "requests", "concurrency_limit_exceeded") }
  }
  const refusal = (kind: string, bucket: Bucket.Bucket | undefined, charge: number) => {
    const millis = bucket?.take(charge, now) ?? 0
    if (millis === 0) return undefined
    const message = `Rate limit reached for ${persona.name} on ${kind} per min: Limit ${bucket?.limit}. Please try again in ${goDuration(millis)}.`
    return { millis, body: errorBody(message, kind, "rate_limit_exceeded") }
  }
  const requests = refusal("requests", member.requests, 1)
  if (requests !== undefined || member.tokens === undefined) return requests
  return refusal("tokens", member.tokens, made().promptTokens + made().completionTokens)
}

export const make = (world: World): Handler => {
  const ledger = Ledger.make(world.log)
  const members = new Map<string, Member>()
  const memberOf = (name: string): Member => {
    const known = members.get(name)
    if (known !== undefined) return known
    const persona = world.personas.get(name) ?? of(name)
    const bucket = (perMinute: number | undefined) =>
      perMinute === undefined ? undefined : Bucket.make(perMinute, world.now())
    const member = {
      persona,
      requests: bucket(persona.limits.requestsPerMinute),
      tokens: bucket(persona.limits.tokensPerMinute)
    }
    members.set(name, member)
    return member
  }

  const chat = (request: IncomingMessage, response: ServerResponse, text: string): void => {
    const body = readChat(text)
    if ("refused" in body) return sendError(response, 400, label, errorBody(body.refused, invalid, null, body.param))
    const member = memberOf(body.member)
    const visit = ledger.open(body.member, body.digest)
    let outcome = "gone"
    response.once("close", () => visit.close(outcome))
    let memo: Reply | undefined
    const made = () => (memo ??= reply(body, textFor(world.seed, member.persona, body)))
    const now = world.now()
    const over = overLimit(member, visit.inFlight, made, now)
    const headers = {
      ...label,
      "x-request-id": `req_sim_${body.digest.slice(0, 16)}_${visit.attempt}`,
      ...limitHeaders(member, now)
    }
    if (over !== undefined) {
      outcome = "429"
      return sendError(response, 429, { ...headers, ...retryAfter(over.millis) }, over.body)
    }
    respond({
      request,
      response,
      persona: member.persona,
      body,
      visit,
      fate: fateOf(world.seed, member.persona, body.digest, visit.attempt),
      headers,
      after: world.after,
      scale: world.scale,
      created: Math.floor(now / 1000),
      made,
      outcome: (word) => {
        outcome = word
      }
    })
  }

  const embed = (response: ServerResponse, text: string): void => {
    const answer = embeddings(text)
    if ("refused" in answer)
      return sendError(response, 400, label, errorBody(answer.refused, invalid, null, answer.param))
    send(response, answer.body)
  }

  const send = (response: ServerResponse, body: string): void => {
    response.writeHead(200, { ...label, "content-type": "application/json", "content-length": Buffer.byteLength(body) })
    response.end(body)
  }

  const models = (): string => {
    const names = new Set([...world.personas.keys(), ...named.map((persona) => persona.name)])
    const data = [...names].map((name) => ({ id: name, object: "model", created: 0, owned_by: "simulated" }))
    return JSON.stringify({ object: "list", data })
  }

  const routes: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
    "GET /v1/models": (_, response) => send(response, models()),
    "GET /stats": (_, response) => send(response, JSON.stringify(ledger.stats())),
    "POST /v1/chat/completions": (request, response) =>
      post(request, response, (text) => chat(request, response, text)),
    "POST /v1/embeddings": (request, response) => post(request, response, (text) => embed(response, text))
  }
  const post = (request: IncomingMessage, response: ServerResponse, use: (text: string) => void) =>
    readBody(request, (text) =>
      text === undefined
        ? sendError(response, 413, label, errorBody(`The body is larger than ${bytesAtMost} bytes.`, invalid, null))
        : use(text)
    )
  return {
    stats: ledger.stats,
    handle: (request, response) => {
      const route = routes[`${request.method} ${request.url?.split("?")[0]}`]
      if (route !== undefined) return route(request, response)
      request.resume()
      sendError(response, 404, label, errorBody(`Invalid URL (${request.method} ${request.url})`, invalid, null))
    }
  }
}
