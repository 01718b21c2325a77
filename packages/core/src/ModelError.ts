/** The one error of a vendor call: the reason says what happened, the getters what to do about it. */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"

const retryAfterMillis = Schema.optionalKey(Schema.Finite)

/** The key is missing, malformed or refused. */
export class Authentication extends Schema.TaggedClass<Authentication>()("Authentication", {}) {}
/** The key is good but may not do this. */
export class Permission extends Schema.TaggedClass<Permission>()("Permission", {}) {}
/** No such model, deployment or address. */
export class NotFound extends Schema.TaggedClass<NotFound>()("NotFound", {}) {}
/** The vendor refuses the request as it is. */
export class InvalidRequest extends Schema.TaggedClass<InvalidRequest>()("InvalidRequest", {}) {}
/** The prompt, with the answer it asks for, is longer than the model's window. */
export class ContextOverflow extends Schema.TaggedClass<ContextOverflow>()("ContextOverflow", {}) {}
/** The prompt or the answer was stopped by the vendor's content policy. */
export class ContentPolicy extends Schema.TaggedClass<ContentPolicy>()("ContentPolicy", {}) {}
/** Too many requests or tokens just now. */
export class RateLimited extends Schema.TaggedClass<RateLimited>()("RateLimited", {
  scope: Schema.Literals(["requests", "tokens", "unknown"]),
  retryAfterMillis
}) {}
/** The account is out of money or its plan is used up; waiting does not help. */
export class QuotaExhausted extends Schema.TaggedClass<QuotaExhausted>()("QuotaExhausted", {}) {}
/** The vendor has no capacity just now. */
export class Overloaded extends Schema.TaggedClass<Overloaded>()("Overloaded", { retryAfterMillis }) {}
/** The vendor failed. */
export class ServerError extends Schema.TaggedClass<ServerError>()("ServerError", { retryAfterMillis }) {}
/** The connection could not be made, or broke. */
export class Network extends Schema.TaggedClass<Network>()("Network", {}) {}
/** The vendor itself gave up waiting. */
export class TimedOut extends Schema.TaggedClass<TimedOut>()("TimedOut", {}) {}
/** The answer is not what the wire promises. */
export class MalformedOutput extends Schema.TaggedClass<MalformedOutput>()("MalformedOutput", {}) {}
/** None of the others fits. */
export class Unknown extends Schema.TaggedClass<Unknown>()("Unknown", {}) {}

/** What happened. */
export const Reason = Schema.Union([
  Authentication,
  Permission,
  NotFound,
  InvalidRequest,
  ContextOverflow,
  ContentPolicy,
  RateLimited,
  QuotaExhausted,
  Overloaded,
  ServerError,
  Network,
  TimedOut,
  MalformedOutput,
  Unknown
])
export type Reason = typeof Reason.Type

const advice: Record<Reason["_tag"], { readonly retry: boolean; readonly next: string }> = {
  Authentication: { retry: false, next: "check the key" },
  Permission: { retry: false, next: "ask the vendor for access, or use another model" },
  NotFound: { retry: false, next: "check the model's name and the base URL" },
  InvalidRequest: { retry: false, next: "change the request as the vendor says" },
  ContextOverflow: { retry: false, next: "shorten the prompt or use a model with a larger window" },
  ContentPolicy: { retry: false, next: "change the prompt or use another model" },
  RateLimited: { retry: true, next: "wait, or lower the concurrency" },
  QuotaExhausted: { retry: false, next: "add credit or raise the plan's limit" },
  Overloaded: { retry: true, next: "wait, or use another vendor" },
  ServerError: { retry: true, next: "try again later" },
  Network: { retry: true, next: "check the connection and the base URL" },
  TimedOut: { retry: true, next: "try again, or ask for less" },
  MalformedOutput: { retry: true, next: "try again; if it stays, report the vendor's answer" },
  Unknown: { retry: false, next: "see the vendor's words" }
}

/** A call to a vendor failed. Never holds a key: `detail` is the vendor's message after redaction. */
export class ModelError extends Schema.TaggedError<ModelError>()("ModelError", {
  vendor: Schema.String,
  model: Schema.String,
  reason: Reason,
  /** The vendor's own words, redacted and cut. */
  detail: Schema.String,
  /** The HTTP status, where there was a response. */
  status: Schema.optionalKey(Schema.Int),
  requestId: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    const facts = [
      ...(this.status === undefined ? [] : [`status ${this.status}`]),
      ...(this.requestId === undefined ? [] : [`request ${this.requestId}`])
    ]
    const detail = this.detail === "" ? this.reason._tag : `${this.reason._tag}: ${this.detail}`
    return `${this.vendor}/${this.model}: ${detail}${facts.length > 0 ? ` (${facts.join(", ")})` : ""}; ${advice[this.reason._tag].next}`
  }
  get isRetryable(): boolean {
    return advice[this.reason._tag].retry
  }
  get retryAfter(): Duration.Duration | undefined {
    const millis = "retryAfterMillis" in this.reason ? this.reason.retryAfterMillis : undefined
    return millis === undefined ? undefined : Duration.millis(millis)
  }
}
