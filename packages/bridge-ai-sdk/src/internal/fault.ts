/** From whatever an AI SDK model throws or streams as an error to the one error of a vendor call. */
import { AISDKError, APICallError } from "@ai-sdk/provider"
import * as ModelError from "@consortium/core/ModelError"
import * as BoundedJson from "@consortium/wire/BoundedJson"
import * as ErrorReason from "@consortium/wire/ErrorReason"
import * as ErrorWords from "@consortium/wire/ErrorWords"
import * as Failures from "@consortium/wire/Failures"
import * as Redaction from "@consortium/wire/Redaction"
import * as RequestId from "@consortium/wire/RequestId"
import * as RetryAfter from "@consortium/wire/RetryAfter"
import * as Predicate from "effect/Predicate"
import { lowered } from "./headers.js"

/** Whose model failed. */
export interface Who {
  readonly vendor: string
  readonly model: string
}

interface Facts {
  readonly status?: number | undefined
  readonly requestId?: string | undefined
}

const redact = Redaction.make([])

const error = (who: Who, reason: ModelError.Reason, detail: string, { requestId, status }: Facts = {}) =>
  new ModelError.ModelError({
    vendor: who.vendor,
    model: who.model,
    reason,
    detail: Redaction.detail(detail, redact),
    ...(status !== undefined && { status }),
    ...(requestId !== undefined && { requestId })
  })

const malformed = new ModelError.MalformedOutput({})
const badRequest = new ModelError.InvalidRequest({})

/** The AI SDK's own errors by their names, `@ai-sdk/provider` 4. */
const byName: Readonly<Record<string, ModelError.Reason>> = {
  AI_JSONParseError: malformed,
  AI_TypeValidationError: malformed,
  AI_InvalidResponseDataError: malformed,
  AI_EmptyResponseBodyError: malformed,
  AI_NoContentGeneratedError: malformed,
  AI_LoadAPIKeyError: new ModelError.Authentication({}),
  AI_LoadSettingError: badRequest,
  AI_InvalidArgumentError: badRequest,
  AI_InvalidPromptError: badRequest,
  AI_UnsupportedFunctionalityError: badRequest,
  AI_TooManyEmbeddingValuesForCallError: badRequest,
  AI_NoSuchModelError: new ModelError.NotFound({}),
  AI_NoSuchProviderReferenceError: new ModelError.NotFound({}),
  TimeoutError: new ModelError.TimedOut({}),
  // Our own interruptions are never seen as errors, so this was a limit of the provider's.
  AbortError: new ModelError.TimedOut({})
}

const reasonByName = (thrown: unknown): ModelError.Reason | undefined =>
  thrown instanceof Error && Object.hasOwn(byName, thrown.name) ? byName[thrown.name] : undefined

const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : typeof thrown === "string" ? thrown : ErrorWords.plain(thrown ?? "")

/** How undici, Bun and Node name a connection that failed. */
const broken = /fetch failed|failed to fetch|terminated|socket|network|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|UND_ERR/i
const isBroken = (thrown: unknown, depth = 0): boolean =>
  thrown instanceof Error &&
  (broken.test(thrown.message) ||
    ("code" in thrown && typeof thrown.code === "string" && broken.test(thrown.code)) ||
    (depth < 4 && isBroken(thrown.cause, depth + 1)))

/** Words without a status of their own, as in the middle of a stream. */
const worded = (who: Who, said: unknown, facts: Facts = {}): ModelError.ModelError => {
  const words = ErrorWords.read({ error: said }) ?? { message: messageOf(said) }
  return error(who, ErrorReason.make(words.status ?? 200, words), words.message, {
    ...facts,
    ...(words.status !== undefined && { status: words.status })
  })
}

const ofCall = (who: Who, thrown: APICallError, now: number): ModelError.ModelError => {
  const { cause, responseBody, statusCode: status } = thrown
  const headers = lowered(thrown.responseHeaders)
  const facts = { status, requestId: RequestId.read(headers) }
  const body = BoundedJson.parse(responseBody ?? "") ?? (BoundedJson.isShallow(thrown.data) ? thrown.data : undefined)
  if (status === undefined) {
    const reason = thrown.isRetryable || isBroken(cause) ? new ModelError.Network({}) : new ModelError.Unknown({})
    return error(who, reason, thrown.message)
  }
  if (status < 400) {
    if (ErrorWords.isError(body)) {
      const words = ErrorWords.read(body) ?? { message: thrown.message }
      return error(who, ErrorReason.make(words.status ?? status, words), words.message, facts)
    }
    const lost = reasonByName(cause) ?? (isBroken(cause) ? new ModelError.Network({}) : malformed)
    return error(who, lost, `${thrown.message}: ${responseBody ?? messageOf(cause)}`, facts)
  }
  const said = responseBody === undefined || responseBody === "" ? thrown.message : responseBody
  const words = ErrorWords.read(body) ?? { message: ErrorWords.plain(said) }
  return error(who, ErrorReason.make(status, words, RetryAfter.millis(headers, now)), words.message, facts)
}

/** @param now milliseconds of `Clock`, for waits that are stated as a date */
export const fault = (who: Who, thrown: unknown, now: number): ModelError.ModelError => {
  const inner = Predicate.isObject(thrown) ? thrown.cause : undefined
  // A model of ours that went out as an AI SDK model comes home.
  for (const one of [thrown, inner]) if (one instanceof ModelError.ModelError) return one
  if (Failures.isFailure(inner)) return error(who, Failures.reasonOf(inner), inner.message)
  if (APICallError.isInstance(thrown)) return ofCall(who, thrown, now)
  const named = reasonByName(thrown) ?? (isBroken(thrown) ? new ModelError.Network({}) : undefined)
  if (named !== undefined) return error(who, named, messageOf(thrown))
  // The gateway's errors have a status of their own.
  if (Predicate.isObject(thrown) && typeof thrown.statusCode === "number") {
    const { statusCode: status } = thrown
    return error(who, ErrorReason.make(status, { message: messageOf(thrown) }), messageOf(thrown), { status })
  }
  if (!BoundedJson.isShallow(thrown)) return error(who, malformed, "an error that is nested too deep")
  const isPlain = !(thrown instanceof Error) && thrown !== undefined && thrown !== null
  if (isPlain) return worded(who, thrown)
  return error(who, new ModelError.Unknown({}), AISDKError.isInstance(thrown) ? thrown.message : messageOf(thrown))
}

/** What has to be said of an answer itself. */
export const wrong = (who: Who, detail: string): ModelError.ModelError => error(who, malformed, detail)
/** Whether a provider says that a stream ended before its time, as `@ai-sdk/openai-compatible` 3 and its like do. */
export const isCut = (thrown: unknown): boolean =>
  thrown instanceof Error && /stream ended without/i.test(thrown.message)
/** The stream's end came before its finish. */
export const early = (who: Who): ModelError.ModelError =>
  error(who, new ModelError.Network({}), "the stream ended early")
/** A request that can't be put into the AI SDK's words. */
export const refused = (who: Who, detail: string): ModelError.ModelError => error(who, badRequest, detail)
