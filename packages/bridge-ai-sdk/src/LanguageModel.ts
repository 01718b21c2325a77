/** AI SDK language models as ours, and ours as AI SDK language models. */
import type {
  LanguageModelV2,
  LanguageModelV3,
  LanguageModelV3GenerateResult,
  LanguageModelV3StreamResult,
  LanguageModelV4,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamResult
} from "@ai-sdk/provider"
import type { CallFailure } from "@consortium/core/Call"
import type { ChatModel, ChatRequest } from "@consortium/core/ChatModel"
import type { ModelError } from "@consortium/core/ModelError"
import { tell } from "@consortium/core/Receipt"
import * as Reader from "@consortium/wire/Reader"
import type { Written } from "@consortium/wire/Marks"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Answer, type Streamed, whole } from "./internal/answer.js"
import * as calls from "./internal/call.js"
import * as faults from "./internal/fault.js"
import { factsOf } from "./internal/headers.js"
import { wireOf } from "./internal/wireOf.js"
import { type Served, serve } from "./internal/serve.js"
import { finish, usage } from "./internal/usage.js"

/** An AI SDK model of any version of the specification that is in use: 4 (`ai` 7), 3 (`ai` 6) or 2 (`ai` 5). */
export type AiSdkLanguageModel = LanguageModelV2 | LanguageModelV3 | LanguageModelV4

export interface FromOptions {
  /** Names the model in answers, prices and stores. @default `provider/model`, as the model itself says */
  readonly ref?: string
  /** The AI SDK's provider options for every call; a request's own stand over them. @default none */
  readonly providerOptions?: Written
}

type Generated =
  | Awaited<ReturnType<LanguageModelV2["doGenerate"]>>
  | LanguageModelV3GenerateResult
  | LanguageModelV4GenerateResult
type Opened =
  | Awaited<ReturnType<LanguageModelV2["doStream"]>>
  | LanguageModelV3StreamResult
  | LanguageModelV4StreamResult

/** A call to a model in the words of its own version. */
const opened = (
  model: AiSdkLanguageModel,
  request: ChatRequest,
  extra: calls.Extra,
  signal: AbortSignal
): PromiseLike<Opened> => {
  switch (model.specificationVersion) {
    case "v4":
      return model.doStream(calls.v4(request, extra, signal))
    case "v3":
      return model.doStream(calls.v3(request, extra, signal))
    case "v2":
      return model.doStream(calls.v2(request, extra, signal))
  }
}
const generated = (
  model: AiSdkLanguageModel,
  request: ChatRequest,
  extra: calls.Extra,
  signal: AbortSignal
): PromiseLike<Generated> => {
  switch (model.specificationVersion) {
    case "v4":
      return model.doGenerate(calls.v4(request, extra, signal))
    case "v3":
      return model.doGenerate(calls.v3(request, extra, signal))
    case "v2":
      return model.doGenerate(calls.v2(request, extra, signal))
  }
}

/** What the provider says it left out of a request is kept with the call's receipt. */
const warned = (warnings: ReadonlyArray<Schema.Json>): Effect.Effect<void> =>
  warnings.length === 0 ? Effect.void : tell({ _tag: "Note", source: "ai-sdk", data: { warnings } })

/** Warnings are plain data; the tool that one of version 2 carries is not repeated. */
const plain = (warnings: ReadonlyArray<object> | undefined): ReadonlyArray<Schema.Json> =>
  (warnings ?? []).map((warning) =>
    Object.fromEntries(
      Object.entries(warning).filter((entry): entry is [string, string] => typeof entry[1] === "string")
    )
  )

/**
 * Any AI SDK model as a member or a judge, whole and streamed. Nothing is retried here: the AI SDK retries above its
 * models, and Consortium's middleware do so instead. An interrupted call is aborted.
 */
export const fromLanguageModel = (model: AiSdkLanguageModel, options: FromOptions = {}): ChatModel<ModelError> => {
  const [provider = model.provider] = model.provider.split(".")
  const who = { vendor: model.provider, model: model.modelId }
  const extra = { provider, providerOptions: options.providerOptions }

  /** Makes a call; whatever it throws, also before it is a promise, is a `ModelError`. */
  const call = <A>(request: ChatRequest, make: (signal: AbortSignal) => PromiseLike<A>, signal?: AbortSignal) =>
    calls.areOptions(request)
      ? Effect.tryPromise({ try: async (own) => make(signal ?? own), catch: (thrown) => thrown }).pipe(
          Effect.catch((thrown) =>
            Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.fail(faults.fault(who, thrown, now)))
          )
        )
      : Effect.fail(faults.refused(who, 'providerOptions of an AI SDK model go by provider: { "openai": { … } }'))

  const complete = Effect.fnUntraced(function* (request: ChatRequest) {
    const said = yield* call(request, (signal) => generated(model, request, extra, signal))
    const now = yield* Clock.currentTimeMillis
    yield* warned(plain(said.warnings))
    return yield* Effect.try({
      try: () =>
        whole(
          said.content,
          { finish: finish(said.finishReason), usage: usage(said.usage, said.providerMetadata) },
          {
            model: said.response?.modelId ?? model.modelId,
            id: said.response?.id,
            ...factsOf(said.response?.headers, now)
          }
        ),
      catch: (thrown) => faults.wrong(who, `an answer that is none of the AI SDK's: ${String(thrown)}`)
    })
  })

  const stream = (request: ChatRequest) =>
    Stream.unwrap(
      Effect.gen(function* () {
        const control = yield* Effect.acquireRelease(
          Effect.sync(() => new AbortController()),
          (it) => Effect.sync(() => it.abort())
        )
        const clock = yield* Clock.Clock
        const now = () => clock.currentTimeMillisUnsafe()
        const said = yield* call(request, (signal) => opened(model, request, extra, signal), control.signal)
        const parts = Stream.fromReadableStream<Streamed, ModelError>({
          evaluate: () => said.stream,
          onError: (thrown) => faults.fault(who, thrown, now())
        }).pipe(Stream.tap((part) => (part.type === "stream-start" ? warned(plain(part.warnings)) : Effect.void)))
        const facts = { model: model.modelId, ...factsOf(said.response?.headers, now()) }
        return Reader.through(parts, () => {
          const answer = new Answer(who, facts, now)
          return { read: (some) => answer.read(some), end: () => answer.done() }
        })
      })
    )

  return {
    ref: options.ref ?? `${model.provider}/${model.modelId}`,
    wire: wireOf(model, options.providerOptions),
    complete,
    stream
  }
}

export interface Options {
  /** The provider's name in the AI SDK's records. @default "consortium" */
  readonly provider?: string
  /** The model's name there. @default its `ref` */
  readonly modelId?: string
  /** Addresses that the model itself can load, by media type. @default none: the AI SDK loads them and sends their bytes */
  readonly supportedUrls?: Readonly<Record<string, ReadonlyArray<RegExp>>>
  /**
   * Whether the AI SDK may try again what failed. @default only a bare vendor's error that was tried once: what comes
   * through our middleware, or from a consortium, was tried again already
   */
  readonly retry?: boolean
}

/** A model of ours, also a whole consortium, for `generateText`, `streamText` and whatever else takes an AI SDK model. */
export const languageModel = <E extends CallFailure>(model: ChatModel<E>, options: Options = {}): LanguageModelV4 => {
  const served: Served<E> = { model, retry: options.retry }
  return {
    specificationVersion: "v4",
    provider: options.provider ?? "consortium",
    modelId: options.modelId ?? model.ref,
    supportedUrls: Object.fromEntries(
      Object.entries(options.supportedUrls ?? {}).map(([type, addresses]) => [type, [...addresses]])
    ),
    ...serve(served)
  }
}
