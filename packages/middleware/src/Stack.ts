/** The one default order of middleware, from the attempt outwards; `docs/middleware.md` has the reason for each place. */
import type { Call, CallFailure, Halted, Middleware } from "@consortium/core/Call"
import { type ChatModel, type ChatRequest, wrap } from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import type { Batch, Embedder } from "@consortium/core/Embedder"
import type { NonEmpty } from "@consortium/core/NonEmpty"
import { stated } from "@consortium/core/PriceBook"
import { attempt } from "@consortium/core/Receipt"
import type * as Duration from "effect/Duration"
import * as Budget from "./Budget.js"
import type { CircuitOpen } from "./CircuitBreaker.js"
import { chatFallback } from "./Fallback.js"
import * as Journal from "./Journal.js"
import { type Lanes, makeLane } from "./Lane.js"
import * as Price from "./Price.js"
import * as RateLimit from "./RateLimit.js"
import { type Policy, retry } from "./Retry.js"
import * as Timeout from "./Timeout.js"
import * as Trace from "./Trace.js"
import { chatMetering, embedMetering, type Metering, type Options as WorstOptions } from "./Worst.js"

/** What a stack may add to a call's own errors. */
export type StackError = Timeout.TimedOut | RateLimit.LimitExceeded | CircuitOpen | Halted

/** The options of every stack. */
export interface Options {
  /** The longest one attempt may take; a streamed one until its first part. @default 10 minutes */
  readonly timeout?: Duration.Input
  /** @default 5 attempts, 0.5 s doubled up to 30 s, full jitter */
  readonly retry?: Policy
  /** What all calls to one model share. Give the same lanes to all stacks of a program. @default an own lane */
  readonly lanes?: Lanes
  /** Shared by all calls on one key, besides the lane's own. @default none */
  readonly rateLimit?: RateLimit.RateLimiter
  /** Shared by all calls that count together, over all lanes; made by `makeConcurrency`. @default no limit */
  readonly concurrency?: Middleware
  /** A hard limit, shared by all calls that spend from it. @default no limit */
  readonly budget?: Budget.Budget
  /** What an attempt is reserved at where the request or the price leave it open. */
  readonly worst?: WorstOptions
  /** Where answers are kept. @default nowhere */
  readonly journal?: Journal.Store
  /** What the calls are for, as the journal's sums name it. @default nothing in particular */
  readonly purpose?: string
  /** @default only what the vendor itself states */
  readonly prices?: Price.Prices
  /** Spans and metrics. @default off */
  readonly trace?: Trace.Options
}

/** What a chat model's stack can be told besides; `F` is what the models of `fallback` can fail with. */
export interface ChatOptions<F extends CallFailure = never> extends Options {
  /** The longest wait for a stream's first part. @default none of its own */
  readonly firstPart?: Duration.Input
  /** The longest wait for each part after it. @default 2 minutes */
  readonly silence?: Duration.Input
  /** Asked one after the other when the model can't answer; each gets the same stack up to here. @default none */
  readonly fallback?: ReadonlyArray<ChatModel<F>>
}

const defaults = { timeout: "10 minutes", silence: "2 minutes", prices: stated } as const

const nothing: Middleware = (call) => call

/** What stands around an attempt up to the breaker, for any kind of call. */
const inner = <I, A>(
  options: Options,
  ref: string,
  metering: Metering<I, A>,
  counting: RateLimit.Counting<I, A>
): (<E extends CallFailure>(call: Call<I, A, E>) => Call<I, A, E | StackError>) => {
  const lane = options.lanes?.of(ref) ?? makeLane(ref)
  const { estimate, spent } = counting
  const traced = options.trace === undefined ? nothing : Trace.traceAttempt
  const price = Price.price(metering)
  const timeout = Timeout.timeout(options.timeout ?? defaults.timeout)
  const purse: Middleware<Halted, never, I, A> =
    options.budget === undefined ? nothing : Budget.budget(options.budget, metering)
  const rate = RateLimit.rateLimit(lane.rateLimit, counting)
  // What one model's answers say of its limits is not true of all models on the key.
  const keyRate: Middleware<RateLimit.LimitExceeded | Halted, never, I, A> =
    options.rateLimit === undefined ? nothing : RateLimit.rateLimit(options.rateLimit, { estimate, spent })
  const permit = lane.concurrency ?? nothing
  const overall = options.concurrency ?? nothing
  const hedge = lane.hedge ?? nothing
  const again = retry(options.retry, lane.retryBudget)
  const breaker: Middleware<CircuitOpen> = lane.breaker ?? nothing
  return (call) => {
    const made = timeout(price(attempt(traced(call))))
    return breaker(again(hedge(permit(overall(keyRate(rate(purse(made))))))))
  }
}

/** A chat model with the default stack around both of its verbs. */
export const chatStack =
  <F extends CallFailure = never>(options: ChatOptions<F> = {}) =>
  <E extends CallFailure>(model: ChatModel<E>): ChatModel<E | F | StackError> => {
    const prices = options.prices ?? defaults.prices
    const quick = <M extends CallFailure>(one: ChatModel<M>) => {
      const quiet = Timeout.silence(options.silence ?? defaults.silence)(one)
      return options.firstPart === undefined ? quiet : Timeout.firstPart(options.firstPart)(quiet)
    }
    const around = (ref: string) =>
      inner(options, ref, chatMetering(prices, ref, options.worst), RateLimit.chatCounting)
    const outer = <M extends CallFailure>(call: Call<ChatRequest, Completion, M>) => {
      const kept =
        options.journal === undefined ? call : Journal.chatCalls(options.journal, model, options.purpose)(call)
      const ended = Timeout.deadline<ChatRequest, Completion, M | Halted, never>(kept)
      return options.trace === undefined ? ended : Trace.traceCall(Trace.chatDescribed(model.ref, options.trace))(ended)
    }
    const others = options.fallback ?? []
    if (others.length === 0) return wrap(quick(model), (call) => outer(around(model.ref)(call)))
    const sturdy = <M extends CallFailure>(one: ChatModel<M>) => wrap(quick(one), around(one.ref))
    return wrap(chatFallback<E | F | StackError>([sturdy(model), ...others.map(sturdy)]), outer)
  }

/** An embedder with the default stack around its verb. */
export const embedStack =
  (options: Options = {}) =>
  <E extends CallFailure>(embedder: Embedder<E>): Embedder<E | StackError> => {
    const { ref } = embedder
    const metering = embedMetering(options.prices ?? defaults.prices, ref, options.worst)
    const around = inner<NonEmpty<string>, Batch>(options, ref, metering, RateLimit.embedCounting)
    const made: Embedder<E | StackError> = { ...embedder, embed: around(embedder.embed) }
    const kept = options.journal === undefined ? made : Journal.embedJournal(options.journal)(made)
    const ended = Timeout.deadline(kept.embed)
    const { trace } = options
    return { ...kept, embed: trace === undefined ? ended : Trace.traceCall(Trace.embedDescribed(ref, trace))(ended) }
  }
