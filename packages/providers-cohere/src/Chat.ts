/** A chat model of Cohere by its v2 chat. */
import { ChatModel, type ChatRequest, type StreamPart } from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import { MalformedOutput, ModelError, Network } from "@consortium/core/ModelError"
import * as Endpoint from "@consortium/wire/Endpoint"
import type { HttpClient } from "@consortium/wire/HttpClients"
import * as Reader from "@consortium/wire/Reader"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { readError } from "./internal/readError.js"
import * as Request from "./Request.js"
import * as Response from "./Response.js"
import { cohere } from "./Vendor.js"

/** The name of this wire, in `ChatModel.wire`. */
export const wire = "cohere.chat"

export interface Options {
  /** The model, as the vendor names it. */
  readonly model: string
  /** @default no key is sent */
  readonly apiKey?: Redacted.Redacted<string>
  /** Without or with a version at its end. @default "https://api.cohere.com" */
  readonly baseUrl?: string
  /** Sent beside the wire's own; secrets among them as `Redacted`. @default {} */
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted<string>>>
}

const endpoint = ({ apiKey, baseUrl = cohere.baseUrl, headers, model }: Options) =>
  Endpoint.make({
    vendor: cohere.id,
    model,
    url: `${baseUrl.replace(/\/+$/, "").replace(/\/v\d+$/, "")}/v2/chat`,
    headers: {
      ...(apiKey !== undefined && { authorization: Redacted.make(`Bearer ${Redacted.value(apiKey).trim()}`) }),
      ...headers
    },
    readError,
    requestIdHeaders: cohere.requestIdHeaders,
    limitHeaders: cohere.limitHeaders
  })

/** An answer in the making at an endpoint: what each body or event adds to it. */
class Answer {
  readonly draft = new Response.Draft()
  private readonly to: Endpoint.Endpoint
  private readonly facts: Endpoint.Facts

  constructor(to: Endpoint.Endpoint, facts: Endpoint.Facts) {
    this.to = to
    this.facts = facts
  }

  malformed(json: unknown): ModelError {
    return this.to.error(new MalformedOutput({}), `not an answer: ${JSON.stringify(json)}`, this.facts)
  }

  add(json: unknown): ReadonlyArray<StreamPart> | ModelError {
    const failure = Response.failureIn(json)
    return failure === ""
      ? (this.draft.add(json) ?? this.malformed(json))
      : this.to.stated({ message: failure }, this.facts)
  }

  /** What some events add, up to the first fault among them. */
  read(events: ReadonlyArray<Endpoint.SseEvent>): Reader.Step<StreamPart, ModelError> {
    const items: Array<StreamPart> = []
    for (const { event, json } of events) {
      if (event === Endpoint.endMark) continue
      const said = this.add(json)
      if (said instanceof ModelError) return { items, fault: said }
      for (const part of said) items.push(part)
    }
    return { items }
  }

  /** A stream is whole when it has told so. */
  end(asked: string): Reader.Step<StreamPart, ModelError> {
    const fault = (reason: MalformedOutput | Network, detail: string) => ({
      items: [],
      fault: this.to.error(reason, detail, this.facts)
    })
    if (this.draft.isEmpty) return fault(new MalformedOutput({}), "a stream without an answer")
    if (!this.draft.isFinished) return fault(new Network({}), "the stream ended early")
    return { items: [{ _tag: "Done", completion: this.draft.completion(asked, this.facts) }] }
  }
}

/** The model as a value. Nothing is retried and nothing waits: that is for middleware. */
export const make = (options: Options): Effect.Effect<ChatModel<ModelError>, never, HttpClient> =>
  Effect.map(endpoint(options), (to): ChatModel<ModelError> => {
    const { model } = options
    const encode = (request: ChatRequest, stream: boolean) => JSON.stringify(Request.body(request, model, stream))

    const complete = (request: ChatRequest): Effect.Effect<Completion, ModelError> =>
      Effect.flatMap(to.json(encode(request, false)), ({ facts, json }) => {
        const answer = new Answer(to, facts)
        const said = answer.add(json)
        if (said instanceof ModelError) return Effect.fail(said)
        return answer.draft.isFinished
          ? Effect.succeed(answer.draft.completion(model, facts))
          : Effect.fail(answer.malformed(json))
      })

    const parts = ({ events, facts }: Endpoint.EventAnswer): Stream.Stream<StreamPart, ModelError> =>
      Reader.through(events, (): Reader.Reader<Endpoint.SseEvent, StreamPart, ModelError> => {
        const answer = new Answer(to, facts)
        return { read: (some) => answer.read(some), end: () => answer.end(model) }
      })

    return {
      ref: `${cohere.id}/${model}`,
      wire,
      complete,
      stream: (request) => Stream.unwrap(Effect.map(to.events(encode(request, true)), parts))
    }
  })

/** The model as the program's one `ChatModel`. */
export const layer = (options: Options): Layer.Layer<ChatModel, never, HttpClient> =>
  Layer.effect(ChatModel, make(options))

const key = [...cohere.apiKey.preferred, cohere.apiKey.variable]
  .map((variable) => Config.NonEmptyString(variable))
  .reduce((first, next) => Config.orElse(first, () => next))

/** `CO_API_KEY`, or `COHERE_API_KEY`, and `COHERE_BASE_URL`. A missing key is a `ConfigError` that names the variable. */
export const config: Config.Config<Required<Pick<Options, "apiKey" | "baseUrl">>> = Config.all({
  apiKey: Config.map(key, (it) => Redacted.make(it)),
  baseUrl: Config.NonEmptyString(cohere.baseUrlVariable).pipe(Config.withDefault(cohere.baseUrl))
})

/** The model with its key and base URL by the variables. */
export const makeConfig = (
  options: Pick<Options, "model" | "headers">
): Effect.Effect<ChatModel<ModelError>, Config.ConfigError, HttpClient> =>
  Effect.flatMap(config, (found) => make({ ...options, ...found }))

/** The model as the program's one `ChatModel`, with its key and base URL by the variables. */
export const layerConfig = (
  options: Pick<Options, "model" | "headers">
): Layer.Layer<ChatModel, Config.ConfigError, HttpClient> => Layer.effect(ChatModel, makeConfig(options))
