/** A chat model of Anthropic by its Messages API, or of another address that speaks it. */
import { ChatModel, type ChatRequest, type StreamPart } from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import { InvalidRequest, MalformedOutput, ModelError, Network } from "@consortium/core/ModelError"
import * as Endpoint from "@consortium/wire/Endpoint"
import type { HttpClient } from "@consortium/wire/HttpClients"
import type * as LimitHeaders from "@consortium/wire/LimitHeaders"
import * as Reader from "@consortium/wire/Reader"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
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
  /** Headers that are asked for at each call, such as a token that expires. @default none */
  readonly credentials?: NonNullable<Endpoint.Options["credentials"]>
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
export type Chosen = Omit<Options, "apiKey" | "baseUrl" | "credentials">

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

const urlOf = (base: string, path: string, model: string): string => {
  const plain = base.replace(/\/+$/, "")
  const rest = /\/v\d+$/.test(plain) ? path.replace(/^\/v\d+(?=\/)/, "") : path
  return plain + rest.replace("{model}", encodeURIComponent(model))
}

/** The version as the address names it: names of its own stand for the first one. */
const versionOf = (vendor: Vendor, version: Request.Version): string =>
  vendor.version === "none" || version !== defaults.version ? version : vendor.version

/** What the model takes at this address. One that can't be made to call a tool is left with the format. */
const familyAt = ({ schema }: Vendor, { family, model }: Options): Family => {
  const found = family ?? familyOf(model)
  return family === undefined && schema === "tool" && found.forcedTool ? { ...found, schema } : found
}

const keyed = (vendor: Vendor, apiKey: Redacted.Redacted<string>) => {
  const key = Redacted.value(apiKey).trim()
  return { [vendor.keyHeader]: Redacted.make(vendor.keyHeader === "authorization" ? `Bearer ${key}` : key) }
}

const endpoint = (options: Options, kind: keyof Vendor["paths"]) => {
  const { betas, vendor, version } = { ...defaults, ...options }
  const { apiKey, credentials } = options
  return Endpoint.make({
    vendor: vendor.id,
    model: options.model,
    url: urlOf(options.baseUrl ?? vendor.baseUrl, vendor.paths[kind], options.model),
    headers: {
      ...vendor.headers,
      ...(!vendor.inBody.includes("version") && { "anthropic-version": versionOf(vendor, version) }),
      ...(betas.length > 0 && !vendor.inBody.includes("betas") && { "anthropic-beta": betas.join(",") }),
      ...(apiKey !== undefined && keyed(vendor, apiKey)),
      ...options.headers
    },
    ...(credentials !== undefined && { credentials }),
    readError: vendor.readError,
    requestIdHeaders: vendor.requestIdHeaders,
    limitHeaders,
    ...(vendor.framing !== undefined && { framing: vendor.framing })
  })
}

/** An answer in the making at an endpoint: what each body or event adds to it. */
class Answer {
  readonly draft: Response.Draft
  private readonly to: Endpoint.Endpoint
  private readonly facts: Endpoint.Facts

  constructor(to: Endpoint.Endpoint, facts: Endpoint.Facts, answerTool: string | undefined) {
    this.draft = new Response.Draft(answerTool)
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
  const { betas, vendor, version } = { ...defaults, ...options }
  const { model } = options
  const family = familyAt(vendor, options)
  const addresses = { whole: endpoint(options, "whole"), stream: endpoint(options, "stream") }
  return Effect.map(Effect.all(addresses), (to): ChatModel<ModelError> => {
    /** The body, or why there is none. */
    const encode = (request: ChatRequest, stream: boolean): Effect.Effect<string, ModelError> => {
      const refusal = Request.refusal(request, vendor)
      if (refusal !== undefined) return Effect.fail(to.whole.error(new InvalidRequest({}), refusal))
      const body = Request.body(request, family, model, version, stream)
      return Effect.succeed(JSON.stringify(Request.addressed(body, vendor, versionOf(vendor, version), betas)))
    }

    const complete = (request: ChatRequest): Effect.Effect<Completion, ModelError> =>
      Effect.flatMap(Effect.flatMap(encode(request, false), to.whole.json), ({ facts, json }) => {
        const answer = new Answer(to.whole, facts, Request.answerTool(request, family))
        if (answer.draft.add(json) === undefined || !answer.draft.isBegun) return Effect.fail(answer.malformed(json))
        return Effect.succeed(answer.draft.completion(model, facts))
      })

    const parts = (
      { events, facts }: Endpoint.EventAnswer,
      answerTool: string | undefined
    ): Stream.Stream<StreamPart, ModelError> =>
      Reader.through(events, (): Reader.Reader<Endpoint.SseEvent, StreamPart, ModelError> => {
        const answer = new Answer(to.stream, facts, answerTool)
        return { read: (some) => answer.read(some), end: () => answer.end(model) }
      })

    return {
      ref: `${vendor.id}/${model}`,
      wire,
      complete,
      stream: (request) =>
        Stream.unwrap(
          Effect.map(Effect.flatMap(encode(request, true), to.stream.events), (answer) =>
            parts(answer, Request.answerTool(request, family))
          )
        )
    }
  })
}

/** The model as the program's one `ChatModel`. */
export const layer = (options: Options): Layer.Layer<ChatModel, never, HttpClient> =>
  Layer.effect(ChatModel, make(options))

type Found = Pick<Options, "apiKey" | "baseUrl">

/** The vendor's key and base URL by its variables. A missing key is a `ConfigError` that names the variable. */
export const config = (vendor: Vendor = anthropic): Config.Config<Found> => {
  const key = Config.map(Config.NonEmptyString(vendor.apiKey.variable), (it) => Redacted.make(it))
  return Config.all({
    apiKey: vendor.apiKey.optional ? Config.option(key) : Config.map(key, Option.some),
    baseUrl: Config.NonEmptyString(vendor.baseUrlVariable).pipe(Config.withDefault(vendor.baseUrl))
  }).pipe(Config.map(({ apiKey, baseUrl }) => ({ baseUrl, ...(Option.isSome(apiKey) && { apiKey: apiKey.value }) })))
}

/** The model with its key and base URL by the vendor's variables. */
export const makeConfig = (options: Chosen): Effect.Effect<ChatModel<ModelError>, Config.ConfigError, HttpClient> =>
  Effect.flatMap(config(options.vendor), (found) => make({ ...options, ...found }))

/** The model as the program's one `ChatModel`, with its key and base URL by the vendor's variables. */
export const layerConfig = (options: Chosen): Layer.Layer<ChatModel, Config.ConfigError, HttpClient> =>
  Layer.effect(ChatModel, makeConfig(options))
