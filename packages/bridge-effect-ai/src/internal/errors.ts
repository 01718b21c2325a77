/** Failures of both sides. `effect/ai` has fewer reasons: ours travels in the metadata of theirs, and comes back. */
import type { CallFailure } from "@consortium/core/Call"
import * as ModelError from "@consortium/core/ModelError"
import * as BoundedJson from "@consortium/wire/BoundedJson"
import * as ErrorReason from "@consortium/wire/ErrorReason"
import * as ErrorWords from "@consortium/wire/ErrorWords"
import * as Failures from "@consortium/wire/Failures"
import { own } from "@consortium/wire/Marks"
import * as Redaction from "@consortium/wire/Redaction"
import * as RetryAfter from "@consortium/wire/RetryAfter"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { AiError } from "./effectAi.js"
import { plain } from "./headers.js"

/** Whose model failed. */
export interface Who {
  readonly vendor: string
  readonly model: string
}

const redact = Redaction.make([])
const encode = Schema.encodeSync(ModelError.ModelError)
const decode = Schema.decodeUnknownOption(ModelError.ModelError)

const error = (who: Who, reason: ModelError.Reason, detail: string, status?: number) =>
  new ModelError.ModelError({
    ...who,
    reason,
    detail: Redaction.detail(detail, redact),
    ...(status !== undefined && { status })
  })

export const malformed = (who: Who, detail: string) => error(who, new ModelError.MalformedOutput({}), detail)
export const refused = (who: Who, detail: string) => error(who, new ModelError.InvalidRequest({}), detail)
export const early = (who: Who) => error(who, new ModelError.Network({}), "the stream ended without a finish")

/** Ours, where it went out as theirs. */
const home = (reason: AiError.AiErrorReason): ModelError.ModelError | undefined => {
  if ("cause" in reason && reason.cause instanceof ModelError.ModelError) return reason.cause
  return "metadata" in reason ? Option.getOrUndefined(decode(reason.metadata[own])) : undefined
}

const waits = (after: Duration.Duration | undefined) =>
  after === undefined ? {} : { retryAfterMillis: Duration.toMillis(after) }

/** By their tag alone. */
const reasonOf = (of: AiError.AiErrorReason): ModelError.Reason => {
  switch (of._tag) {
    case "RateLimitError":
      return new ModelError.RateLimited({ scope: "unknown", ...waits(of.retryAfter) })
    case "QuotaExhaustedError":
      return new ModelError.QuotaExhausted({})
    case "AuthenticationError":
      return of.kind === "InsufficientPermissions" ? new ModelError.Permission({}) : new ModelError.Authentication({})
    case "ContentPolicyError":
      return new ModelError.ContentPolicy({})
    case "InternalProviderError":
      return new ModelError.ServerError({})
    case "NetworkError":
      return of.isRetryable ? new ModelError.Network({}) : new ModelError.InvalidRequest({})
    case "InvalidOutputError":
    case "InvalidResponseError":
    case "StructuredOutputError":
      return new ModelError.MalformedOutput({})
    case "UnknownError":
      return new ModelError.Unknown({})
    default:
      // What is wrong with a schema, a tool or the prompt itself.
      return new ModelError.InvalidRequest({})
  }
}

/** Their words without the advice around them. */
const detailOf = (of: AiError.AiErrorReason): string =>
  "description" in of && typeof of.description === "string" && of.description !== "" ? of.description : of.message

/** @param now milliseconds of `Clock`, for waits that are stated as a date */
export const fromAiError = (who: Who, { reason }: AiError.AiError, now: number): ModelError.ModelError => {
  const mine = home(reason)
  if (mine !== undefined) return mine
  const http = "http" in reason ? reason.http : undefined
  const { status } = http?.response ?? {}
  if (status === undefined || status < 400) return error(who, reasonOf(reason), detailOf(reason))
  // A status and the vendor's own words tell more than the tag.
  const words = ErrorWords.read(BoundedJson.parse(http?.body ?? "")) ?? { message: detailOf(reason) }
  const after = RetryAfter.millis(plain(http?.response?.headers), now)
  const stated =
    "retryAfter" in reason && reason.retryAfter !== undefined ? Duration.toMillis(reason.retryAfter) : after
  return error(who, ErrorReason.make(status, words, stated), words.message, status)
}

/** Something that a stream states as an error. */
export const fromUnknown = (who: Who, thrown: unknown, now: number): ModelError.ModelError => {
  if (AiError.isAiError(thrown)) return fromAiError(who, thrown, now)
  if (Failures.isFailure(thrown)) return error(who, Failures.reasonOf(thrown), thrown.message)
  if (thrown instanceof Error) return error(who, new ModelError.Unknown({}), thrown.message)
  if (!BoundedJson.isShallow(thrown)) return malformed(who, "an error that is nested too deep")
  const words = ErrorWords.read({ error: thrown }) ?? { message: ErrorWords.plain(thrown ?? "") }
  return error(who, ErrorReason.make(words.status ?? 200, words), words.message)
}

type Metadata = { readonly [own]?: Schema.MutableJson }

const theirs = (failure: CallFailure, metadata: Metadata): AiError.AiErrorReason => {
  const description = failure.message
  const reason = Failures.reasonOf(failure)
  switch (reason._tag) {
    case "RateLimited":
      return new AiError.RateLimitError({ metadata, retryAfter: failure.retryAfter })
    case "QuotaExhausted":
      return new AiError.QuotaExhaustedError({ metadata })
    case "Authentication":
      return new AiError.AuthenticationError({ metadata, kind: "InvalidKey", description })
    case "Permission":
      return new AiError.AuthenticationError({ metadata, kind: "InsufficientPermissions", description })
    case "ContentPolicy":
      return new AiError.ContentPolicyError({ metadata, description })
    case "InvalidRequest":
    case "ContextOverflow":
    case "NotFound":
      return new AiError.InvalidRequestError({ metadata, description })
    case "MalformedOutput":
      return new AiError.InvalidOutputError({ metadata, description })
    case "Overloaded":
    case "ServerError":
    case "TimedOut":
      return new AiError.InternalProviderError({ metadata, description })
    case "Network":
      return new AiError.NetworkError({
        reason: "TransportError",
        method: "POST",
        url: "",
        description,
        cause: failure
      })
    case "Unknown":
      return new AiError.UnknownError({ metadata, description })
  }
}

/** A failure of ours for a program of `effect/ai`; as worth a retry as it was. */
export const toAiError = (failure: CallFailure, module: string, method: string): AiError.AiError => {
  const mine = failure instanceof ModelError.ModelError ? encode(failure) : undefined
  const metadata: Metadata = mine === undefined ? {} : { [own]: JSON.parse(JSON.stringify(mine)) }
  return AiError.make({ module, method, reason: theirs(failure, metadata) })
}

/** A question that our models can't be asked. */
export const unasked = (thrown: unknown, module: string, method: string): AiError.AiError =>
  AiError.make({
    module,
    method,
    reason: new AiError.InvalidRequestError({
      description: `not supported: ${thrown instanceof Error ? thrown.message : String(thrown)}`
    })
  })
