/** Requests and tokens per minute together: as configured and as the vendor says, estimated before, settled after. */
import type { Halted, Middleware } from "@consortium/core/Call"
import type { ChatRequest } from "@consortium/core/ChatModel"
import type { Completion, LimitFacts } from "@consortium/core/Completion"
import { Deadline } from "@consortium/core/Deadline"
import type { Batch } from "@consortium/core/Embedder"
import type { NonEmpty } from "@consortium/core/NonEmpty"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Schema from "effect/Schema"
import { Bucket } from "./internal/bucket.js"
import { deadlinePassed } from "./internal/deadlinePassed.js"
import { Again, Door } from "./internal/door.js"
import { monotonic } from "./internal/monotonic.js"
import { waited } from "./internal/waited.js"

/** The next free place is further away than `maxWait`. */
export class LimitExceeded extends Schema.TaggedError<LimitExceeded>()("LimitExceeded", {
  key: Schema.String,
  /** How far away the place is, at least. */
  waitMillis: Schema.Finite
}) {
  readonly isRetryable = false
  override get message(): string {
    return `${this.key}: no free place for ${this.waitMillis} ms; ask later, allow a longer wait or raise the limit`
  }
}

export interface Limits {
  /** What the limit is on, for messages: a vendor, an account, a model. */
  readonly key: string
  /** @default no limit */
  readonly requestsPerMinute?: number
  /** @default no limit */
  readonly tokensPerMinute?: number
  /** How much may go at once after a pause: the allowance of this long, and one request at least. @default 6 seconds */
  readonly burst?: Duration.Input
  /** Fail with `LimitExceeded` instead of waiting longer than this. @default waits as long as it takes */
  readonly maxWait?: Duration.Input
}

const defaults = { burst: "6 seconds" } as const

/** The state behind one key. Share the value: calls are counted together when they are limited by the same one. */
export interface RateLimiter {
  readonly limits: Limits
  /** Takes a place if there is one at once; `now` is in milliseconds of `Clock`'s monotonic time. */
  readonly tryEnter: (tokens: number, now: number) => boolean
  /** Waits for a place and takes it. Whoever is interrupted while waiting has taken nothing. */
  readonly enter: (tokens: number) => Effect.Effect<void, LimitExceeded | Halted>
  /** Corrects the estimate of one call by the difference to what it took, which may be negative. */
  readonly settle: (difference: number) => void
  /** Lets nothing through until this instant, as in `tryEnter`. */
  readonly pause: (until: number) => void
  /** Follows what an answer says of the vendor's own limits; `now` as in `tryEnter`. */
  readonly learn: (facts: LimitFacts, now: number) => void
}

/**
 * Makes the state of one key. Nobody overtakes but an attempt that repeats one: a small request waits behind a large
 * one. Besides the configured limits it keeps those that answers tell; the stricter one counts.
 */
export const makeRateLimiter = (limits: Limits): RateLimiter => {
  const burst = Duration.toMillis(limits.burst ?? defaults.burst)
  const maxWait = limits.maxWait === undefined ? Infinity : Duration.toMillis(limits.maxWait)
  const requests = [new Bucket(limits.requestsPerMinute, burst), new Bucket(undefined, 0)] as const
  const tokens = [new Bucket(limits.tokensPerMinute, burst), new Bucket(undefined, 0)] as const
  const turn = new Door(1)
  const changed = Latch.makeUnsafe(false)
  const queued = { requests: 0, tokens: 0 }
  let pausedUntil = -Infinity

  /** Whole milliseconds, so that a sleep of them always moves the clock. */
  const wait = (now: number, mine: number, aheadRequests: number, aheadTokens: number): number =>
    Math.max(
      0,
      Math.ceil(
        Math.max(
          pausedUntil - now,
          requests[0].untilFree(now, aheadRequests, 1),
          requests[1].untilFree(now, aheadRequests, 1),
          tokens[0].untilFree(now, aheadTokens, mine),
          tokens[1].untilFree(now, aheadTokens, mine)
        )
      )
    )

  const admit = (now: number, mine: number): void => {
    for (const bucket of requests) bucket.take(now, 1)
    for (const bucket of tokens) bucket.take(now, mine)
  }
  const tryEnter = (mine: number, now: number): boolean => {
    if (queued.requests > 0 || wait(now, mine, 0, 0) > 0) return false
    admit(now, mine)
    return true
  }

  const enter = (mine: number): Effect.Effect<void, LimitExceeded | Halted> =>
    Effect.withFiber((fiber) => {
      const clock = fiber.getRef(Clock.Clock)
      const arrived = monotonic(clock)
      // The deadline is an instant of the wall clock, which may be moved; what is left of it now counts.
      const end = arrived + fiber.getRef(Deadline) - clock.currentTimeMillisUnsafe()

      const refusal = (now: number, millis: number): LimitExceeded | Halted | undefined => {
        if (now + millis > arrived + maxWait)
          return new LimitExceeded({ key: limits.key, waitMillis: now + millis - arrived })
        return now + millis >= end ? deadlinePassed() : undefined
      }
      /** Who has the turn looks again whenever a settled call gives tokens back. */
      const first: Effect.Effect<void, LimitExceeded | Halted> = Effect.suspend(() => {
        const now = monotonic(clock)
        const millis = wait(now, mine, 0, 0)
        if (millis === 0) {
          admit(now, mine)
          return Effect.void
        }
        const refused = refusal(now, millis)
        if (refused !== undefined) return Effect.fail(refused)
        changed.closeUnsafe()
        return Effect.andThen(Effect.raceFirst(Effect.sleep(millis), changed.await), first)
      })

      if (tryEnter(mine, arrived)) return Effect.void
      const millis = wait(arrived, mine, queued.requests, queued.tokens)
      const refused = refusal(arrived, millis)
      if (refused !== undefined) return Effect.fail(refused)
      queued.requests++
      queued.tokens += mine
      return waited(
        "rate-limit",
        turn.pass(undefined, fiber.getRef(Again), () => first)
      ).pipe(
        Effect.ensuring(
          Effect.sync(() => {
            queued.requests--
            queued.tokens -= mine
          })
        )
      )
    })

  return {
    limits,
    tryEnter,
    enter,
    settle: (difference) => {
      for (const bucket of tokens) bucket.giveBack(-difference)
      changed.openUnsafe()
    },
    pause: (until) => {
      pausedUntil = Math.max(pausedUntil, until)
    },
    learn: (facts, now) => {
      follow(requests[1], now, facts.requestsLimit, facts.requestsRemaining, facts.requestsResetMillis)
      follow(tokens[1], now, facts.tokensLimit, facts.tokensRemaining, facts.tokensResetMillis)
    }
  }
}

const follow = (bucket: Bucket, now: number, limit?: number, remaining?: number, resetMillis?: number): void => {
  if (limit !== undefined && remaining !== undefined && resetMillis !== undefined)
    bucket.follow(now, limit, remaining, resetMillis)
}

/** What of a call is counted. */
export interface Counting<in I, in A> {
  /** Tokens that the call may take, asked before it. */
  readonly estimate: (input: I) => number
  /** Tokens that it took, as far as the answer says. */
  readonly spent: (answer: A) => number | undefined
  /** What the answer says of the vendor's limits. @default nothing */
  readonly facts?: (answer: A) => LimitFacts | undefined
}

/**
 * Lets a call through when its key has a place for it. The estimate stays booked for a call that failed or did not say
 * what it took; any error's `retryAfter` pauses the whole key.
 */
export const rateLimit =
  <I, A>(limiter: RateLimiter, counting: Counting<I, A>): Middleware<LimitExceeded | Halted, never, I, A> =>
  (call) =>
  (input) =>
    Effect.withFiber((fiber) => {
      const clock = fiber.getRef(Clock.Clock)
      const estimate = counting.estimate(input)
      const counted = () =>
        Effect.onExit(call(input), (exit) => {
          if (exit._tag === "Success") {
            const spent = counting.spent(exit.value)
            if (spent !== undefined) limiter.settle(spent - estimate)
            const facts = counting.facts?.(exit.value)
            if (facts !== undefined) limiter.learn(facts, monotonic(clock))
          } else {
            const wait = exit.cause.reasons.find(Cause.isFailReason)?.error.retryAfter
            if (wait !== undefined) limiter.pause(monotonic(clock) + Duration.toMillis(wait))
          }
          return Effect.void
        })
      return limiter.tryEnter(estimate, monotonic(clock)) ? counted() : Effect.flatMap(limiter.enter(estimate), counted)
    })

/** Characters of English text to a token, a rule of thumb of several vendors. */
const charactersPerToken = 4
/** What is booked for an answer whose length the request does not limit. */
const answerTokens = 1024

/** Tokens of a chat call before it: a token for each 4 characters of text, and `maxTokens` or 1024 for the answer. */
export const chatEstimate = (request: ChatRequest): number => {
  let characters = 0
  for (const { parts } of request.messages) {
    for (const part of parts) if (part._tag === "Text" || part._tag === "ToolResult") characters += part.text.length
  }
  return Math.ceil(characters / charactersPerToken) + (request.maxTokens ?? answerTokens)
}

/** Tokens of a chat call after it, where the vendor states both directions. */
export const chatSpent = ({ usage }: Completion): number | undefined =>
  usage.inputTokens === undefined || usage.outputTokens === undefined
    ? undefined
    : usage.inputTokens + usage.outputTokens

/** A chat call, counted and learnt from. */
export const chatCounting: Counting<ChatRequest, Completion> = {
  estimate: chatEstimate,
  spent: chatSpent,
  facts: (completion) => completion.limits
}

/** Tokens of an embedding call before it: a token for each 4 characters. */
export const embedEstimate = (texts: NonEmpty<string>): number => {
  let characters = 0
  for (const text of texts) characters += text.length
  return Math.ceil(characters / charactersPerToken)
}

/** Tokens of an embedding call after it, where the vendor states them. */
export const embedSpent = (batch: Batch): number | undefined => batch.inputTokens

/** An embedding call, counted; batches say nothing of limits. */
export const embedCounting: Counting<NonEmpty<string>, Batch> = { estimate: embedEstimate, spent: embedSpent }
