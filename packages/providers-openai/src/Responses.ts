/** A chat model of OpenAI by its Responses API, or of another address that speaks it. */
import { ChatModel, type ChatRequest, type StreamPart } from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import { MalformedOutput, ModelError, Network } from "@consortium/core/ModelError"
import * as ChatCompletions from "@consortium/providers-openai-compatible/ChatCompletions"
import { keyed, urlOf } from "@consortium/providers-openai-compatible/Vendor"
import * as Endpoint from "@consortium/wire/Endpoint"
import type { HttpClient } from "@consortium/wire/HttpClients"
import * as Reader from "@consortium/wire/Reader"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { familyOf } from "./Family.js"
import { readError } from "./internal/errors.js"
import { type Chosen, headersOf, type Options } from "./internal/options.js"
import * as Request from "./Request.js"
import * as Response from "./Response.js"
import { openai, type Vendor } from "./Vendor.js"

export type { Chosen, Options } from "./internal/options.js"

/** The name of this wire, in `ChatModel.wire`. */
export const wire = "openai.responses"

const endpoint = (options: Options, vendor: Vendor) =>
  Endpoint.make({
    vendor: vendor.id,
    model: options.model,
    url: urlOf(vendor, options.baseUrl ?? vendor.baseUrl, "/responses"),
    headers: {
      ...vendor.headers,
      ...(options.apiKey !== undefined && keyed(vendor, options.apiKey)),
      ...headersOf(options)
    },
    ...(options.credentials !== undefined && { credentials: options.credentials }),
    readError,
    requestIdHeaders: vendor.requestIdHeaders,
    limitHeaders: vendor.limitHeaders
  })

/** An answer in the making at an endpoint: what each body or event adds to it, or the error that it states. */
class Answer {
  readonly draft = new Response.Draft()
  private readonly to: Endpoint.Endpoint
  private readonly facts: Endpoint.Facts

  constructor(to: Endpoint.Endpoint, facts: Endpoint.Facts) {
    this.to = to
    this.facts = facts
  }

  add(json: unknown): ReadonlyArray<StreamPart> | ModelError {
    const stated = Response.errorOf(json)
    if (stated !== undefined) return this.to.stated(stated, this.facts)
    return (
      this.draft.add(json) ??
      this.to.error(new MalformedOutput({}), `not a part of a response: ${JSON.stringify(json)}`, this.facts)
    )
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

  /** A stream is whole when it has told so: a mark or the end of the body is not enough. */
  end(asked: string): Reader.Step<StreamPart, ModelError> {
    if (!this.draft.isFinished)
      return { items: [], fault: this.to.error(new Network({}), "the stream ended early", this.facts) }
    return { items: [{ _tag: "Done", completion: this.draft.completion(asked, this.facts) }] }
  }
}

/** The model as a value. Nothing is retried and nothing waits: that is for middleware. */
export const make = (options: Options): Effect.Effect<ChatModel<ModelError>, never, HttpClient> => {
  const { family = familyOf(options.model), model, vendor = openai } = options
  return Effect.map(endpoint(options, vendor), (to): ChatModel<ModelError> => {
    const encode = (request: ChatRequest, stream: boolean) =>
      JSON.stringify(Request.body(request, family, model, stream))

    const complete = (request: ChatRequest): Effect.Effect<Completion, ModelError> =>
      Effect.flatMap(to.json(encode(request, false)), ({ facts, json }) => {
        const answer = new Answer(to, facts)
        const said = answer.add(json)
        if (said instanceof ModelError) return Effect.fail(said)
        if (!answer.draft.isFinished)
          return Effect.fail(to.error(new MalformedOutput({}), `not a response: ${JSON.stringify(json)}`, facts))
        return Effect.succeed(answer.draft.completion(model, facts))
      })

    const parts = ({ events, facts }: Endpoint.EventAnswer): Stream.Stream<StreamPart, ModelError> =>
      Reader.through(events, (): Reader.Reader<Endpoint.SseEvent, StreamPart, ModelError> => {
        const answer = new Answer(to, facts)
        return { read: (some) => answer.read(some), end: () => answer.end(model) }
      })

    return {
      ref: `${vendor.id}/${model}`,
      wire,
      complete,
      stream: (request) => Stream.unwrap(Effect.map(to.events(encode(request, true)), parts))
    }
  })
}

/** The model as the program's one `ChatModel`. */
export const layer = (options: Options): Layer.Layer<ChatModel, never, HttpClient> =>
  Layer.effect(ChatModel, make(options))

/** Key and base URL by `OPENAI_API_KEY` and `OPENAI_BASE_URL`. A missing key is a `ConfigError` that names the variable. */
export const config = (vendor: Vendor = openai): Config.Config<Pick<Options, "apiKey" | "baseUrl">> =>
  ChatCompletions.config(vendor)

/** The model with its key and base URL by the vendor's variables. */
export const makeConfig = (options: Chosen): Effect.Effect<ChatModel<ModelError>, Config.ConfigError, HttpClient> =>
  Effect.flatMap(config(options.vendor), (found) => make({ ...options, ...found }))

/** The model as the program's one `ChatModel`, with its key and base URL by the vendor's variables. */
export const layerConfig = (options: Chosen): Layer.Layer<ChatModel, Config.ConfigError, HttpClient> =>
  Layer.effect(ChatModel, makeConfig(options))
