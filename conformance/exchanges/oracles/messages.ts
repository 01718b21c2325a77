/** What `@anthropic-ai/sdk` makes of the Messages wire. */
import type { Finish, Usage } from "@consortium/core/Completion"
import { at, count, defined, list, text } from "../json.js"
import type { Answered } from "../result.js"

const kinds: Readonly<Record<string, Finish["kind"]>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_use: "tool-calls",
  refusal: "content-filter"
}

/** `input_tokens` leaves out what was read from and written to the cache. */
const usageOf = (raw: unknown): Usage => {
  const plain = count(at(raw, "input_tokens"))
  const cacheReadTokens = count(at(raw, "cache_read_input_tokens"))
  const cacheWriteTokens = count(at(raw, "cache_creation_input_tokens"))
  return defined<{ [K in keyof Usage]: number | undefined }>({
    inputTokens: plain === undefined ? undefined : plain + (cacheReadTokens ?? 0) + (cacheWriteTokens ?? 0),
    cacheReadTokens,
    cacheWriteTokens,
    outputTokens: count(at(raw, "output_tokens")),
    reasoningTokens: count(at(raw, "output_tokens_details", "thinking_tokens"))
  }) as Usage
}

/** A message as the SDK gives it. */
export const answered = (message: unknown): Answered => {
  const blocks = list(at(message, "content"))
  const ofType = (type: string) => blocks.filter((block) => at(block, "type") === type)
  const raw = text(at(message, "stop_reason")) || null
  return {
    _tag: "Answered",
    text: ofType("text")
      .map((block) => text(at(block, "text")))
      .join(""),
    reasoning: ofType("thinking")
      .map((block) => text(at(block, "thinking")))
      .filter((it) => it !== "")
      .join("\n"),
    calls: ofType("tool_use").map((block) => ({
      id: text(at(block, "id")),
      name: text(at(block, "name")),
      arguments: at(block, "input")
    })),
    finish: { kind: raw === null ? "unknown" : (kinds[raw] ?? "other"), raw },
    usage: usageOf(at(message, "usage")),
    model: text(at(message, "model")) || undefined,
    id: text(at(message, "id")) || undefined
  }
}
