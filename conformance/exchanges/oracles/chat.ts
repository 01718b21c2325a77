/** What SDKs make of the chat wire, whole or in chunks, read as their types document it. */
import type { Finish, Usage } from "@consortium/core/Completion"
import { at, count, defined, type Fields, fields, isFields, list, text } from "../json.js"
import { type Answered, parsed, type ToolCall } from "../result.js"

/** Where a vendor's counts mean something of their own. */
export interface Arithmetic {
  /** `completion_tokens` leaves the reasoning out: total = prompt + completion + reasoning. */
  readonly reasoningBeside?: true
  /** Where `usage` states the price, and how many of its units are a dollar. */
  readonly price?: { readonly path: ReadonlyArray<string>; readonly perDollar: number }
}

const kinds: Readonly<Record<string, Finish["kind"]>> = {
  stop: "stop",
  eos: "stop",
  length: "length",
  model_length: "length",
  tool_calls: "tool-calls",
  function_call: "tool-calls",
  content_filter: "content-filter",
  error: "error"
}

const finishOf = (raw: string, message: Fields, calls: number): Finish => {
  const said = raw === "" ? null : raw
  if (text(message.refusal) !== "") return { kind: "content-filter", raw: said }
  const kind = said === null ? "unknown" : (kinds[said] ?? "other")
  // A vendor may call tools and say `stop`.
  return { kind: kind === "stop" && calls > 0 ? "tool-calls" : kind, raw: said }
}

const atMost = (part: number | undefined, whole: number | undefined) =>
  part === undefined || whole === undefined ? part : Math.min(part, whole)

export const usageOf = (raw: unknown, { price, reasoningBeside }: Arithmetic): Usage => {
  const inputTokens = count(at(raw, "prompt_tokens"))
  const stated = count(at(raw, "completion_tokens"))
  const reasoning =
    count(at(raw, "completion_tokens_details", "reasoning_tokens")) ?? count(at(raw, "reasoning_tokens"))
  const outputTokens = stated !== undefined && reasoningBeside === true ? stated + (reasoning ?? 0) : stated
  const details = at(raw, "prompt_tokens_details")
  const cached =
    count(at(details, "cached_tokens")) ?? count(at(raw, "cached_tokens")) ?? count(at(raw, "prompt_cache_hit_tokens"))
  const paid = price === undefined ? undefined : count(at(raw, ...price.path))
  return defined<{ [K in keyof Usage]: number | undefined }>({
    inputTokens,
    cacheReadTokens: atMost(cached, inputTokens),
    cacheWriteTokens: atMost(count(at(details, "cache_write_tokens")), inputTokens),
    outputTokens,
    reasoningTokens: atMost(reasoning, outputTokens),
    usd: paid === undefined || price === undefined ? undefined : paid / price.perDollar
  }) as Usage
}

/** Content is a text, or parts of texts and thoughts. */
const partsOf = (content: unknown, type: "text" | "thinking"): string =>
  typeof content === "string"
    ? type === "text"
      ? content
      : ""
    : list(content)
        .filter((part) => at(part, "type") === type)
        .map((part) => {
          const said = at(part, type)
          return typeof said === "string" ? said : partsOf(said, "text")
        })
        .join("")

const thought = /^\s*<think>(.*?)(?:<\/think>\s*|$)(.*)$/s

const detailsOf = (message: Fields): ReadonlyArray<string> =>
  list(message.reasoning_details).map((detail) => text(at(detail, "text")) || text(at(detail, "summary")))

const reasoningOf = (message: Fields): string => {
  const plain = text(message.reasoning_content) || text(message.reasoning) || partsOf(message.content, "thinking")
  return plain === "" ? detailsOf(message).join("") : plain
}

const callOf = (call: unknown): ToolCall => {
  const written = at(call, "function", "arguments")
  return {
    id: text(at(call, "id")) || undefined,
    name: text(at(call, "function", "name")),
    arguments: typeof written === "string" ? parsed(written) : written
  }
}

const callsOf = (message: Fields): ReadonlyArray<ToolCall> => {
  const calls = list(message.tool_calls)
  if (calls.length > 0) return calls.map(callOf)
  // What calls were before they were many; typed servers send an empty one.
  return text(at(message.function_call, "name")) === "" ? [] : [callOf({ function: message.function_call })]
}

/** A chat completion as an SDK gives it. */
export const answered = (body: unknown, arithmetic: Arithmetic): Answered => {
  const choice = fields(list(at(body, "choices")).find((one) => (at(one, "index") ?? 0) === 0))
  const message = fields(choice.message)
  const calls = callsOf(message)
  const said = partsOf(message.content, "text") + text(message.refusal)
  const [, inner = "", rest = said] = thought.exec(said) ?? []
  const reasoning = [reasoningOf(message), inner.trim()].filter((it) => it !== "").join("\n")
  const usage = [at(body, "usage"), choice.usage, at(body, "x_groq", "usage")].find(isFields)
  return {
    _tag: "Answered",
    text: rest,
    reasoning,
    calls,
    finish: finishOf(text(choice.finish_reason), message, calls.length),
    usage: usageOf(usage, arithmetic),
    model: text(at(body, "model")) || undefined,
    id: text(at(body, "id")) || undefined
  }
}

/** Texts of a delta that are pieces of one. */
const growing = ["refusal", "reasoning", "reasoning_content"]

/** A stream may give content as texts, as parts, and as both. */
const inParts = (content: unknown): ReadonlyArray<unknown> =>
  typeof content === "string" ? [{ type: "text", text: content }] : list(content)

const grown = (before: Fields, { content, tool_calls: _, ...delta }: Fields): Fields => {
  const out: Record<string, unknown> = { ...before, content: [...list(before.content), ...inParts(content)] }
  for (const [name, value] of Object.entries(delta)) {
    if (value === null || value === undefined) continue
    if (growing.includes(name) && typeof value === "string") out[name] = text(before[name]) + value
    else if (Array.isArray(value)) out[name] = [...list(before[name]), ...value]
    else out[name] = value
  }
  return out
}

const grownCalls = (calls: Array<Fields>, delta: Fields): void => {
  for (const [place, piece] of list(delta.tool_calls).map(fields).entries()) {
    const index = count(piece.index) ?? place
    const before = calls[index] ?? {}
    const [old, more] = [fields(before.function), fields(piece.function)]
    const written = typeof more.arguments === "string" ? more.arguments : JSON.stringify(more.arguments ?? "")
    calls[index] = {
      id: text(before.id) || piece.id,
      function: {
        name: text(old.name) || more.name,
        arguments: text(old.arguments) + (more.arguments === undefined || more.arguments === null ? "" : written)
      }
    }
  }
}

/** The completion that chunks add up to: deltas are joined, and the last word counts. */
export const joined = async (chunks: AsyncIterable<unknown>): Promise<unknown> => {
  let body: Fields = {}
  let message: Fields = {}
  let finish = ""
  const calls: Array<Fields> = []
  for await (const chunk of chunks) {
    const choice = fields(list(at(chunk, "choices")).find((one) => (at(one, "index") ?? 0) === 0))
    const delta = isFields(choice.delta) ? choice.delta : fields(choice.message)
    message = grown(message, delta)
    grownCalls(calls, delta)
    finish = text(choice.finish_reason) || finish
    body = {
      id: text(body.id) || at(chunk, "id"),
      model: text(at(chunk, "model")) || body.model,
      usage: at(chunk, "usage") ?? choice.usage ?? at(chunk, "x_groq", "usage") ?? body.usage
    }
  }
  return {
    ...body,
    choices: [{ index: 0, finish_reason: finish, message: { ...message, tool_calls: calls.filter(isFields) } }]
  }
}
