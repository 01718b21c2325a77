/**
 * The doors of one model at one vendor, shared by everything that calls it: permits, rate, repeats, what is late, what
 * is down. Each model has its own, so that a slow vendor holds up nobody else's calls.
 */
import type { Middleware } from "@consortium/core/Call"
import {
  type AdaptiveConcurrency,
  makeAdaptiveConcurrency,
  type Options as AdaptiveOptions
} from "./AdaptiveConcurrency.js"
import { type CircuitOpen, makeCircuitBreaker, type Options as BreakerOptions } from "./CircuitBreaker.js"
import { makeHedge, type Options as HedgeOptions } from "./Hedge.js"
import { type Limits, makeRateLimiter, type RateLimiter } from "./RateLimit.js"
import { type BudgetOptions, makeRetryBudget, type RetryBudget } from "./Retry.js"

/** What a lane is made of. */
export interface Options {
  /** Finds the number of calls in flight; `false` leaves them to others. @default 8 at first, from 1 to 1000 */
  readonly concurrency?: AdaptiveOptions | false
  /** Requests and tokens per minute besides what the vendor says itself. @default only what the vendor says */
  readonly rateLimit?: Omit<Limits, "key">
  /** How many repeats the model may be asked for. @default 20 % of the calls and 10 a second */
  readonly retryBudget?: BudgetOptions
  /** Asks again when an answer is late, which is paid for. @default off */
  readonly hedge?: HedgeOptions
  /** Stops asking while the model is down, so that calls fail instead of waiting. @default off */
  readonly breaker?: Omit<BreakerOptions, "key">
}

export interface Lane {
  readonly concurrency: AdaptiveConcurrency | undefined
  readonly rateLimit: RateLimiter
  readonly retryBudget: RetryBudget
  readonly hedge: Middleware | undefined
  readonly breaker: Middleware<CircuitOpen> | undefined
}

/** The lane of each model, made when it is first asked for. Share the value. */
export interface Lanes {
  readonly of: (ref: string) => Lane
}

/** One lane, for the model of this `ref`. */
export const makeLane = (ref: string, options: Options = {}): Lane => ({
  concurrency: options.concurrency === false ? undefined : makeAdaptiveConcurrency(options.concurrency),
  rateLimit: makeRateLimiter({ ...options.rateLimit, key: ref }),
  retryBudget: makeRetryBudget(options.retryBudget),
  hedge: options.hedge === undefined ? undefined : makeHedge(options.hedge),
  breaker: options.breaker === undefined ? undefined : makeCircuitBreaker({ ...options.breaker, key: ref })
})

/** Lanes of one kind for all models, or of a kind for each. */
export const makeLanes = (options: Options | ((ref: string) => Options) = {}): Lanes => {
  const lanes = new Map<string, Lane>()
  return {
    of: (ref) => {
      const known = lanes.get(ref)
      if (known !== undefined) return known
      const lane = makeLane(ref, typeof options === "function" ? options(ref) : options)
      lanes.set(ref, lane)
      return lane
    }
  }
}
