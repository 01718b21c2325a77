/** Requests and tokens per minute together: estimated before, settled after, paused by the vendor's `retryAfter`. */
import type { Halted, Middleware } from "@consortium/core/Call"
import type { ChatRequest } from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import { Deadline } from "@consortium/core/Deadline"
import type { Batch } from "@consortium/core/Embedder"
import type { NonEmpty } from "@consortium/core/NonEmpty"
import { textOf } from "@consortium/core/Prompt"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import { deadlinePassed } from "./internal/deadlinePassed.js"
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

/** A token bucket in units of time: it is full again at `fullAt`, and a unit takes `each` milliseconds to come back. */
interface Bucket {
  readonly each: number
  readonly capacity: number
  fullAt: number
}

const bucket = (perMinute: number | undefined, capacity: number): Bucket => {
  if (perMinute !== undefined && !(perMinute > 0)) {
    throw new RangeError(`${perMinute} a minute is no limit that lets anything through; give a number above 0`)
  }
  const each = perMinute === undefined ? 0 : 60_000 / perMinute
  return { each, capacity: Math.max(each, each === 0 ? 0 : capacity), fullAt: -Infinity }
}

/** Milliseconds until `units` can be taken when `ahead` are taken before. More than the bucket holds needs it full. */
const untilFree = (of: Bucket, now: number, ahead: number, units: number): number =>
  Math.max(of.fullAt, now) + ahead * of.each + Math.min(units * of.each, of.capacity) - of.capacity - now

const take = (from: Bucket, now: number, units: number): void => {
  from.fullAt = Math.max(from.fullAt, now) + units * from.each
}

/** The state behind one key. Share the value: calls are counted together when they are limited by the same one. */
export interface RateLimiter {
  readonly limits: Limits
  /** Waits for a place and takes it. Whoever is interrupted while waiting has taken nothing. */
  readonly enter: (tokens: number) => Effect.Effect<void, LimitExceeded | Halted>
  /** Corrects the estimate of one call by the difference to what it took, which may be negative. */
  readonly settle: (difference: number) => void
  /** Lets nothing through until this instant, in milliseconds of `Clock`. */
  readonly pause: (until: number) => void
}

/** Makes the state of one key. Nobody overtakes: a small request waits behind a large one. */
export const makeRateLimiter = (limits: Limits): RateLimiter => {
  const burst = Duration.toMillis(limits.burst ?? defaults.burst)
  const maxWait = limits.maxWait === undefined ? Infinity : Duration.toMillis(limits.maxWait)
  const requests = bucket(limits.requestsPerMinute, burst)
  const tokens = bucket(limits.tokensPerMinute, burst)
  const turn = Semaphore.makeUnsafe(1)
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
          untilFree(requests, now, aheadRequests, 1),
          untilFree(tokens, now, aheadTokens, mine)
        )
      )
    )

  const enter = (mine: number): Effect.Effect<void, LimitExceeded | Halted> =>
    Effect.withFiber((fiber) => {
      const clock = fiber.getRef(Clock.Clock)
      const end = fiber.getRef(Deadline)
      const arrived = clock.currentTimeMillisUnsafe()

      const refusal = (now: number, millis: number): LimitExceeded | Halted | undefined => {
        if (now + millis > arrived + maxWait)
          return new LimitExceeded({ key: limits.key, waitMillis: now + millis - arrived })
        return now + millis >= end ? deadlinePassed() : undefined
      }
      const admit = (now: number) => {
        take(requests, now, 1)
        take(tokens, now, mine)
      }
      /** Who has the turn looks again whenever a settled call gives tokens back. */
      const first: Effect.Effect<void, LimitExceeded | Halted> = Effect.suspend(() => {
        const now = clock.currentTimeMillisUnsafe()
        const millis = wait(now, mine, 0, 0)
        if (millis === 0) {
          admit(now)
          return Effect.void
        }
        const refused = refusal(now, millis)
        if (refused !== undefined) return Effect.fail(refused)
        changed.closeUnsafe()
        return Effect.andThen(Effect.raceFirst(Effect.sleep(millis), changed.await), first)
      })

      const millis = wait(arrived, mine, queued.requests, queued.tokens)
      if (millis === 0 && queued.requests === 0) {
        admit(arrived)
        return Effect.void
      }
      const refused = refusal(arrived, millis)
      if (refused !== undefined) return Effect.fail(refused)
      queued.requests++
      queued.tokens += mine
      return waited("rate-limit", turn.withPermit(first)).pipe(
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
    enter,
    settle: (difference) => {
      tokens.fullAt += difference * tokens.each
      changed.openUnsafe()
    },
    pause: (until) => {
      pausedUntil = Math.max(pausedUntil, until)
    }
  }
}

/** What of a call is counted. */
export interface Counting<in I, in A> {
  /** Tokens that the call may take, asked before it. */
  readonly estimate: (input: I) => number
  /** Tokens that it took, as far as the answer says. */
  readonly spent: (answer: A) => number | undefined
}

/**
 * Lets a call through when its key has a place for it. The estimate stays booked for a call that failed or did not say
 * what it took; any error's `retryAfter` pauses the whole key.
 */
export const rateLimit =
  <I, A>(limiter: RateLimiter, counting: Counting<I, A>): Middleware<LimitExceeded | Halted, never, I, A> =>
  (call) =>
  (input) =>
    Effect.suspend(() => {
      const estimate = counting.estimate(input)
      const counted = Effect.withFiber((fiber) =>
        call(input).pipe(
          Effect.tap((answer) =>
            Effect.sync(() => {
              const spent = counting.spent(answer)
              if (spent !== undefined) limiter.settle(spent - estimate)
            })
          ),
          Effect.tapError((error) =>
            Effect.sync(() => {
              if (error.retryAfter === undefined) return
              limiter.pause(fiber.getRef(Clock.Clock).currentTimeMillisUnsafe() + Duration.toMillis(error.retryAfter))
            })
          )
        )
      )
      return Effect.andThen(limiter.enter(estimate), counted)
    })

/** Characters of English text to a token, a rule of thumb of several vendors. */
const charactersPerToken = 4
/** What is booked for an answer whose length the request does not limit. */
const answerTokens = 1024

/** Tokens of a chat call before it: a token for each 4 characters of text, and `maxTokens` or 1024 for the answer. */
export const chatEstimate = (request: ChatRequest): number => {
  let characters = 0
  for (const message of request.messages) characters += textOf(message).length
  return Math.ceil(characters / charactersPerToken) + (request.maxTokens ?? answerTokens)
}

/** Tokens of a chat call after it, where the vendor states both directions. */
export const chatSpent = ({ usage }: Completion): number | undefined =>
  usage.inputTokens === undefined || usage.outputTokens === undefined
    ? undefined
    : usage.inputTokens + usage.outputTokens

/** Tokens of an embedding call before it: a token for each 4 characters. */
export const embedEstimate = (texts: NonEmpty<string>): number => {
  let characters = 0
  for (const text of texts) characters += text.length
  return Math.ceil(characters / charactersPerToken)
}

/** Tokens of an embedding call after it, where the vendor states them. */
export const embedSpent = (batch: Batch): number | undefined => batch.inputTokens
