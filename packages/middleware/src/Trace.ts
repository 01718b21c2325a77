/** Spans and metrics in OpenTelemetry's words for generative AI (semantic conventions 1.37); never a prompt's or an answer's text. */
import type { Call, CallFailure, Middleware } from "@consortium/core/Call"
import type { ChatRequest } from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import type { Batch } from "@consortium/core/Embedder"
import type { NonEmpty } from "@consortium/core/NonEmpty"
import { record } from "@consortium/core/Receipt"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import * as Result from "effect/Result"
import { wordOf } from "./internal/blame.js"

type Attributes = Readonly<Record<string, string | number | boolean | ReadonlyArray<string>>>

/** How one kind of call is described. */
export interface Described<in I, in A> {
  readonly operation: "chat" | "embeddings"
  readonly provider: string
  readonly model: string
  readonly asked: (input: I) => Attributes
  readonly answered: (answer: A) => Attributes
  readonly tokens: (answer: A) => { readonly input?: number | undefined; readonly output?: number | undefined }
}

export interface Options {
  /** The vendor in OpenTelemetry's words, where they differ from ours. @default the part of `ref` before `/` */
  readonly provider?: string
}

const powers = (first: number, factor: number, count: number) =>
  Array.from({ length: count }, (_, index) => first * factor ** index)

/** The buckets that the conventions ask for. */
const duration = Metric.histogram("gen_ai.client.operation.duration", {
  description: "GenAI operation duration, in seconds, repeats and waits included",
  boundaries: powers(0.01, 2, 14)
})
const usage = Metric.histogram("gen_ai.client.token.usage", {
  description: "Input and output tokens of a GenAI operation",
  boundaries: powers(1, 4, 14)
})

/** A stack trace would cost more than the rest, and show only our own lines. */
const unlocated = { captureStackTrace: false } as const

const dimensions = <I, A>(of: Described<I, A>): Record<string, string> => ({
  "gen_ai.operation.name": of.operation,
  "gen_ai.provider.name": of.provider,
  "gen_ai.request.model": of.model
})

const present = (attributes: Readonly<Record<string, Attributes[string] | undefined>>): Attributes => {
  const out: Record<string, Attributes[string]> = {}
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) out[name] = value
  return out
}

/**
 * A client span `chat model` around the whole call, with what was asked for, answered and paid, and the two client
 * metrics. The outermost middleware. Without it nothing is made, measured or looked up.
 */
export const traceCall =
  <I, A>(of: Described<I, A>): Middleware<never, never, I, A> =>
  <I0 extends I, A0 extends A, E extends CallFailure, R>(call: Call<I0, A0, E, R>): Call<I0, A0, E, R> => {
    const fixed = dimensions(of)
    const recorded = record(call)
    return (input) =>
      recorded(input).pipe(
        Effect.flatMap(([outcome, receipt]): Effect.Effect<A0, E> => {
          const failed = Result.isFailure(outcome) ? { "error.type": wordOf(outcome.failure) } : undefined
          const told: Attributes = {
            ...(Result.isSuccess(outcome) ? of.answered(outcome.success) : failed),
            ...present({
              "consortium.attempts": receipt.attempts,
              "consortium.waited_ms": receipt.waitedMillis,
              "consortium.cached": receipt.cached,
              "consortium.cost_usd": receipt.usd
            })
          }
          const measured: Array<Effect.Effect<void>> = [
            Metric.update(Metric.withAttributes(duration, { ...fixed, ...failed }), receipt.millis / 1000)
          ]
          // What was stored is not used again.
          if (Result.isSuccess(outcome) && !receipt.cached) {
            for (const [type, count] of Object.entries(of.tokens(outcome.success))) {
              if (count === undefined) continue
              measured.push(Metric.update(Metric.withAttributes(usage, { ...fixed, "gen_ai.token.type": type }), count))
            }
          }
          return Effect.annotateCurrentSpan(told).pipe(
            Effect.andThen(Effect.all(measured, { discard: true })),
            Effect.andThen(Effect.fromResult(outcome))
          )
        }),
        Effect.withSpan(
          `${of.operation} ${of.model}`,
          { kind: "client", attributes: { ...fixed, ...of.asked(input) } },
          unlocated
        )
      )
  }

const endOf = <A, E extends CallFailure>(exit: Exit.Exit<A, E>): Attributes => {
  if (exit._tag === "Success") return {}
  const failed = exit.cause.reasons.find(Cause.isFailReason)
  return { "error.type": failed === undefined ? "interrupted" : wordOf(failed.error) }
}

/** A span `attempt` around each attempt, within the call's. The innermost middleware. */
export const traceAttempt: Middleware = (call) => (input) =>
  Effect.suspend(() => call(input)).pipe(
    Effect.onExit((exit) => Effect.annotateCurrentSpan(endOf(exit))),
    Effect.withSpan("attempt", { kind: "internal" }, unlocated)
  )

const named = (ref: string, options: Options) => {
  const slash = ref.indexOf("/")
  return { provider: options.provider ?? ref.slice(0, Math.max(0, slash)), model: ref.slice(slash + 1) }
}

/** How a chat model's calls are described, by its `ref`. */
export const chatDescribed = (ref: string, options: Options = {}): Described<ChatRequest, Completion> => ({
  operation: "chat",
  ...named(ref, options),
  asked: (request) =>
    present({
      "gen_ai.request.max_tokens": request.maxTokens,
      "gen_ai.request.temperature": request.temperature,
      "gen_ai.request.top_p": request.topP,
      "gen_ai.request.top_k": request.topK,
      "gen_ai.request.presence_penalty": request.presencePenalty,
      "gen_ai.request.frequency_penalty": request.frequencyPenalty,
      "gen_ai.request.seed": request.seed,
      "gen_ai.output.type": request.responseSchema === undefined ? undefined : "json"
    }),
  answered: (completion) =>
    present({
      "gen_ai.response.model": completion.model,
      "gen_ai.response.id": completion.id,
      "gen_ai.response.finish_reasons": [completion.finish.raw ?? completion.finish.kind],
      "gen_ai.usage.input_tokens": completion.usage.inputTokens,
      "gen_ai.usage.output_tokens": completion.usage.outputTokens
    }),
  tokens: ({ usage: { inputTokens, outputTokens } }) => ({ input: inputTokens, output: outputTokens })
})

/** How an embedder's calls are described, by its `ref`. */
export const embedDescribed = (ref: string, options: Options = {}): Described<NonEmpty<string>, Batch> => ({
  operation: "embeddings",
  ...named(ref, options),
  asked: (texts) => ({ "consortium.batch_size": texts.length }),
  answered: (batch) =>
    present({
      "gen_ai.response.model": batch.space.model,
      "gen_ai.embeddings.dimension.count": batch.space.dimension,
      "gen_ai.usage.input_tokens": batch.inputTokens
    }),
  tokens: (batch) => ({ input: batch.inputTokens })
})
