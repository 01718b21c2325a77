/** The engine of both addresses: a chat model over two endpoints, one for whole answers and one for streams. */
import type { ChatModel, ChatRequest, StreamPart } from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import { ContentPolicy, MalformedOutput, ModelError, Network, type Reason } from "@consortium/core/ModelError"
import * as Endpoint from "@consortium/wire/Endpoint"
import * as ErrorWords from "@consortium/wire/ErrorWords"
import type { HttpClient } from "@consortium/wire/HttpClients"
import * as Reader from "@consortium/wire/Reader"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Request from "../Request.js"
import * as Response from "../Response.js"
import type { Vendor } from "../Vendor.js"
import * as RpcStatus from "../RpcStatus.js"

export const wire = "google.generate-content"

/** An answer in the making at an endpoint: what each body or chunk adds to it, or the error that it states. */
class Answer {
  readonly draft = new Response.Draft()
  private readonly to: Endpoint.Endpoint
  private readonly facts: Endpoint.Facts

  constructor(to: Endpoint.Endpoint, facts: Endpoint.Facts) {
    this.to = to
    this.facts = facts
  }

  error(reason: Reason, detail: string): ModelError {
    return this.to.error(reason, detail, this.facts)
  }

  private addOne(json: unknown): ReadonlyArray<StreamPart> | ModelError {
    if (ErrorWords.isError(json)) return this.to.stated(json, this.facts)
    const body = Response.decode(json)
    if (body === undefined) return this.error(new MalformedOutput({}), `no answer: ${JSON.stringify(json)}`)
    return body.blocked !== "" && body.candidate === undefined
      ? this.error(new ContentPolicy({}), `the prompt was blocked: ${body.blocked}`)
      : this.draft.add(body)
  }

  /** What some bodies add, up to the first fault among them. A stream that is asked for as JSON is an array of chunks. */
  add(bodies: ReadonlyArray<unknown>): Reader.Step<StreamPart, ModelError> {
    const items: Array<StreamPart> = []
    for (const json of bodies.flat()) {
      const said = this.addOne(json)
      if (said instanceof ModelError) return { items, fault: said }
      for (const part of said) items.push(part)
    }
    return { items }
  }

  /** The end of the body is the end; there is no mark. */
  get fault(): ModelError | undefined {
    if (this.draft.isFinished) return undefined
    return this.draft.isEmpty
      ? this.error(new MalformedOutput({}), "a stream without an answer")
      : this.error(new Network({}), "the stream ended early")
  }
}

export interface Address extends Pick<Endpoint.Options, "headers" | "credentials"> {
  readonly vendor: Vendor
  /** As the user names it. */
  readonly model: string
  /** The model's address, to which `:generateContent` is added. */
  readonly url: string
}

/** Nothing is retried and nothing waits: that is for middleware. */
export const make = ({
  model,
  url,
  vendor,
  ...more
}: Address): Effect.Effect<ChatModel<ModelError>, never, HttpClient> =>
  Effect.gen(function* () {
    const endpoint = (verb: string) =>
      Endpoint.make({ vendor: vendor.id, model, url: `${url}:${verb}`, readError: RpcStatus.read, ...more })
    const whole = yield* endpoint("generateContent")
    const streamed = yield* endpoint("streamGenerateContent?alt=sse")
    const encode = (request: ChatRequest) => JSON.stringify(Request.body(request, vendor, model))

    const complete = (request: ChatRequest): Effect.Effect<Completion, ModelError> =>
      Effect.flatMap(whole.json(encode(request)), ({ facts, json }) => {
        const answer = new Answer(whole, facts)
        const { fault } = answer.add([json])
        if (fault !== undefined) return Effect.fail(fault)
        answer.draft.end()
        return answer.draft.isEmpty
          ? Effect.fail(answer.error(new MalformedOutput({}), `no candidate in: ${JSON.stringify(json)}`))
          : Effect.succeed(answer.draft.completion(model, facts))
      })

    const parts = ({ events, facts }: Endpoint.EventAnswer): Stream.Stream<StreamPart, ModelError> =>
      Reader.through(events, (): Reader.Reader<Endpoint.SseEvent, StreamPart, ModelError> => {
        const answer = new Answer(streamed, facts)
        return {
          // A gateway may mark the end.
          read: (some) => answer.add(some.flatMap(({ event, json }) => (event === Endpoint.endMark ? [] : [json]))),
          end: () => {
            const { fault } = answer
            if (fault !== undefined) return { items: [], fault }
            const rest = answer.draft.end()
            return { items: [...rest, { _tag: "Done", completion: answer.draft.completion(model, facts) }] }
          }
        }
      })

    return {
      ref: `${vendor.id}/${model}`,
      wire,
      complete,
      stream: (request) => Stream.unwrap(Effect.map(streamed.events(encode(request)), parts))
    }
  })

/** A base URL with the API's version at its end, once. */
export const versioned = (baseUrl: string, version: string): string => {
  const base = baseUrl.replace(/\/+$/, "")
  return /\/v\d\w*$/.test(base) ? base : `${base}/${version}`
}

/** A model's name as it stands in a path, of which it may be more than one step. */
export const path = (name: string): string => encodeURI(name).replace(/[?#]/g, encodeURIComponent)
