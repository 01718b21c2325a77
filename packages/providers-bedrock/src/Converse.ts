/** A chat model of Amazon Bedrock by its Converse API, which is one wire for all its models. */
import * as Access from "@consortium/aws/Access"
import * as EventStream from "@consortium/aws/EventStream"
import * as Exceptions from "@consortium/aws/Exceptions"
import * as Region from "@consortium/aws/Region"
import * as Runtime from "@consortium/aws/Runtime"
import { ChatModel, type ChatRequest, type StreamPart } from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import { InvalidRequest, MalformedOutput, ModelError, Network } from "@consortium/core/ModelError"
import * as Endpoint from "@consortium/wire/Endpoint"
import type { HttpClient } from "@consortium/wire/HttpClients"
import * as Reader from "@consortium/wire/Reader"
import type * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { type Family, familyOf } from "./Family.js"
import * as Request from "./Request.js"
import * as Response from "./Response.js"
import { bedrock } from "./vendors/bedrock.js"

/** The name of this wire, in `ChatModel.wire`. */
export const wire = "bedrock.converse"

export interface Options {
  /** The id of a model or of an inference profile, or the ARN of either, or of a provisioned model. */
  readonly model: string
  readonly region: string
  /** By an API key or by access keys. */
  readonly access: Access.Access
  /** @default the region's */
  readonly baseUrl?: string
  /** Sent beside the wire's own; secrets among them as `Redacted`. @default {} */
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted<string>>>
  /** What the model takes; an ARN may say nothing of it. @default by the model's name */
  readonly family?: Family
}

/** What a program says where region, keys and address come from variables. */
export type Chosen = Omit<Options, "region" | "access" | "baseUrl">

const verbs = {
  whole: { path: "converse", accept: "application/json" },
  stream: { path: "converse-stream", accept: EventStream.contentType }
} as const

const endpoint = (options: Options, credentials: Endpoint.Credentials, verb: keyof typeof verbs) => {
  const { accept, path } = verbs[verb]
  const base = (options.baseUrl ?? Region.bedrockRuntime(options.region)).replace(/\/+$/, "")
  return Endpoint.make({
    vendor: bedrock.id,
    model: options.model,
    url: `${base}/model/${encodeURIComponent(options.model)}/${path}`,
    headers: { accept, ...options.headers },
    credentials,
    readError: Exceptions.read,
    requestIdHeaders: bedrock.requestIdHeaders,
    framing: EventStream.events
  })
}

/** An answer in the making at an endpoint: what each body or event adds to it, or the error that it states. */
class Answer {
  readonly draft: Response.Draft
  private readonly to: Endpoint.Endpoint
  private readonly facts: Endpoint.Facts

  constructor(to: Endpoint.Endpoint, facts: Endpoint.Facts, answerTool: string | undefined) {
    this.draft = new Response.Draft(answerTool)
    this.to = to
    this.facts = facts
  }

  private malformed(json: unknown): ModelError {
    return this.to.error(new MalformedOutput({}), `not an answer of Converse: ${JSON.stringify(json)}`, this.facts)
  }

  whole(json: unknown): ReadonlyArray<StreamPart> | ModelError {
    if (Response.isError(json)) return this.to.stated(json, this.facts)
    return this.draft.whole(json) ?? this.malformed(json)
  }

  /** What some events add, up to the first fault among them. */
  read(events: ReadonlyArray<Endpoint.SseEvent>): Reader.Step<StreamPart, ModelError> {
    const items: Array<StreamPart> = []
    for (const { event, json } of events) {
      const isWhole = event === Endpoint.wholeBody
      const said = isWhole ? this.whole(json) : (this.draft.add(event, json) ?? this.malformed(json))
      if (said instanceof ModelError) return { items, fault: said }
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
export const make = (options: Options): Effect.Effect<ChatModel<ModelError>, never, HttpClient> =>
  Effect.gen(function* () {
    const { family = familyOf(options.model), model, region } = options
    const scope = { region, service: bedrock.service }
    const credentials = yield* Access.credentials(options.access, scope, { vendor: bedrock.id, model })
    const whole = yield* endpoint(options, credentials, "whole")
    const streamed = yield* endpoint(options, credentials, "stream")

    /** The body, or why there is none. */
    const encode = (request: ChatRequest): Effect.Effect<string, ModelError> => {
      const refusal = Request.refusal(request)
      return refusal === undefined
        ? Effect.succeed(JSON.stringify(Request.body(request, family)))
        : Effect.fail(whole.error(new InvalidRequest({}), refusal))
    }

    const complete = (request: ChatRequest): Effect.Effect<Completion, ModelError> =>
      Effect.flatMap(Effect.flatMap(encode(request), whole.json), ({ facts, json }) => {
        const answer = new Answer(whole, facts, Request.answerTool(request, family))
        const said = answer.whole(json)
        return said instanceof ModelError ? Effect.fail(said) : Effect.succeed(answer.draft.completion(model, facts))
      })

    const parts = ({ events, facts }: Endpoint.EventAnswer, tool: string | undefined) =>
      Reader.through(events, (): Reader.Reader<Endpoint.SseEvent, StreamPart, ModelError> => {
        const answer = new Answer(streamed, facts, tool)
        return { read: (some) => answer.read(some), end: () => answer.end(model) }
      })

    return {
      ref: `${bedrock.id}/${model}`,
      wire,
      complete,
      stream: (request) =>
        Stream.unwrap(
          Effect.map(Effect.flatMap(encode(request), streamed.events), (answer) =>
            parts(answer, Request.answerTool(request, family))
          )
        )
    }
  })

/** The model as the program's one `ChatModel`. */
export const layer = (options: Options): Layer.Layer<ChatModel, never, HttpClient> =>
  Layer.effect(ChatModel, make(options))

/** Region, keys and address by the variables of AWS; what is missing is a `ConfigError` that names the variable. */
export const config: Config.Config<Runtime.Runtime> = Runtime.config

/** The model with its region and keys by the variables of AWS. */
export const makeConfig = (options: Chosen): Effect.Effect<ChatModel<ModelError>, Config.ConfigError, HttpClient> =>
  Effect.flatMap(config, (found) => make({ ...options, ...found }))

/** The model as the program's one `ChatModel`, with its region and keys by the variables of AWS. */
export const layerConfig = (options: Chosen): Layer.Layer<ChatModel, Config.ConfigError, HttpClient> =>
  Layer.effect(ChatModel, makeConfig(options))
