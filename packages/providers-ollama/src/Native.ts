/** A chat model of Ollama by its own wire, `/api/chat`: with its options of sampling, context and memory. */
import { ChatModel, type ChatRequest, type StreamPart } from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import { InvalidRequest, MalformedOutput, type ModelError, Network } from "@consortium/core/ModelError"
import * as Endpoint from "@consortium/wire/Endpoint"
import type { HttpClient } from "@consortium/wire/HttpClients"
import * as Reader from "@consortium/wire/Reader"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Request from "./Request.js"
import * as Response from "./Response.js"
import { ollama } from "./Vendor.js"

/** The name of this wire, in `ChatModel.wire`. */
export const wire = "ollama.native"

export interface Options {
  /** The model, as `ollama list` names it. */
  readonly model: string
  /** Without or with `/v1` or `/api` at its end. @default "http://127.0.0.1:11434" */
  readonly baseUrl?: string
  /** For Ollama's cloud, or a gateway before a server. @default no key is sent */
  readonly apiKey?: Redacted.Redacted<string>
  /** Sent beside the wire's own; secrets among them as `Redacted`. @default {} */
  readonly headers?: Readonly<Record<string, string | Redacted.Redacted<string>>>
}

/** The address without the end that another wire of the same server has. */
const rootOf = (baseUrl: string): string =>
  baseUrl
    .replace(/\/+$/, "")
    .replace(/\/(v1|api)$/, "")
    .replace(/\/+$/, "")

const endpoint = ({ apiKey, baseUrl = ollama.baseUrl, headers, model }: Options) =>
  Endpoint.make({
    vendor: ollama.id,
    model,
    url: `${rootOf(baseUrl)}/api/chat`,
    headers: {
      ...(apiKey !== undefined && { authorization: Redacted.make(`Bearer ${Redacted.value(apiKey).trim()}`) }),
      ...headers
    }
  })

/** An answer in the making at an endpoint: what each body or line adds to it. */
class Answer {
  readonly draft = new Response.Draft()
  private readonly to: Endpoint.Endpoint
  private readonly facts: Endpoint.Facts

  constructor(to: Endpoint.Endpoint, facts: Endpoint.Facts) {
    this.to = to
    this.facts = facts
  }

  malformed(json: unknown): ModelError {
    return this.to.error(new MalformedOutput({}), `not a chat response: ${JSON.stringify(json)}`, this.facts)
  }

  /** What some lines add, up to the first fault among them. */
  read(lines: ReadonlyArray<unknown>): Reader.Step<StreamPart, ModelError> {
    const items: Array<StreamPart> = []
    for (const json of lines) {
      const said = this.draft.add(json)
      if (said === undefined) return { items, fault: this.malformed(json) }
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
    const encode = (request: ChatRequest, stream: boolean): Effect.Effect<string, ModelError> => {
      const why = Request.unsayable(request)
      return why === undefined
        ? Effect.succeed(JSON.stringify(Request.body(request, model, stream)))
        : Effect.fail(to.error(new InvalidRequest({}), why))
    }

    const complete = (request: ChatRequest): Effect.Effect<Completion, ModelError> =>
      Effect.flatMap(Effect.flatMap(encode(request, false), to.json), ({ facts, json }) => {
        const answer = new Answer(to, facts)
        return answer.draft.add(json) === undefined
          ? Effect.fail(answer.malformed(json))
          : Effect.succeed(answer.draft.completion(model, facts))
      })

    const parts = ({ facts, lines }: Endpoint.LineAnswer): Stream.Stream<StreamPart, ModelError> =>
      Reader.through(lines, (): Reader.Reader<unknown, StreamPart, ModelError> => {
        const answer = new Answer(to, facts)
        return { read: (some) => answer.read(some), end: () => answer.end(model) }
      })

    return {
      ref: `${ollama.id}.native/${model}`,
      wire,
      complete,
      stream: (request) => Stream.unwrap(Effect.map(Effect.flatMap(encode(request, true), to.lines), parts))
    }
  })

/** The model as the program's one `ChatModel`. */
export const layer = (options: Options): Layer.Layer<ChatModel, never, HttpClient> =>
  Layer.effect(ChatModel, make(options))

/** `OLLAMA_BASE_URL` and `OLLAMA_API_KEY`, both optional. */
export const config: Config.Config<Pick<Options, "apiKey" | "baseUrl">> = Config.all({
  apiKey: Config.option(Config.map(Config.NonEmptyString(ollama.apiKey.variable), (it) => Redacted.make(it))),
  baseUrl: Config.NonEmptyString(ollama.baseUrlVariable).pipe(Config.withDefault(ollama.baseUrl))
}).pipe(Config.map(({ apiKey, baseUrl }) => ({ baseUrl, ...(Option.isSome(apiKey) && { apiKey: apiKey.value }) })))

/** The model with its key and base URL by the variables. */
export const makeConfig = (
  options: Pick<Options, "model" | "headers">
): Effect.Effect<ChatModel<ModelError>, Config.ConfigError, HttpClient> =>
  Effect.flatMap(config, (found) => make({ ...options, ...found }))

/** The model as the program's one `ChatModel`, with its key and base URL by the variables. */
export const layerConfig = (
  options: Pick<Options, "model" | "headers">
): Layer.Layer<ChatModel, Config.ConfigError, HttpClient> => Layer.effect(ChatModel, makeConfig(options))
