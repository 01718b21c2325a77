/**
 * What AWS says of a failure: the exception's name in `x-amzn-errortype`, perhaps with an address behind it, or in the
 * body's `__type`; the words in `message`. Names and statuses are those of the types of
 * @aws-sdk/client-bedrock-runtime 3.1164 and of docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html.
 */
import * as ErrorWords from "@consortium/wire/ErrorWords"
import * as Predicate from "effect/Predicate"

/** The header that names the exception. */
const typeHeader = "x-amzn-errortype"

/** In small letters, since frames spell names with a small first one. A status is for exceptions inside a good answer. */
const exceptions: Readonly<Record<string, { readonly status: number; readonly code?: string }>> = {
  accessdeniedexception: { status: 403 },
  expiredtokenexception: { status: 403, code: "authentication_error" },
  incompletesignatureexception: { status: 403, code: "authentication_error" },
  invalidsignatureexception: { status: 403, code: "authentication_error" },
  missingauthenticationtokenexception: { status: 403, code: "authentication_error" },
  unrecognizedclientexception: { status: 403, code: "authentication_error" },
  internalserverexception: { status: 500 },
  modelerrorexception: { status: 424 },
  modelnotreadyexception: { status: 429, code: "overloaded" },
  modelstreamerrorexception: { status: 424 },
  modeltimeoutexception: { status: 408 },
  resourcenotfoundexception: { status: 404 },
  servicequotaexceededexception: { status: 400, code: "quota_exhausted" },
  serviceunavailableexception: { status: 503 },
  throttlingexception: { status: 429 },
  validationexception: { status: 400 }
}

/** Meanings that only the words tell, as codes that `ErrorReason` knows. */
const meanings: ReadonlyArray<readonly [RegExp, string]> = [
  [/input is too long|input tokens exceeded|exceeds? maximum length|too many input tokens/i, "context_length_exceeded"],
  [/model identifier is invalid/i, "invalid_model"],
  [/make sure your api key is valid|api key .{0,20}expired/i, "authentication_error"],
  [/blocked by (content filtering policy|guardrail)/i, "content_filter"]
]

const text = (value: unknown): string => (typeof value === "string" ? value : "")

/** `ValidationException:http://…`, `com.amazon#ValidationException` → `ValidationException` */
const nameOf = (type: string): string => type.slice(type.lastIndexOf("#") + 1).split(":")[0] ?? ""

const scopeOf = (message: string): "tokens" | "requests" | undefined =>
  /too many tokens/i.test(message) ? "tokens" : /too many requests/i.test(message) ? "requests" : undefined

export const read: ErrorWords.ErrorReader = (body, headers) => {
  const words = ErrorWords.read(body)
  const fields = Predicate.isObject(body) ? body : {}
  const name = nameOf(headers?.[typeHeader] ?? text(fields.__type))
  const message = words?.message ?? text(fields.Message)
  if (message === "" && name === "") return words
  const known = Object.hasOwn(exceptions, name.toLowerCase()) ? exceptions[name.toLowerCase()] : undefined
  const code = meanings.find(([says]) => says.test(message))?.[1] ?? known?.code
  const type = scopeOf(message)
  return {
    ...words,
    message: message === "" ? name : message,
    ...(code !== undefined && { code }),
    ...(type !== undefined && { type }),
    ...(known !== undefined && { status: known.status })
  }
}
