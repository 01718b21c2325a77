/**
 * One limit for several processes, kept by Effect's `RateLimiter` in whatever store it has: Redis, or memory in tests.
 * A drop-in for `makeRateLimiter`, whose limits also hold here, so that a store that is lost loosens nothing.
 */
import type { Halted } from "@consortium/core/Call"
import { Deadline } from "@consortium/core/Deadline"
import { tell } from "@consortium/core/Receipt"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Persistent from "effect/persistence/RateLimiter"
import { deadlinePassed } from "./internal/deadlinePassed.js"
import { waited } from "./internal/waited.js"
import { LimitExceeded, type Limits, makeRateLimiter, type RateLimiter } from "./RateLimit.js"

const minute = 60_000
const defaults = { burst: "6 seconds" } as const

/** A bucket as the store wants it: so many at once, refilled in so many milliseconds. */
const bucketOf = (perMinute: number, burst: number) => {
  const limit = Math.max(1, Math.floor((perMinute * burst) / minute))
  return { limit, window: Math.ceil((limit / perMinute) * minute) }
}

/**
 * Makes the state of one key, which all processes share that give the same key and limits to the same store. What a
 * call took beyond its estimate is booked with the next call; what it took less is not given back, so the limit is kept
 * rather than used up. A store that can't be reached is told in the receipt, and this process then limits itself alone.
 */
export const makeSharedRateLimiter = (shared: Persistent.RateLimiter, limits: Limits): RateLimiter => {
  const own = makeRateLimiter(limits)
  const burst = Duration.toMillis(limits.burst ?? defaults.burst)
  const maxWait = limits.maxWait === undefined ? Infinity : Duration.toMillis(limits.maxWait)
  const { requestsPerMinute, tokensPerMinute } = limits
  const requests = requestsPerMinute === undefined ? undefined : bucketOf(requestsPerMinute, burst)
  const tokens = tokensPerMinute === undefined ? undefined : bucketOf(tokensPerMinute, burst)
  let debt = 0

  const take = (kind: string, amount: number, bucket: ReturnType<typeof bucketOf> | undefined) =>
    bucket === undefined || amount <= 0
      ? Effect.succeed(0)
      : shared
          .consume({
            algorithm: "token-bucket",
            onExceeded: "delay",
            key: `consortium:${limits.key}:${kind}`,
            tokens: amount,
            ...bucket
          })
          .pipe(
            Effect.map(({ delay }) => Duration.toMillis(delay)),
            Effect.catch((error) =>
              Effect.as(tell({ _tag: "Note", source: "shared-rate-limit", data: { lost: error.message } }), 0)
            )
          )

  const enter = (mine: number): Effect.Effect<void, LimitExceeded | Halted> =>
    Effect.gen(function* () {
      yield* own.enter(mine)
      const amount = Math.ceil(mine + debt)
      debt = 0
      const millis = Math.max(yield* take("requests", 1, requests), yield* take("tokens", amount, tokens))
      if (millis <= 0) return
      if (millis > maxWait) return yield* new LimitExceeded({ key: limits.key, waitMillis: millis })
      if ((yield* Clock.currentTimeMillis) + millis >= (yield* Deadline)) return yield* deadlinePassed()
      yield* waited("rate-limit", Effect.sleep(millis))
    })

  return {
    ...own,
    // Only the store knows what others take.
    tryEnter: () => false,
    enter,
    settle: (difference) => {
      own.settle(difference)
      debt = Math.max(0, debt + difference)
    }
  }
}
