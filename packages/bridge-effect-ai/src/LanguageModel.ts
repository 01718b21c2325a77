/** Language models of `effect/ai` as ours, and ours as language models of `effect/ai`. */
import type { CallFailure } from "@consortium/core/Call"
import * as ChatModel from "@consortium/core/ChatModel"
import { ModelError } from "@consortium/core/ModelError"
import { CallLog, type CallEvent, fromEvents, record } from "@consortium/core/Receipt"
import { told } from "@consortium/wire/Marks"
import { Pieces } from "@consortium/wire/Pieces"
import * as Reader from "@consortium/wire/Reader"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { Answer, type Said } from "./internal/answer.js"
import * as asking from "./internal/asking.js"
import { type AiError, Languages, Models, type Responses } from "./internal/effectAi.js"
import * as errors from "./internal/errors.js"
import * as requests from "./internal/request.js"
import { ending, parts, spelled } from "./internal/toParts.js"

/**
 * What `effect/ai` has no words for: temperature, longest answer, seed, effort … A model of ours reads it in the fiber's
 * context; `fromLanguageModel` sets it to what a request says.
 */
export const CurrentSampling = Context.Reference<ChatModel.Sampling & Pick<ChatModel.ChatRequest, "sample">>(
  "@consortium/bridge-effect-ai/CurrentSampling",
  { defaultValue: () => ({}) }
)

export interface FromOptions {
  /** `vendor/model`, since a language model does not know its name; answers, prices and stores call it so. */
  readonly ref: string
  /**
   * Says a request's sampling in the provider's own words, mostly by its `withConfigOverride`.
   * @default nothing: `effect/ai` itself has no temperature, no seed and no longest answer
   */
  readonly configure?: (
    request: ChatModel.ChatRequest
  ) => <A, E, R>(call: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

const unchanged =
  () =>
  <A, E, R>(call: Effect.Effect<A, E, R>) =>
    call

const samplingOf = ({
  messages: _messages,
  responseSchema: _schema,
  toolChoice: _choice,
  tools: _tools,
  ...sampling
}: ChatModel.ChatRequest) => sampling

/**
 * Any language model of `effect/ai` as a member or a judge. Tools are offered and never run; answers in a schema are
 * asked for as objects, and streamed as a whole, since `effect/ai` streams texts only.
 */
export const fromLanguageModel = (
  model: Languages.LanguageModel,
  { configure = unchanged, ref }: FromOptions
): ChatModel.ChatModel<ModelError> => {
  const at = ref.indexOf("/")
  const who = { vendor: ref.slice(0, Math.max(0, at)) || "effect-ai", model: ref.slice(at + 1) }

  const failed = (error: AiError.AiError) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.fail(errors.fromAiError(who, error, now)))

  const generate = (request: ChatModel.ChatRequest): Effect.Effect<ReadonlyArray<Said>, ModelError> => {
    const options = asking.options(request)
    const { responseSchema } = request
    const contentOf = <A extends Said>({ content }: { readonly content: ReadonlyArray<A> }) => content
    if (responseSchema === undefined) return Effect.catch(Effect.map(model.generateText(options), contentOf), failed)
    const schema = asking.schema(responseSchema.schema)
    if (Result.isFailure(schema)) return Effect.fail(errors.refused(who, `this schema: ${schema.failure}`))
    const named = { ...options, objectName: responseSchema.name, schema: schema.success }
    return Effect.catch(Effect.map(model.generateObject(named), contentOf), failed)
  }

  const complete = Effect.fnUntraced(function* (request: ChatModel.ChatRequest) {
    const clock = yield* Clock.Clock
    const content = yield* configure(request)(generate(request)).pipe(
      Effect.provideService(CurrentSampling, samplingOf(request))
    )
    const answer = new Answer(who, () => clock.currentTimeMillisUnsafe())
    const { fault } = answer.read(content)
    const { completion } = answer
    if (fault !== undefined) return yield* fault
    return completion instanceof ModelError ? yield* completion : completion
  })

  const stream = (request: ChatModel.ChatRequest): Stream.Stream<ChatModel.StreamPart, ModelError> =>
    Stream.unwrap(
      configure(request)(
        Effect.gen(function* () {
          const context = yield* Effect.context<never>()
          const clock = yield* Clock.Clock
          const now = () => clock.currentTimeMillisUnsafe()
          const said = model.streamText(asking.options(request)).pipe(
            Stream.mapError((error) => errors.fromAiError(who, error, now())),
            Stream.provideContext(Context.add(context, CurrentSampling, samplingOf(request)))
          )
          return Reader.through(said, () => {
            const answer = new Answer(who, now)
            return { read: (some) => answer.read(some), end: () => answer.done() }
          })
        })
      )
    )

  const whole = ChatModel.make({ ref, wire: `effect-ai.${who.vendor}`, complete })
  return {
    ...whole,
    stream: (request) => (request.responseSchema === undefined ? stream(request) : whole.stream(request))
  }
}

/** A model of `effect/ai` that knows its name, for as long as the scope is open. */
export const fromModel = <Provider, Provides, R>(
  model: Models.Model<Provider, Provides | Languages.LanguageModel, R>,
  options: Partial<FromOptions> = {}
): Effect.Effect<ChatModel.ChatModel<ModelError>, never, R | Scope.Scope> =>
  Effect.map(Layer.build(model), (built) => {
    const context: Context.Context<Languages.LanguageModel | Models.ProviderName | Models.ModelName> = built
    const ref = `${Context.get(context, Models.ProviderName)}/${Context.get(context, Models.ModelName)}`
    return fromLanguageModel(Context.get(context, Languages.LanguageModel), { ref, ...options })
  })

/** What a provider of `effect/ai` is asked, as our request; what can't be asked fails in its words. */
const asked = (options: Languages.ProviderOptions, method: string) =>
  Effect.flatMap(CurrentSampling, (sampling) =>
    Effect.try({
      try: () => requests.read(options, sampling),
      catch: (error) => errors.unasked(error, "LanguageModel", method)
    })
  )

/** A model of ours, also a whole consortium, for `generateText`, `streamText` and `generateObject` of `effect/ai`. */
export const languageModel = <E extends CallFailure>(
  model: ChatModel.ChatModel<E>
): Effect.Effect<Languages.LanguageModel> =>
  Languages.make({
    supportsSystemMessagesInHistory: Effect.succeed(true),
    generateText: Effect.fnUntraced(function* (options) {
      const request = yield* asked(options, "generateText")
      const [outcome, receipt] = yield* record(model.complete)(request)
      if (Result.isSuccess(outcome)) return parts(outcome.success, told(model.ref, receipt))
      return yield* errors.toAiError(outcome.failure, "LanguageModel", "generateText")
    }),
    streamText: (options) =>
      Stream.unwrap(
        Effect.gen(function* () {
          const request = yield* asked(options, "streamText")
          const clock = yield* Clock.Clock
          const startedAt = clock.currentTimeMillisUnsafe()
          const outer = yield* CallLog
          const events: Array<CallEvent> = []
          const pieces = new Pieces()
          return model.stream(request).pipe(
            Stream.provideService(CallLog, events),
            Stream.ensuring(Effect.sync(() => outer?.push(...events))),
            Stream.mapError((failure) => errors.toAiError(failure, "LanguageModel", "streamText")),
            Stream.flatMap((part): Stream.Stream<Responses.StreamPartEncoded> => {
              if (part._tag !== "Done") return Stream.fromIterable(pieces.add(part).map(spelled))
              const receipt = fromEvents(events, startedAt, clock.currentTimeMillisUnsafe())
              return Stream.fromIterable([
                ...pieces.done(part.completion).map(spelled),
                ...ending(part.completion, told(model.ref, receipt))
              ])
            })
          )
        })
      )
  })

/** A model of ours as the program's `LanguageModel`, with its names for records. */
export const layer = <E extends CallFailure>(
  model: ChatModel.ChatModel<E>
): Layer.Layer<Languages.LanguageModel | Models.ProviderName | Models.ModelName> => {
  const at = model.ref.indexOf("/")
  return Models.make(
    model.ref.slice(0, Math.max(0, at)) || "consortium",
    model.ref.slice(at + 1),
    Layer.effect(Languages.LanguageModel, languageModel(model))
  )
}
