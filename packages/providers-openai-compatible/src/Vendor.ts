/** What is to know of a vendor that speaks the OpenAI chat wire: plain data, where each deviation is a named field. */
import type { Sampling } from "@consortium/core/ChatModel"
import * as LimitHeaders from "@consortium/wire/LimitHeaders"
import * as Redacted from "effect/Redacted"

/** How much a model should think, in our words. */
export type Effort = NonNullable<Sampling["reasoningEffort"]>

/** The fields of a request that a vendor may refuse or ignore; such a field is not sent. */
export type Droppable = "temperature" | "topP" | "topK" | "presencePenalty" | "frequencyPenalty" | "seed" | "stop"

/** A number in `usage` that states what the call cost. */
export interface Cost {
  /** The names that lead to it. */
  readonly path: readonly [string, ...ReadonlyArray<string>]
  /** How many of its units are a US dollar. */
  readonly perDollar: number
}

export interface Vendor {
  /** As users name it in `vendor/model`. */
  readonly id: string
  /**
   * Without a slash at the end; `chatPath` is added. A variable's name in braces, as in
   * `https://{SNOWFLAKE_ACCOUNT}.snowflakecomputing.com`, stands for what that variable holds.
   */
  readonly baseUrl: string
  /** Where chats are asked for; `{model}` stands for the model. */
  readonly chatPath: string
  /** Added to every address. */
  readonly query: Readonly<Record<string, string>>
  /** The variable that overrides `baseUrl`. */
  readonly baseUrlVariable: string
  /** The variable that holds the key, and whether calls may go without one. */
  readonly apiKey: { readonly variable: string; readonly optional: boolean }
  /** The header that carries the key: as a bearer's in `authorization`, as it is in `api-key`. */
  readonly keyHeader: "authorization" | "api-key"
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>
  readonly maxTokensField: "max_tokens" | "max_completion_tokens"
  readonly systemRole: "system" | "developer"
  readonly seedField: "seed" | "random_seed"
  readonly drops: ReadonlyArray<Droppable>
  /** How effort is asked for: `reasoning_effort: x`, `reasoning: { effort: x }`, or not at all. */
  readonly effortStyle: "field" | "object" | "none"
  /**
   * How thinking is switched on or off by an effort, beside what `effortStyle` sends: `thinking: { type: "enabled" }`
   * (for `adaptive` of that type), or `enable_thinking: true`, in `chat_template_kwargs` or beside them; an effort of
   * `none` switches it off.
   */
  readonly thinkingSwitch: "thinking" | "adaptive" | "enable_thinking" | "chat_template_kwargs" | "none"
  /** The vendor's word for each effort; one without a word is not sent. */
  readonly efforts: Readonly<Partial<Record<Effort, string>>>
  /**
   * The field in which an assistant message takes its reasoning back; `reasoning_details` holds the parts, with
   * signatures, as they came, and `thinking` stands among the parts of the content. Answers are read from all of them.
   */
  readonly reasoningReplay: "reasoning_content" | "reasoning" | "reasoning_details" | "thinking" | "none"
  /** Whether texts, pictures and tools take `cache_control`; elsewhere marks are left out. */
  readonly cacheMarks: boolean
  /** What `response_format` can ask for; without schemas the schema is put into words. */
  readonly responseFormat: "json_schema" | "json_object" | "none"
  /** Whether schemas are enforced to the letter, which refuses schemas beyond the strict subset. */
  readonly strictSchema: boolean
  /** Whether streams must be asked for their usage by `stream_options`. */
  readonly streamUsage: boolean
  /** Whether `completion_tokens` leaves the reasoning tokens out. */
  readonly outputExcludesReasoning: boolean
  /** Where `usage` states the price of the call, if it does. */
  readonly cost: Cost | undefined
  /** Headers that may hold the request's id, the first present one wins. */
  readonly requestIdHeaders: ReadonlyArray<string>
  /** Headers that state limits. */
  readonly limitHeaders: LimitHeaders.Names
}

/** What a vendor's file has to say: the address and the key. */
export type Facts = Pick<Vendor, "id" | "baseUrl" | "baseUrlVariable" | "apiKey"> & Partial<Vendor>

/** A vendor without deviations: the wire as OpenAI documents it. */
const standard: Omit<Vendor, "id" | "baseUrl" | "baseUrlVariable" | "apiKey"> = {
  chatPath: "/chat/completions",
  query: {},
  keyHeader: "authorization",
  headers: {},
  maxTokensField: "max_tokens",
  systemRole: "system",
  seedField: "seed",
  drops: ["topK"],
  effortStyle: "field",
  thinkingSwitch: "none",
  efforts: { none: "none", minimal: "minimal", low: "low", medium: "medium", high: "high", max: "high" },
  reasoningReplay: "none",
  cacheMarks: false,
  responseFormat: "json_schema",
  strictSchema: false,
  streamUsage: true,
  outputExcludesReasoning: false,
  cost: undefined,
  requestIdHeaders: ["x-request-id"],
  limitHeaders: LimitHeaders.names
}

/** A vendor from its facts; what they leave out is as OpenAI documents the wire. */
export const define = (facts: Facts): Vendor => ({ ...standard, ...facts })

/** The header that carries a key. */
export const keyed = ({ keyHeader }: Vendor, apiKey: Redacted.Redacted<string>) => {
  const key = Redacted.value(apiKey).trim()
  return { [keyHeader]: Redacted.make(keyHeader === "authorization" ? `Bearer ${key}` : key) }
}

/** The address of a path at a vendor's base URL. */
export const urlOf = ({ query }: Vendor, baseUrl: string, path: string): string => {
  const search = new URLSearchParams(query).toString()
  return `${baseUrl.replace(/\/+$/, "")}${path}${search === "" ? "" : `?${search}`}`
}
