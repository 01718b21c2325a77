/** What vendors say about their limits in headers, in the grammars that they use for times. */
import type { LimitFacts } from "@consortium/core/Completion"

type Fact = keyof LimitFacts

/** The headers that may state each fact, the first present one wins. */
export type Names = Readonly<Record<Fact, ReadonlyArray<string>>>

/** The names that most vendors share. */
export const names: Names = {
  requestsLimit: ["x-ratelimit-limit-requests", "x-ratelimit-limit", "x-ratelimit-limit-req-minute"],
  requestsRemaining: ["x-ratelimit-remaining-requests", "x-ratelimit-remaining", "x-ratelimit-remaining-req-minute"],
  requestsResetMillis: ["x-ratelimit-reset-requests", "x-ratelimit-reset"],
  tokensLimit: ["x-ratelimit-limit-tokens", "x-ratelimit-limit-tokens-minute"],
  tokensRemaining: ["x-ratelimit-remaining-tokens", "x-ratelimit-remaining-tokens-minute"],
  tokensResetMillis: ["x-ratelimit-reset-tokens"]
}

const unitMillis: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000
}
const durationPart = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/gy

/** Milliseconds of a Go duration (`6m0s`, `17.39s`, `4ms`), the grammar of `time.ParseDuration`. */
const goDuration = (text: string): number | undefined => {
  let total = 0
  durationPart.lastIndex = 0
  let end = 0
  for (let part = durationPart.exec(text); part !== null; part = durationPart.exec(text)) {
    total += Number(part[1]) * (unitMillis[part[2] ?? ""] ?? 0)
    end = durationPart.lastIndex
  }
  return end > 0 && end === text.length ? total : undefined
}

/** Bare numbers are seconds to wait, or an epoch in seconds or milliseconds where they are as large as one. */
const reset = (text: string, now: number): number | undefined => {
  if (/^\d+(\.\d+)?$/.test(text)) {
    const value = Number(text)
    if (value > 1e12) return Math.max(0, value - now)
    if (value > 1e9) return Math.max(0, value * 1000 - now)
    return value * 1000
  }
  const duration = goDuration(text)
  if (duration !== undefined) return duration
  // RFC 3339
  const at = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

const count = (text: string): number | undefined => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined)

const facts: ReadonlyArray<readonly [Fact, (text: string, now: number) => number | undefined]> = [
  ["requestsLimit", count],
  ["requestsRemaining", count],
  ["requestsResetMillis", reset],
  ["tokensLimit", count],
  ["tokensRemaining", count],
  ["tokensResetMillis", reset]
]

/** The stated facts, or nothing where there are none; `now` is in milliseconds of `Clock`. */
export const read = (
  headers: Readonly<Record<string, string | undefined>>,
  now: number,
  by: Names = names
): LimitFacts | undefined => {
  const out: { -readonly [K in Fact]?: number } = {}
  let some = false
  for (const [fact, parse] of facts) {
    for (const name of by[fact]) {
      const raw = headers[name]
      const value = raw === undefined ? undefined : parse(raw.trim(), now)
      if (value === undefined) continue
      out[fact] = value
      some = true
      break
    }
  }
  return some ? out : undefined
}
