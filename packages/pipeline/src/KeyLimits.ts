/** Limits that an account or key has over all of its models, as its holder knows them. */
import { type Limits, makeRateLimiter, type RateLimiter } from "@consortium/middleware/RateLimit"

/** What a key may do; the stricter of this and what the vendor's answers say counts. */
export type KeyLimit = Pick<Limits, "requestsPerMinute" | "tokensPerMinute">

/** By `vendor`, which all of its models share, or by `vendor/model`. */
export type KeyLimits = Readonly<Record<string, KeyLimit>>

const covers = (name: string, ref: string): boolean =>
  ref === name ||
  (ref.startsWith(name) && (ref[name.length] === "/" || (ref[name.length] === "." && !name.includes("/"))))

/** The name that is closest to a model's, or nothing where no limit is on it. */
export const keyOf = (limits: KeyLimits, ref: string): string | undefined =>
  Object.keys(limits)
    .filter((name) => covers(name, ref))
    .sort((a, b) => b.length - a.length)[0]

/** One limiter for each name, whoever asks. */
export const limiters = (limits: KeyLimits): ((ref: string) => { readonly rateLimit?: RateLimiter }) => {
  const made = new Map(Object.entries(limits).map(([key, limit]) => [key, makeRateLimiter({ key, ...limit })]))
  return (ref) => {
    const rateLimit = made.get(keyOf(limits, ref) ?? "")
    return rateLimit === undefined ? {} : { rateLimit }
  }
}

/** The shortest time in milliseconds that a key allows for so many requests and tokens. */
export const leastMillis = (
  { requestsPerMinute, tokensPerMinute }: KeyLimit,
  requests: number,
  tokens: number
): number => 60_000 * Math.max(requests / (requestsPerMinute ?? Infinity), tokens / (tokensPerMinute ?? Infinity))
