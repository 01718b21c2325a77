/** What `cohere-ai` makes of the v2 chat, whole or in events, read as its types document it. */
import type { Finish, Usage } from "@consortium/core/Completion"
import { at, count, defined, type Fields, fields, list, text } from "../json.js"
import { type Answered, parsed, type ToolCall } from "../result.js"

const kinds: Readonly<Record<string, Finish["kind"]>> = {
  COMPLETE: "stop",
  STOP_SEQUENCE: "stop",
  MAX_TOKENS: "length",
  TOOL_CALL: "tool-calls",
  ERROR: "error",
  TIMEOUT: "error"
}

/** What is billed; thoughts are a part of the answer's tokens, of which the bill may leave some out. */
const usageOf = (raw: unknown): Usage => {
  const inputTokens = count(at(raw, "billed_units", "input_tokens"))
  const outputTokens = count(at(raw, "billed_units", "output_tokens"))
  const thoughts = count(at(raw, "tokens", "reasoning_tokens"))
  return defined<{ [K in keyof Usage]: number | undefined }>({
    inputTokens,
    outputTokens,
    reasoningTokens: thoughts === undefined ? undefined : Math.min(thoughts, outputTokens ?? thoughts)
  }) as Usage
}

/** A call of a function without parameters is written as an empty text. */
const callOf = (call: unknown): ToolCall => ({
  id: text(at(call, "id")) || undefined,
  name: text(at(call, "function", "name")),
  arguments: parsed(text(at(call, "function", "arguments")) || "{}")
})

const wordsOf = (message: unknown, type: "text" | "thinking"): ReadonlyArray<string> =>
  list(at(message, "content"))
    .filter((part) => at(part, "type") === type)
    .map((part) => text(at(part, type)))

export const answered = (body: unknown): Answered => {
  const message = at(body, "message")
  const raw = text(at(body, "finish_reason"))
  const thoughts = [...wordsOf(message, "thinking"), text(at(message, "tool_plan"))]
  return {
    _tag: "Answered",
    text: wordsOf(message, "text").join(""),
    reasoning: thoughts.filter((it) => it !== "").join("\n"),
    calls: list(at(message, "tool_calls")).map(callOf),
    finish: { kind: kinds[raw] ?? "other", raw: raw === "" ? null : raw },
    usage: usageOf(at(body, "usage")),
    model: undefined,
    id: text(at(body, "id")) || undefined
  }
}

/** The answer that events add up to. */
export const joined = (events: ReadonlyArray<unknown>): unknown => {
  const content: Array<Fields> = []
  const calls: Array<Fields> = []
  let plan = ""
  let id: unknown
  let end: Fields = {}
  for (const event of events.map(fields)) {
    const message = at(event, "delta", "message")
    const index = count(event.index) ?? 0
    if (event.type === "message-start") id = event.id
    if (event.type === "content-start") content[index] = fields(at(message, "content"))
    if (event.type === "content-delta")
      for (const [name, piece] of Object.entries(fields(at(message, "content"))))
        content[index] = { ...content[index], [name]: text(content[index]?.[name]) + text(piece) }
    if (event.type === "tool-plan-delta") plan += text(at(message, "tool_plan"))
    if (event.type === "tool-call-start") calls[index] = fields(at(message, "tool_calls"))
    if (event.type === "tool-call-delta") {
      const before = fields(calls[index]?.function)
      const piece = text(at(message, "tool_calls", "function", "arguments"))
      calls[index] = { ...calls[index], function: { ...before, arguments: text(before.arguments) + piece } }
    }
    if (event.type === "message-end") end = fields(event.delta)
  }
  return {
    id,
    finish_reason: end.finish_reason,
    usage: end.usage,
    message: { content, tool_plan: plan, tool_calls: calls }
  }
}
