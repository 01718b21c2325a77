/**
 * What Google says of a failure: `google.rpc.Status` with details (cloud.google.com/apis/design/errors), alone or as the
 * only element of an array.
 */
import * as ErrorWords from "@consortium/wire/ErrorWords"
import * as Predicate from "effect/Predicate"

type Fields = Readonly<Record<PropertyKey, unknown>>

/** HTTP statuses of google.rpc.Code, for errors inside a good answer that state no other. */
const statuses: Readonly<Record<string, number>> = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  OUT_OF_RANGE: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ABORTED: 409,
  ALREADY_EXISTS: 409,
  RESOURCE_EXHAUSTED: 429,
  CANCELLED: 499,
  INTERNAL: 500,
  UNKNOWN: 500,
  DATA_LOSS: 500,
  UNIMPLEMENTED: 501,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504
}

/** Meanings that only the words tell, as codes that `ErrorReason` knows. */
const meanings: ReadonlyArray<readonly [RegExp, string]> = [
  [/input token count.{0,60}(exceeds the maximum|only supports)/i, "context_length_exceeded"],
  [/unregistered callers|api key was reported as leaked/i, "api_key_invalid"],
  // Some models have no free quota at all: there is nothing to wait for.
  [/\blimit: 0(?!\.?\d)/i, "quota_exhausted"]
]

const text = (value: unknown): string => (typeof value === "string" ? value : "")
const list = (value: unknown): ReadonlyArray<Fields> => (Array.isArray(value) ? value.filter(Predicate.isObject) : [])
const ofType = (details: ReadonlyArray<Fields>, type: string): ReadonlyArray<Fields> =>
  details.filter((detail) => text(detail["@type"]).endsWith(`google.rpc.${type}`))

/** `34.4s`, the JSON of a google.protobuf.Duration. */
const millis = (duration: unknown): number | undefined => {
  const seconds = /^(\d+(?:\.\d+)?)s$/.exec(text(duration))?.[1]
  return seconds === undefined ? undefined : Math.round(Number(seconds) * 1000)
}

/** What the quotas that were used up count; nothing where they count both or neither. */
const scopeOf = (details: ReadonlyArray<Fields>): "tokens" | "requests" | undefined => {
  const violations = ofType(details, "QuotaFailure").flatMap((failure) => list(failure.violations))
  const counts = violations.map((it) => `${text(it.quotaId)} ${text(it.quotaMetric)} ${text(it.subject)}`)
  const tokens = counts.some((it) => /token/i.test(it))
  const requests = counts.some((it) => /request/i.test(it) && !/token/i.test(it))
  if (tokens === requests) return undefined
  return tokens ? "tokens" : "requests"
}

const statusOf = (error: Fields): number | undefined => {
  const word = text(error.status)
  return Object.hasOwn(statuses, word) ? statuses[word] : undefined
}

export const read: ErrorWords.ErrorReader = (body) => {
  const words = ErrorWords.read(body)
  const first = Array.isArray(body) ? body[0] : body
  if (words === undefined || !Predicate.isObject(first) || !Predicate.isObject(first.error)) return words
  const { error } = first
  const details = list(error.details)
  const reason = ofType(details, "ErrorInfo")
    .map((info) => text(info.reason))
    .find((it) => it !== "")
  const code = meanings.find(([says]) => says.test(words.message))?.[1] ?? reason
  const type = scopeOf(details)
  const status = words.status ?? statusOf(error)
  const retryAfterMillis = ofType(details, "RetryInfo")
    .map((info) => millis(info.retryDelay))
    .find((it) => it !== undefined)
  return {
    ...words,
    ...(code !== undefined && { code }),
    ...(type !== undefined && { type }),
    ...(status !== undefined && { status }),
    ...(retryAfterMillis !== undefined && { retryAfterMillis })
  }
}
