/** A chat model of any vendor that speaks the OpenAI chat wire. */
import { ChatModel, type ChatRequest, type StreamPart } from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import { MalformedOutput, ModelError, Network } from "@consortium/core/ModelError"
import * as Endpoint from "@consortium/wire/Endpoint"
import type { HttpClient } from "@consortium/wire/HttpClients"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Request from "./Request.js"
import * as Response from "./Response.js"
import type { Vendor } from "./Vendor.js"

/** The name of this wire, in `ChatModel.wire`. */
export const wire = "openai.chat"

export interface Options {
  readonly vendor: Vendor
  /** The model, as the vendor names it. */
  readonly model: string
  /** @default no key is sent */
  readonly apiKey?: Redacted.Redacted<string>
  /** @default the vendor's */
  readonly baseUrl?: string
  /** Sent beside the vendor's own; secrets among them as `Redacted`. @default {} */
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted<string>>>
}

const endpoint = ({ apiKey, baseUrl, headers, model, vendor }: Options) =>
  Endpoint.make({
    vendor: vendor.id,
    model,
    url: `${(baseUrl ?? vendor.baseUrl).replace(/\/+$/, "")}/chat/completions`,
    headers: {
      ...vendor.headers,
      ...(apiKey !== undefined && { authorization: Redacted.make(`Bearer ${Redacted.value(apiKey).trim()}`) }),
      ...headers
    },
    requestIdHeaders: vendor.requestIdHeaders
  })

/** Reads one body or chunk into a draft, and gives what is new, or the error that it states. */
const step = (to: Endpoint.Endpoint, draft: Response.Draft, json: unknown, facts: Endpoint.Facts) => {
  const body = Response.decode(json)
  if (body === undefined)
    return to.error(new MalformedOutput({}), `not a chat completion: ${JSON.stringify(json)}`, facts)
  const stated = Response.errorOf(body)
  return stated === undefined ? draft.add(body) : to.stated(stated, facts)
}

/** The model as a value. Nothing is retried and nothing waits: that is for middleware. */
export const make = (options: Options): Effect.Effect<ChatModel<ModelError>, never, HttpClient> =>
  Effect.map(endpoint(options), (to): ChatModel<ModelError> => {
    const { model, vendor } = options
    const encode = (request: ChatRequest, stream: boolean) =>
      JSON.stringify(Request.body(request, vendor, model, stream))

    const complete = (request: ChatRequest): Effect.Effect<Completion, ModelError> =>
      Effect.flatMap(to.json(encode(request, false)), ({ facts, json }) => {
        const draft = new Response.Draft()
        const said = step(to, draft, json, facts)
        if (said instanceof ModelError) return Effect.fail(said)
        if (draft.isEmpty)
          return Effect.fail(to.error(new MalformedOutput({}), `no choice in: ${JSON.stringify(json)}`, facts))
        return Effect.succeed(draft.completion(vendor, model, facts))
      })

    const parts = ({ events, facts }: Endpoint.EventAnswer): Stream.Stream<StreamPart, ModelError> => {
      const draft = new Response.Draft()
      let marked = false
      const last = (): Stream.Stream<StreamPart, ModelError> => {
        // The end of the body is the end; a mark stands in for the word that some vendors leave out.
        if (!draft.isFinished && !marked) return Stream.fail(to.error(new Network({}), "the stream ended early", facts))
        if (draft.isEmpty) return Stream.fail(to.error(new MalformedOutput({}), "a stream without an answer", facts))
        return Stream.fromArray([...draft.end(), { _tag: "Done", completion: draft.completion(vendor, model, facts) }])
      }
      return Stream.flatMap(events, ({ event, json }): Stream.Stream<StreamPart, ModelError> => {
        if (event === Endpoint.endMark) {
          marked = true
          return Stream.empty
        }
        const said = step(to, draft, json, facts)
        return said instanceof ModelError ? Stream.fail(said) : Stream.fromArray(said)
      }).pipe(Stream.concat(Stream.suspend(last)))
    }

    return {
      ref: `${vendor.id}/${model}`,
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
    baseUrl: Config.NonEmptyString(vendor.baseUrlVariable).pipe(Config.withDefault(vendor.baseUrl))
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
