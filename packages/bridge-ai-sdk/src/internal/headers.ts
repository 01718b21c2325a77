/** What an AI SDK model's response headers tell: the request's id and the vendor's limits. */
import type { LimitFacts } from "@consortium/core/Completion"
import * as LimitHeaders from "@consortium/wire/LimitHeaders"

/** The id that we answer with, and that most vendors state. */
export const requestIdHeader = "x-request-id"

/** As the wires of the vendors' own packages name it. */
const requestIds = [
  "request-id",
  requestIdHeader,
  "x-generation-id",
  "x-amzn-requestid",
  "apim-request-id",
  "x-kong-request-id",
  "x-ds-trace-id",
  "x-vercel-id"
]

/** Names in small letters, whatever a provider's own `fetch` made of them. */
export const lowered = (
  headers: Readonly<Record<string, string | undefined>> | undefined
): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]))

export const requestIdOf = (headers: Readonly<Record<string, string | undefined>>): string | undefined =>
  requestIds.map((name) => headers[name]).find((id) => id !== undefined)

/** The facts of a completion that stand in its headers. @param now milliseconds of `Clock` */
export const factsOf = (
  headers: Readonly<Record<string, string | undefined>> | undefined,
  now: number
): { readonly requestId?: string; readonly limits?: LimitFacts } => {
  const known = lowered(headers)
  const requestId = requestIdOf(known)
  const limits = LimitHeaders.read(known, now)
  return { ...(requestId !== undefined && { requestId }), ...(limits !== undefined && { limits }) }
}
