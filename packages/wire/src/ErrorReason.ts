/** From a status and the vendor's words to the one reason that decides what happens next. */
import * as ModelError from "@consortium/core/ModelError"
import type { ErrorWords } from "./ErrorWords.js"

type Tag = ModelError.Reason["_tag"]

interface Sign {
  readonly tag: Tag
  /** Values of `code` or `type`, in small letters. */
  readonly codes: ReadonlyArray<string>
  readonly says: RegExp
}

const quota: Sign = {
  tag: "QuotaExhausted",
  codes: [
    "insufficient_quota",
    "insufficient_balance",
    "billing_error",
    "billing_hard_limit_reached",
    "quota_exhausted"
  ],
  says: /insufficient (balance|credits?|funds)|credit balance is too low|requires more credits|key limit exceeded/i
}
const context: Sign = {
  tag: "ContextOverflow",
  codes: [
    "context_length_exceeded",
    "context_window_exceeded",
    "exceed_context_size_error",
    "string_above_max_length",
    "too_many_prompt_tokens"
  ],
  says: /(maximum|exceed\w{0,5}|longer than|available)\b.{0,60}\bcontext (length|window|size)|context (length|window|size)\b.{0,40}exceed|prompt is too long|reduce the length of the (messages|prompt|input)|input \(\d+ tokens\) is too large|maximum input length|fit into the model.s context|exceeds maximum allowed token size|must have less than \d+ (tokens|characters)|too many input tokens|expected maxLength: \d+/i
}
const policy: Sign = {
  tag: "ContentPolicy",
  codes: ["content_filter", "content_policy_violation", "responsibleaipolicyviolation", "moderation_blocked"],
  says: /content management policy|content[ _]polic(y|ies)|requires moderation|\bwas flagged\b|flagged (as|for|by)/i
}
const key: Sign = {
  tag: "Authentication",
  codes: ["invalid_api_key", "api_key_invalid", "authentication_error", "unauthenticated"],
  says: /(incorrect|invalid|missing|no) api key|api key (is )?(not valid|invalid|incorrect|missing)|security token .{0,40}invalid/i
}
const model: Sign = {
  tag: "NotFound",
  codes: ["model_not_found", "model_decommissioned", "invalid_model", "unknown_model", "not_found_error"],
  says: /\bmodels?\b.{0,100}\b(not found|not exist|decommissioned)|(invalid|unknown|no such) model\b|not a valid model/i
}
/** The model's own output broke a rule that the vendor checks; another draw may keep it. */
const output: Sign = {
  tag: "MalformedOutput",
  codes: ["tool_use_failed", "json_validate_failed"],
  says: /failed to (call a function|generate json)/i
}
const busy: Sign = {
  tag: "Overloaded",
  codes: ["overloaded_error", "engine_overloaded_error", "overloaded", "service_unavailable"],
  says: /\b(engine|model|server)s? (is|are) (currently )?overloaded/i
}

/** Which signs a status lets count: a 500 that complains of a length, say, will not get better by waiting. */
const signsOf = (status: number): ReadonlyArray<Sign> => {
  if (status === 401) return [quota]
  if (status === 429) return [quota, busy]
  if (status >= 500) return [context]
  return [quota, context, policy, key, model, output]
}

/** Reasons of the statuses that have one of their own; RFC 9110, and 498, 499 and 529 as vendors use them. */
const byStatus: Readonly<Record<number, Tag>> = {
  401: "Authentication",
  402: "QuotaExhausted",
  403: "Permission",
  404: "NotFound",
  405: "NotFound",
  408: "TimedOut",
  409: "Overloaded",
  410: "NotFound",
  413: "ContextOverflow",
  424: "ServerError",
  425: "Overloaded",
  429: "RateLimited",
  498: "Overloaded",
  499: "TimedOut",
  // The server does not have what stands at this address: no other text would help.
  501: "NotFound",
  503: "Overloaded",
  504: "TimedOut",
  524: "TimedOut",
  529: "Overloaded"
}

/** For errors inside a good answer, which have no status of their own. */
const byType: Readonly<Record<string, Tag>> = {
  invalid_request_error: "InvalidRequest",
  permission_error: "Permission",
  rate_limit_error: "RateLimited",
  rate_limit_exceeded: "RateLimited",
  timeout_error: "TimedOut",
  overloaded_error: "Overloaded"
}

const tagOf = (status: number, words: ErrorWords): Tag => {
  const codes = [words.code?.toLowerCase(), words.type?.toLowerCase()].filter((code) => code !== undefined)
  const shows = (sign: Sign) => codes.some((code) => sign.codes.includes(code)) || sign.says.test(words.message)
  const sign = (status < 400 ? [quota, context, policy, key, model, output, busy] : signsOf(status)).find(shows)
  if (sign !== undefined) return sign.tag
  const stated = byStatus[status]
  if (stated !== undefined) return stated
  if (status >= 500) return "ServerError"
  if (status >= 400) return "InvalidRequest"
  // A redirect is not followed, so the address is wrong.
  if (status >= 300) return "NotFound"
  for (const code of codes) if (Object.hasOwn(byType, code)) return byType[code] ?? "ServerError"
  return "ServerError"
}

const scopeOf = (words: ErrorWords): "requests" | "tokens" | "unknown" => {
  const about = `${words.type ?? ""} ${words.message}`
  if (words.type === "tokens" || /tokens? per (minute|day|hour)|\bTP[MD]\b/i.test(about)) return "tokens"
  if (words.type === "requests" || /requests? per (second|minute|day|hour)|\bRP[SMD]\b/i.test(about)) return "requests"
  return "unknown"
}

const plain = {
  Authentication: ModelError.Authentication,
  Permission: ModelError.Permission,
  NotFound: ModelError.NotFound,
  InvalidRequest: ModelError.InvalidRequest,
  ContextOverflow: ModelError.ContextOverflow,
  ContentPolicy: ModelError.ContentPolicy,
  QuotaExhausted: ModelError.QuotaExhausted,
  Network: ModelError.Network,
  TimedOut: ModelError.TimedOut,
  MalformedOutput: ModelError.MalformedOutput,
  Unknown: ModelError.Unknown
}

/**
 * The reason for a response that failed, or for an error inside a good one (then `status` is below 400).
 * `retryAfterMillis` is kept by the reasons that have a wait.
 */
export const make = (status: number, words: ErrorWords, retryAfterMillis?: number): ModelError.Reason => {
  const tag = tagOf(status, words)
  const after = words.retryAfterMillis ?? retryAfterMillis
  const wait = after === undefined ? {} : { retryAfterMillis: after }
  if (tag === "RateLimited") return new ModelError.RateLimited({ scope: scopeOf(words), ...wait })
  if (tag === "Overloaded") return new ModelError.Overloaded(wait)
  if (tag === "ServerError") return new ModelError.ServerError(wait)
  return new plain[tag]({})
}
