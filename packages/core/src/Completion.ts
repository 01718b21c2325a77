/** What a vendor stated in answer to one request, and only that; what the call took is its receipt. */
import * as Schema from "effect/Schema"
import { AssistantPart, type ToolCallPart } from "./Prompt.js"

const Tokens = Schema.optionalKey(Schema.Finite)

/** Tokens, made comparable over vendors: `input` includes cache reads and writes, `output` includes reasoning. Absent is unknown. */
export const Usage = Schema.Struct({
  inputTokens: Tokens,
  cacheReadTokens: Tokens,
  cacheWriteTokens: Tokens,
  outputTokens: Tokens,
  reasoningTokens: Tokens,
  /** US dollars, where the vendor itself states them. */
  usd: Schema.optionalKey(Schema.Finite)
})
export type Usage = typeof Usage.Type

/** Why it ended: `raw` is the vendor's word, `kind` ours. */
export const Finish = Schema.Struct({
  kind: Schema.Literals(["stop", "length", "tool-calls", "content-filter", "error", "other", "unknown"]),
  raw: Schema.NullOr(Schema.String)
})
export type Finish = typeof Finish.Type

/** What the vendor said about its limits. */
export const LimitFacts = Schema.Struct({
  requestsLimit: Tokens,
  requestsRemaining: Tokens,
  requestsResetMillis: Tokens,
  tokensLimit: Tokens,
  tokensRemaining: Tokens,
  tokensResetMillis: Tokens
})
export type LimitFacts = typeof LimitFacts.Type

export const Completion = Schema.Struct({
  parts: Schema.Array(AssistantPart),
  finish: Finish,
  usage: Usage,
  /** The model's name as the vendor returned it, or as it was asked for where none came back. */
  model: Schema.String,
  /** The answer's own id. */
  id: Schema.optionalKey(Schema.String),
  /** The request's id at the vendor, for its support. */
  requestId: Schema.optionalKey(Schema.String),
  limits: Schema.optionalKey(LimitFacts)
})
export type Completion = typeof Completion.Type

const openThink = "<think>"
const closeThink = "</think>"

/** Parts a leading `<think>` block, as some models write it into their text, from the answer. */
export const splitThink = (raw: string): { readonly reasoning: string; readonly text: string } => {
  const start = raw.trimStart()
  if (!start.startsWith(openThink)) return { reasoning: "", text: raw }
  const end = start.indexOf(closeThink)
  return end < 0
    ? { reasoning: start.slice(openThink.length).trim(), text: "" }
    : { reasoning: start.slice(openThink.length, end).trim(), text: start.slice(end + closeThink.length).trimStart() }
}

const joined = (completion: Completion) =>
  splitThink(completion.parts.flatMap((part) => (part._tag === "Text" ? [part.text] : [])).join(""))

/** The answer's text, without its reasoning. */
export const text = (completion: Completion): string => joined(completion).text

/** The answer's reasoning, from its own parts or from a leading `<think>` block; empty where there is none. */
export const reasoning = (completion: Completion): string => {
  const own = completion.parts.flatMap((part) => (part._tag === "Reasoning" && part.text !== "" ? [part.text] : []))
  const inline = joined(completion).reasoning
  return [...own, ...(inline === "" ? [] : [inline])].join("\n")
}

/** The tools that it wants called. */
export const toolCalls = (completion: Completion): ReadonlyArray<ToolCallPart> =>
  completion.parts.flatMap((part) => (part._tag === "ToolCall" ? [part] : []))

/** What judges compare: the text, and a line for each tool that it wants called. */
export const said = (completion: Completion): string =>
  [text(completion), ...toolCalls(completion).map(({ arguments: by, name }) => `[calls ${name} with ${by}]`)]
    .filter((line) => line !== "")
    .join("\n")
