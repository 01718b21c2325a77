/** A chat model of Anthropic by its Messages API, or of another address that speaks it. */
import { ChatModel, type ChatRequest, type StreamPart } from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import { MalformedOutput, ModelError, Network } from "@consortium/core/ModelError"
import * as Endpoint from "@consortium/wire/Endpoint"
import type { HttpClient } from "@consortium/wire/HttpClients"
import type * as LimitHeaders from "@consortium/wire/LimitHeaders"
import * as Reader from "@consortium/wire/Reader"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { type Family, familyOf } from "./Family.js"
import * as Request from "./Request.js"
import * as Response from "./Response.js"
import type { Vendor } from "./Vendor.js"
import { anthropic } from "./vendors/anthropic.js"

/** The name of this wire, in `ChatModel.wire`. */
export const wire = "anthropic.messages"

export interface Options {
  /** The model, as the vendor names it. */
  readonly model: string
  /** @default no key is sent */
  readonly apiKey?: Redacted.Redacted<string>
  /** @default the vendor's */
  readonly baseUrl?: string
  /** Sent beside the wire's own; secrets among them as `Redacted`. @default {} */
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted<string>>>
  /** The API's version; the newer one takes no sampling parameters, so they are not sent. @default "2023-06-01" */
  readonly version?: Request.Version
  /** Names of betas, as `anthropic-beta`. @default none */
  readonly betas?: ReadonlyArray<string>
  /** The address of the wire. @default anthropic */
  readonly vendor?: Vendor
  /** What the model takes. @default by the model's name */
  readonly family?: Family
}

/** What a program says where key and address come from variables. */
export type Chosen = Omit<Options, "apiKey" | "baseUrl">

const defaults = { version: "2023-06-01", betas: [], vendor: anthropic } as const satisfies Partial<Options>

/** As documented at platform.claude.com/docs/en/api/rate-limits. */
const limitHeaders: LimitHeaders.Names = {
  requestsLimit: ["anthropic-ratelimit-requests-limit"],
  requestsRemaining: ["anthropic-ratelimit-requests-remaining"],
  requestsResetMillis: ["anthropic-ratelimit-requests-reset"],
  tokensLimit: ["anthropic-ratelimit-tokens-limit", "anthropic-ratelimit-input-tokens-limit"],
  tokensRemaining: ["anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-input-tokens-remaining"],
  tokensResetMillis: ["anthropic-ratelimit-tokens-reset", "anthropic-ratelimit-input-tokens-reset"]
}

const urlOf = (base: string): string => {
  const plain = base.replace(/\/+$/, "")
  return /\/v\d+$/.test(plain) ? `${plain}/messages` : `${plain}/v1/messages`
}

const endpoint = (options: Options) => {
  const { betas, vendor, version } = { ...defaults, ...options }
  return Endpoint.make({
    vendor: vendor.id,
    model: options.model,
    url: urlOf(options.baseUrl ?? vendor.baseUrl),
    headers: {
      "anthropic-version": version,
      ...(betas.length > 0 && { "anthropic-beta": betas.join(",") }),
      ...(options.apiKey !== undefined && { "x-api-key": Redacted.make(Redacted.value(options.apiKey).trim()) }),
      ...options.headers
    },
    requestIdHeaders: ["request-id", "x-request-id"],
    limitHeaders
  })
}

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
    return this.to.error(new MalformedOutput({}), `not a message: ${JSON.stringify(json)}`, this.facts)
  }

  /** What some events add, up to the first fault among them. */
  read(events: ReadonlyArray<Endpoint.SseEvent>): Reader.Step<StreamPart, ModelError> {
    const items: Array<StreamPart> = []
    for (const { event, json } of events) {
      if (event === Endpoint.endMark) continue
      const said = this.draft.add(json)
      if (said === undefined) return { items, fault: this.malformed(json) }
      for (const part of said) items.push(part)
    }
    return { items }
  }

  /** A stream is whole when it has told so. */
  end(asked: string): Reader.Step<StreamPart, ModelError> {
    if (!this.draft.isFinished)
      return { items: [], fault: this.to.error(new Network({}), "the stream ended early", this.facts) }
    return { items: [{ _tag: "Done", completion: this.draft.completion(asked, this.facts) }] }
  }
}

/** The model as a value. Nothing is retried and nothing waits: that is for middleware. */
export const make = (options: Options): Effect.Effect<ChatModel<ModelError>, never, HttpClient> => {
  const { vendor, version } = { ...defaults, ...options }
  const { family = familyOf(options.model), model } = options
  return Effect.map(endpoint(options), (to): ChatModel<ModelError> => {
    const encode = (request: ChatRequest, stream: boolean) =>
      JSON.stringify(Request.body(request, family, model, version, stream))

    const complete = (request: ChatRequest): Effect.Effect<Completion, ModelError> =>
      Effect.flatMap(to.json(encode(request, false)), ({ facts, json }) => {
        const answer = new Answer(to, facts)
        if (answer.draft.add(json) === undefined || !answer.draft.isBegun) return Effect.fail(answer.malformed(json))
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

/** Key and base URL by `ANTHROPIC_API_KEY` and `ANTHROPIC_BASE_URL`. A missing key is a `ConfigError` that names the variable. */
export const config: Config.Config<Required<Pick<Options, "apiKey" | "baseUrl">>> = Config.all({
  apiKey: Config.map(Config.NonEmptyString(anthropic.apiKey.variable), (key) => Redacted.make(key)),
  baseUrl: Config.NonEmptyString(anthropic.baseUrlVariable).pipe(Config.withDefault(anthropic.baseUrl))
})

/** The model with its key and base URL by the vendor's variables. */
export const makeConfig = (options: Chosen): Effect.Effect<ChatModel<ModelError>, Config.ConfigError, HttpClient> =>
  Effect.flatMap(config, (found) => make({ ...options, ...found }))

/** The model as the program's one `ChatModel`, with its key and base URL by the vendor's variables. */
export const layerConfig = (options: Chosen): Layer.Layer<ChatModel, Config.ConfigError, HttpClient> =>
  Layer.effect(ChatModel, makeConfig(options))
