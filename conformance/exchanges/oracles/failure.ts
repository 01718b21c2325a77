/** What an SDK's error means in our words: by status, and by the code or the words where a status means several things. */
import { at, count, fields, isFields, text } from "../json.js"
import type { Refused } from "../result.js"

type Kind = Refused["kind"]

/** The SDK could not make anything of the bytes: there is no oracle, which is no verdict on us. */
export class Unreadable extends Error {}

interface Words {
  readonly status: number | undefined
  readonly codes: ReadonlyArray<string>
  readonly message: string
}

const byStatus: Readonly<Record<number, Kind>> = {
  400: "InvalidRequest",
  401: "Authentication",
  402: "QuotaExhausted",
  403: "Permission",
  404: "NotFound",
  408: "TimedOut",
  413: "ContextOverflow",
  422: "InvalidRequest",
  429: "RateLimited",
  500: "ServerError",
  501: "NotFound",
  502: "ServerError",
  503: "Overloaded",
  504: "TimedOut",
  529: "Overloaded"
}

/** The vendors' own codes, where they say more than the status. */
const byCode: Readonly<Record<string, Kind>> = {
  invalid_api_key: "Authentication",
  API_KEY_INVALID: "Authentication",
  model_not_found: "NotFound",
  insufficient_quota: "QuotaExhausted",
  context_length_exceeded: "ContextOverflow",
  too_many_prompt_tokens: "ContextOverflow",
  content_filter: "ContentPolicy",
  tool_use_failed: "MalformedOutput",
  json_validate_failed: "MalformedOutput",
  rate_limit_exceeded: "RateLimited",
  overloaded_error: "Overloaded",
  server_error: "ServerError"
}

/** Where a 400 has no code that says it. */
const byWords: ReadonlyArray<readonly [RegExp, Kind]> = [
  [/incorrect api key/i, "Authentication"],
  [/maximum context length|exceeds the maximum number of tokens|too many tokens/i, "ContextOverflow"],
  [/is not a valid model|invalid model|model identifier is invalid/i, "NotFound"]
]

const kindOf = ({ codes, message, status }: Words): Kind => {
  for (const code of codes) {
    const kind = byCode[code]
    if (kind !== undefined) return kind
  }
  const said = status === 400 ? byWords.find(([words]) => words.test(message)) : undefined
  return said?.[1] ?? byStatus[status ?? 500] ?? "ServerError"
}

const codesOf = (error: unknown): ReadonlyArray<string> => {
  const details = at(error, "details")
  const reasons = Array.isArray(details) ? details.map((detail) => text(at(detail, "reason"))) : []
  return [...reasons, text(at(error, "code")), text(at(error, "type"))].filter((it) => it !== "")
}

/** The outermost `error` of a body, or the body. */
const inner = (body: unknown): unknown => (isFields(at(body, "error")) ? at(body, "error") : body)

/** From the body of an error, or from what stands in an answer in its place. */
export const ofBody = (status: number | undefined, body: unknown): Refused => {
  const error = inner(body)
  const message = text(at(error, "message")) || JSON.stringify(body ?? "")
  return { _tag: "Refused", kind: kindOf({ status, codes: codesOf(error), message }) }
}

/** From what an SDK throws: each names the status and the body in its own way. Anything else was not the vendor's. */
export const ofThrown = (thrown: unknown): Refused => {
  if (!(thrown instanceof Error)) throw thrown
  const facts = fields({ ...thrown })
  const status = count(facts.status) ?? count(facts.statusCode) ?? count(facts.status_code)
  const isApi = /APIError|ApiError|SDKError|HTTPValidationError|Error$/.test(thrown.constructor.name)
  const body = facts.error ?? facts.body
  if (!isApi || (status === undefined && !isFields(body))) throw new Unreadable(thrown.message, { cause: thrown })
  if (typeof body === "string") return ofBody(status, json(body))
  // One SDK keeps the body in its message only.
  return ofBody(status, body ?? json(thrown.message))
}

const json = (said: string): unknown => {
  try {
    return JSON.parse(said)
  } catch {
    return said
  }
}
