/**
 * Cohere, or a deployment of one's own. Read on 2026-11-29: the source of cohere-ai 8.1 (address, `CO_API_KEY`),
 * docs.cohere.com/docs/rate-limits (trial keys have limits of their own, which answers state in headers). Other
 * libraries read `COHERE_API_KEY`.
 */
import type * as LimitHeaders from "@consortium/wire/LimitHeaders"

/** What is to know of an address that speaks the wire. */
export interface Vendor {
  /** As users name it in `vendor/model`. */
  readonly id: string
  /** `/v2/chat` is added. */
  readonly baseUrl: string
  /** The variable that overrides `baseUrl`. */
  readonly baseUrlVariable: string
  /** The variable that holds the key, those that win over it, and whether calls may go without one. */
  readonly apiKey: {
    readonly variable: string
    readonly preferred: ReadonlyArray<string>
    readonly optional: boolean
  }
  /** Headers that may hold the request's id, the first present one wins. */
  readonly requestIdHeaders: ReadonlyArray<string>
  /** Headers that state limits. */
  readonly limitHeaders: LimitHeaders.Names
}

export const cohere: Vendor = {
  id: "cohere",
  baseUrl: "https://api.cohere.com",
  baseUrlVariable: "COHERE_BASE_URL",
  apiKey: { variable: "COHERE_API_KEY", preferred: ["CO_API_KEY"], optional: false },
  requestIdHeaders: ["x-debug-trace-id", "x-request-id"],
  limitHeaders: {
    requestsLimit: ["x-trial-endpoint-call-limit", "x-ratelimit-limit"],
    requestsRemaining: ["x-trial-endpoint-call-remaining", "x-ratelimit-remaining"],
    requestsResetMillis: ["x-ratelimit-reset"],
    tokensLimit: [],
    tokensRemaining: [],
    tokensResetMillis: []
  }
}
