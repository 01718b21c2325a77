/** A chat model of any vendor that speaks the OpenAI chat wire. */
import { ChatModel, type ChatRequest, type StreamPart } from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import { InvalidRequest, MalformedOutput, ModelError, Network, type Reason } from "@consortium/core/ModelError"
import * as Endpoint from "@consortium/wire/Endpoint"
import type { HttpClient } from "@consortium/wire/HttpClients"
import * as Reader from "@consortium/wire/Reader"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Address from "@consortium/wire/Address"
import * as Request from "./Request.js"
import * as Response from "./Response.js"
import { keyed, urlOf, type Vendor } from "./Vendor.js"

/** The name of this wire, in `ChatModel.wire`. */
export const wire = "openai.chat"

export interface Options {
  readonly vendor: Vendor
  /** The model, as the vendor names it. */
  readonly model: string
  /** @default no key is sent */
  readonly apiKey?: Redacted.Redacted<string>
  /** @default the vendor's; one with variables in braces is filled by `makeConfig` only */
  readonly baseUrl?: string
  /** Headers that are asked for at each call, such as a token that expires. @default none */
  readonly credentials?: NonNullable<Endpoint.Options["credentials"]>
  /** Sent beside the vendor's own; secrets among them as `Redacted`. @default {} */
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted<string>>>
}

const endpoint = ({ apiKey, baseUrl, credentials, headers, model, vendor }: Options) =>
  Endpoint.make({
    vendor: vendor.id,
    model,
    url: urlOf(vendor, baseUrl ?? vendor.baseUrl, vendor.chatPath.replace("{model}", encodeURIComponent(model))),
    headers: {
      ...vendor.headers,
      ...(apiKey !== undefined && keyed(vendor, apiKey)),
      ...headers
    },
    ...(credentials !== undefined && { credentials }),
    requestIdHeaders: vendor.requestIdHeaders,
    limitHeaders: vendor.limitHeaders
  })

/** An answer in the making at an endpoint: what each body or chunk adds to it, or the error that it states. */
class Answer {
  readonly draft = new Response.Draft()
  private readonly to: Endpoint.Endpoint
  private readonly facts: Endpoint.Facts
  private readonly place: "message" | "delta"
  private isMarked = false

  constructor(to: Endpoint.Endpoint, facts: Endpoint.Facts, place: "message" | "delta") {
    this.to = to
    this.facts = facts
    this.place = place
  }

  error(reason: Reason, detail: string): ModelError {
    return this.to.error(reason, detail, this.facts)
  }

  add(json: unknown, place = this.place): ReadonlyArray<StreamPart> | ModelError {
    const body = Response.decode(json, place)
    if (body === undefined) return this.error(new MalformedOutput({}), `not a chat completion: ${JSON.stringify(json)}`)
    const stated = Response.errorOf(body)
    return stated === undefined ? this.draft.add(body) : this.to.stated(stated, this.facts)
  }

  /** What some events add, up to the first fault among them. */
  read(events: ReadonlyArray<Endpoint.SseEvent>): Reader.Step<StreamPart, ModelError> {
    const items: Array<StreamPart> = []
    for (const { event, json } of events) {
      if (event === Endpoint.endMark) {
        this.isMarked = true
        continue
      }
      const isWhole = event === Endpoint.wholeBody
      // There is nothing to wait for after it.
      if (isWhole) this.isMarked = true
      const said = this.add(json, isWhole ? "message" : this.place)
      if (said instanceof ModelError) return { items, fault: said }
      for (const part of said) items.push(part)
    }
    return { items }
  }

  /** The end of the body is the end; a mark stands in for the word that some vendors leave out. */
  get fault(): ModelError | undefined {
    if (!this.draft.isFinished && !this.isMarked) return this.error(new Network({}), "the stream ended early")
    return this.draft.isEmpty ? this.error(new MalformedOutput({}), "a stream without an answer") : undefined
  }
}

/** The model as a value. Nothing is retried and nothing waits: that is for middleware. */
export const make = (options: Options): Effect.Effect<ChatModel<ModelError>, never, HttpClient> =>
  Effect.map(endpoint(options), (to): ChatModel<ModelError> => {
    const { model, vendor } = options
    const ref = `${vendor.id}/${model}`
    const [missing] = Address.variables(options.baseUrl ?? vendor.baseUrl)
    if (missing !== undefined) {
      const detail = `no address without ${missing}: give a baseUrl, or take makeConfig, which reads the variable`
      const failed = Effect.fail(to.error(new InvalidRequest({}), detail))
      return { ref, wire, complete: () => failed, stream: () => Stream.fromEffect(failed) }
    }
    const encode = (request: ChatRequest, stream: boolean) =>
      JSON.stringify(Request.body(request, vendor, model, stream))

    const complete = (request: ChatRequest): Effect.Effect<Completion, ModelError> =>
      Effect.flatMap(to.json(encode(request, false)), ({ facts, json }) => {
        const answer = new Answer(to, facts, "message")
        const said = answer.add(json)
        if (said instanceof ModelError) return Effect.fail(said)
        if (answer.draft.isEmpty)
          return Effect.fail(answer.error(new MalformedOutput({}), `no choice in: ${JSON.stringify(json)}`))
        return Effect.succeed(answer.draft.completion(vendor, model, facts))
      })

    const parts = ({ events, facts }: Endpoint.EventAnswer): Stream.Stream<StreamPart, ModelError> =>
      Reader.through(events, (): Reader.Reader<Endpoint.SseEvent, StreamPart, ModelError> => {
        const answer = new Answer(to, facts, "delta")
        return {
          read: (some) => answer.read(some),
          end: () => {
            const { fault } = answer
            if (fault !== undefined) return { items: [], fault }
            const completion = answer.draft.completion(vendor, model, facts)
            return { items: [...answer.draft.end(), { _tag: "Done", completion }] }
          }
        }
      })

    return {
      ref,
      wire,
      complete,
      stream: (request) => Stream.unwrap(Effect.map(to.events(encode(request, true)), parts))
    }
  })

/** The model as the program's one `ChatModel`. */
export const layer = (options: Options): Layer.Layer<ChatModel, never, HttpClient> =>
  Layer.effect(ChatModel, make(options))

/** The vendor's key and base URL by its variables. A missing key is a `ConfigError` that names the variable. */
export const config = (vendor: Vendor): Config.Config<Pick<Options, "apiKey" | "baseUrl">> => {
  const key = Config.NonEmptyString(vendor.apiKey.variable).pipe(Config.map((it) => Redacted.make(it)))
  return Config.all({
    apiKey: vendor.apiKey.optional ? Config.option(key) : Config.map(key, Option.some),
    baseUrl: Address.config(vendor)
  }).pipe(Config.map(({ apiKey, baseUrl }) => ({ baseUrl, ...(Option.isSome(apiKey) && { apiKey: apiKey.value }) })))
}

/** The model with its key and base URL by the vendor's variables. */
export const makeConfig = (
  options: Pick<Options, "vendor" | "model" | "headers">
): Effect.Effect<ChatModel<ModelError>, Config.ConfigError, HttpClient> =>
  Effect.flatMap(config(options.vendor), (found) => make({ ...options, ...found }))

/** The model as the program's one `ChatModel`, with its key and base URL by the vendor's variables. */
export const layerConfig = (
  options: Pick<Options, "vendor" | "model" | "headers">
): Layer.Layer<ChatModel, Config.ConfigError, HttpClient> => Layer.effect(ChatModel, makeConfig(options))
