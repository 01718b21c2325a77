/** What an AI SDK model's response headers tell: the request's id and the vendor's limits. */
import type { LimitFacts } from "@consortium/core/Completion"
import * as LimitHeaders from "@consortium/wire/LimitHeaders"
import * as RequestId from "@consortium/wire/RequestId"

/** Names in small letters, whatever a provider's own `fetch` made of them. */
export const lowered = (
  headers: Readonly<Record<string, string | undefined>> | undefined
): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]))

/** The facts of a completion that stand in its headers. @param now milliseconds of `Clock` */
export const factsOf = (
  headers: Readonly<Record<string, string | undefined>> | undefined,
  now: number
): { readonly requestId?: string; readonly limits?: LimitFacts } => {
  const known = lowered(headers)
  const requestId = RequestId.read(known)
  const limits = LimitHeaders.read(known, now)
  return { ...(requestId !== undefined && { requestId }), ...(limits !== undefined && { limits }) }
}
