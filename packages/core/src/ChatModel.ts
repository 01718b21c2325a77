/** A chat model as a value: what it is, and its two verbs. Many can live in one program; the tag is for programs that need exactly one. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Call, CallFailure } from "./Call.js"
import * as Completion from "./Completion.js"
import { Committed } from "./Deadline.js"
import { Message } from "./Prompt.js"

/** A tool that the model may ask to have called; `parameters` is a JSON Schema. */
export const Tool = Schema.Struct({
  name: Schema.NonEmptyString,
  description: Schema.optionalKey(Schema.String),
  parameters: Schema.Json,
  /** As on a part of a message. */
  cache: Schema.optionalKey(Schema.Literals(["short", "long"]))
})
export type Tool = typeof Tool.Type

/** The options of a request besides its messages: plain data, so that they can stand in a configuration and in a key. */
export const Sampling = Schema.Struct({
  temperature: Schema.optionalKey(Schema.Finite),
  topP: Schema.optionalKey(Schema.Finite),
  topK: Schema.optionalKey(Schema.Int),
  presencePenalty: Schema.optionalKey(Schema.Finite),
  frequencyPenalty: Schema.optionalKey(Schema.Finite),
  /** The longest answer, in tokens. */
  maxTokens: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThan(0))),
  /** Dropped by wires that have no seed. */
  seed: Schema.optionalKey(Schema.Int),
  stop: Schema.optionalKey(Schema.NonEmptyArray(Schema.String)),
  reasoningEffort: Schema.optionalKey(Schema.Literals(["none", "minimal", "low", "medium", "high", "max"])),
  /** Fields of one vendor's wire, sent as they are. */
  providerOptions: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json))
})
export type Sampling = typeof Sampling.Type

/** Plain data: with the wire and the model it is the key of journal and cache. */
export const ChatRequest = Schema.Struct({
  messages: Schema.NonEmptyArray(Message),
  tools: Schema.optionalKey(Schema.NonEmptyArray(Tool)),
  toolChoice: Schema.optionalKey(
    Schema.Union([Schema.Literals(["auto", "none", "required"]), Schema.Struct({ name: Schema.String })])
  ),
  /** Asks for an answer in this JSON Schema. */
  responseSchema: Schema.optionalKey(Schema.Struct({ name: Schema.NonEmptyString, schema: Schema.Json })),
  ...Sampling.fields,
  /** Asks for one of several answers to the same request; part of the key. @default 0 */
  sample: Schema.optionalKey(Schema.Int)
})
export type ChatRequest = typeof ChatRequest.Type

/** What a stream says. Its last part is always `Done`, with the completion that `complete` would have given. */
export type StreamPart =
  | { readonly _tag: "Text"; readonly delta: string }
  | { readonly _tag: "Reasoning"; readonly delta: string }
  | {
      readonly _tag: "ToolCall"
      readonly index: number
      readonly id?: string
      readonly name?: string
      readonly delta: string
    }
  | { readonly _tag: "Done"; readonly completion: Completion.Completion }

export interface ChatModel<out E extends CallFailure = CallFailure> {
  /** `vendor[.wire]/model`, as the user names it. */
  readonly ref: string
  /** The wire that it speaks, e.g. `openai.chat`: with `ref` and the request it makes the journal's key. */
  readonly wire: string
  readonly complete: Call<ChatRequest, Completion.Completion, E>
  readonly stream: (request: ChatRequest) => Stream.Stream<StreamPart, E>
}

/** The tag, for programs that need exactly one model. */
export const ChatModel = Context.Service<ChatModel>("@consortium/core/ChatModel")

const partsOf = (completion: Completion.Completion): ReadonlyArray<StreamPart> => [
  ...completion.parts.flatMap(
    (part, index): ReadonlyArray<StreamPart> =>
      part._tag === "ToolCall"
        ? [{ _tag: "ToolCall", index, id: part.id, name: part.name, delta: part.arguments }]
        : [{ _tag: part._tag, delta: part.text }]
  ),
  { _tag: "Done", completion }
]

/** A model from one verb or two: without `stream`, the whole answer is streamed at once. */
export const make = <E extends CallFailure>(
  verbs: Pick<ChatModel<E>, "ref" | "complete"> & Partial<Pick<ChatModel<E>, "stream" | "wire">>
): ChatModel<E> => ({
  ref: verbs.ref,
  wire: verbs.wire ?? "custom",
  complete: verbs.complete,
  stream:
    verbs.stream ??
    ((request) => Stream.flatMap(Stream.fromEffect(verbs.complete(request)), (it) => Stream.fromIterable(partsOf(it))))
})

/** A layer as a value: how a `Layer` of a model joins others in one program. */
export const fromLayer = <E, R>(layer: Layer.Layer<ChatModel, E, R>): Effect.Effect<ChatModel, E, R | Scope.Scope> =>
  Effect.map(Layer.build(layer), Context.get(ChatModel))

/**
 * Applies a middleware to both verbs. A stream is run as the call that drains it, hands its parts to the reader and
 * answers with its completion: permits are held, budgets settled and attempts counted until the last part. The first
 * attempt that hands on a part owns the stream and marks it `Committed`; a middleware that repeats it all the same
 * dies with a defect, so that no text is ever said twice.
 */
export const wrap = <E extends CallFailure, E2 extends CallFailure>(
  model: ChatModel<E>,
  middleware: (call: Call<ChatRequest, Completion.Completion, E>) => Call<ChatRequest, Completion.Completion, E2>
): ChatModel<E2> => ({
  ref: model.ref,
  wire: model.wire,
  complete: middleware(model.complete),
  stream: (request) =>
    Stream.callback<StreamPart, E2>(
      (queue) => {
        const committed = { done: false }
        let owner: object | undefined
        const drain: Call<ChatRequest, Completion.Completion, E> = (input) =>
          Effect.suspend(() => {
            if (committed.done) {
              return Effect.die(
                new Error("a middleware repeated a stream that was already being read: check Committed")
              )
            }
            const me = {}
            let done: Completion.Completion | undefined
            return model.stream(input).pipe(
              Stream.runForEach((part) => {
                if (part._tag === "Done") {
                  done = part.completion
                  return Effect.void
                }
                owner ??= me
                // A second attempt that speaks late gives up; the race goes on with the owner.
                if (owner !== me) return Effect.interrupt
                committed.done = true
                return Queue.offer(queue, part)
              }),
              Effect.flatMap(() =>
                done === undefined ? Effect.die(new Error(`${model.ref}: a stream without Done`)) : Effect.succeed(done)
              )
            )
          })
        return middleware(drain)(request).pipe(
          Effect.provideService(Committed, committed),
          // Nothing was streamed when a stored answer served.
          Effect.flatMap((completion) =>
            Queue.offerAll(queue, committed.done ? [{ _tag: "Done", completion }] : partsOf(completion))
          ),
          Effect.matchCauseEffect({
            onFailure: (cause) => Queue.failCause(queue, cause),
            onSuccess: () => Queue.end(queue)
          })
        )
      },
      { bufferSize: 16 }
    )
})
