/** The one default order of middleware, from the attempt outwards; the README has the reason for each place. */
import type { Call, CallFailure, Halted, Middleware } from "@consortium/core/Call"
import { type ChatModel, type ChatRequest, wrap } from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import type { Batch, Embedder } from "@consortium/core/Embedder"
import type { NonEmpty } from "@consortium/core/NonEmpty"
import { stated } from "@consortium/core/PriceBook"
import { attempt } from "@consortium/core/Receipt"
import type * as Duration from "effect/Duration"
import * as Journal from "./Journal.js"
import * as Price from "./Price.js"
import * as RateLimit from "./RateLimit.js"
import { type Policy, retry } from "./Retry.js"
import * as Timeout from "./Timeout.js"

/** What a stack may add to a call's own errors. */
export type StackError = Timeout.TimedOut | RateLimit.LimitExceeded | Halted

/** The options of every stack. */
export interface Options {
  /** The longest one attempt may take; a streamed one until its first part. @default 10 minutes */
  readonly timeout?: Duration.Input
  /** @default 5 attempts, 0.5 s doubled up to 30 s, full jitter */
  readonly retry?: Policy
  /** Shared by all calls on one key. @default no limit */
  readonly rateLimit?: RateLimit.RateLimiter
  /** Shared by all calls that count together; made by `makeConcurrency`. @default no limit */
  readonly concurrency?: Middleware
  /** Where answers are kept. @default nowhere */
  readonly journal?: Journal.Store
  /** @default only what the vendor itself states */
  readonly prices?: Price.Prices
}

/** What a chat model's stack can be told besides. */
export interface ChatOptions extends Options {
  /** The longest wait for a stream's first part. @default none of its own */
  readonly firstPart?: Duration.Input
  /** The longest wait for each part after it. @default 2 minutes */
  readonly silence?: Duration.Input
}

const defaults = { timeout: "10 minutes", silence: "2 minutes", prices: stated } as const

const nothing: Middleware = (call) => call

/** What stands around an attempt up to the journal, for any kind of call. */
const inner = <I, A>(options: Options, price: Middleware<never, never, I, A>, counting: RateLimit.Counting<I, A>) => {
  const limit: Middleware<RateLimit.LimitExceeded | Halted, never, I, A> =
    options.rateLimit === undefined ? nothing : RateLimit.rateLimit(options.rateLimit, counting)
  const permit: Middleware = options.concurrency ?? nothing
  const timeout = Timeout.timeout(options.timeout ?? defaults.timeout)
  const again = retry(options.retry)
  return <E extends CallFailure>(call: Call<I, A, E>): Call<I, A, E | StackError> =>
    again(permit(limit(timeout(price(attempt(call))))))
}

/** A chat model with the default stack around both of its verbs. */
export const chatStack =
  (options: ChatOptions = {}) =>
  <E extends CallFailure>(model: ChatModel<E>): ChatModel<E | StackError> => {
    const quiet = Timeout.silence(options.silence ?? defaults.silence)(model)
    const limited = options.firstPart === undefined ? quiet : Timeout.firstPart(options.firstPart)(quiet)
    const around = inner<ChatRequest, Completion>(
      options,
      Price.chatPrice(options.prices ?? defaults.prices, model.ref),
      {
        estimate: RateLimit.chatEstimate,
        spent: RateLimit.chatSpent
      }
    )
    return wrap<E | StackError, E | StackError>(limited, (call) => {
      const made = around(call)
      return Timeout.deadline(options.journal === undefined ? made : Journal.chatCalls(options.journal, model)(made))
    })
  }

/** An embedder with the default stack around its verb. */
export const embedStack =
  (options: Options = {}) =>
  <E extends CallFailure>(embedder: Embedder<E>): Embedder<E | StackError> => {
    const around = inner<NonEmpty<string>, Batch>(
      options,
      Price.embedPrice(options.prices ?? defaults.prices, embedder.ref),
      { estimate: RateLimit.embedEstimate, spent: RateLimit.embedSpent }
    )
    const made: Embedder<E | StackError> = { ...embedder, embed: around(embedder.embed) }
    const kept = options.journal === undefined ? made : Journal.embedJournal(options.journal)(made)
    return { ...kept, embed: Timeout.deadline(kept.embed) }
  }
