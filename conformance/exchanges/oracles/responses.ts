/** What the `openai` SDK makes of the Responses wire. */
import type { Finish, Usage } from "@consortium/core/Completion"
import { at, count, defined, list, text } from "../json.js"
import { parsed, type Result } from "../result.js"
import * as failure from "./failure.js"

const ofType = (items: ReadonlyArray<unknown>, type: string) => items.filter((item) => at(item, "type") === type)
const textsOf = (parts: unknown): ReadonlyArray<string> =>
  list(parts).flatMap((part) => [text(at(part, "text")) || text(at(part, "refusal"))].filter((it) => it !== ""))

const atMost = (part: number | undefined, whole: number | undefined) =>
  part === undefined || whole === undefined ? part : Math.min(part, whole)

const usageOf = (raw: unknown): Usage => {
  const inputTokens = count(at(raw, "input_tokens"))
  const outputTokens = count(at(raw, "output_tokens"))
  return defined<{ [K in keyof Usage]: number | undefined }>({
    inputTokens,
    cacheReadTokens: atMost(count(at(raw, "input_tokens_details", "cached_tokens")), inputTokens),
    cacheWriteTokens: atMost(count(at(raw, "input_tokens_details", "cache_write_tokens")), inputTokens),
    outputTokens,
    reasoningTokens: atMost(count(at(raw, "output_tokens_details", "reasoning_tokens")), outputTokens)
  }) as Usage
}

const finishOf = (response: unknown, refuses: boolean, calls: number): Finish => {
  const raw = text(at(response, "incomplete_details", "reason")) || text(at(response, "status")) || null
  if (refuses || raw === "content_filter") return { kind: "content-filter", raw }
  if (raw === "max_output_tokens") return { kind: "length", raw }
  if (raw === "completed") return { kind: calls > 0 ? "tool-calls" : "stop", raw }
  return { kind: raw === null ? "unknown" : "other", raw }
}

/** A response as the SDK gives it; one that failed is an error, though it came with a 200. */
export const result = (response: unknown): Result => {
  if (at(response, "status") === "failed") return failure.ofBody(undefined, response)
  const output = list(at(response, "output"))
  const contents = ofType(output, "message").flatMap((item) => list(at(item, "content")))
  const calls = ofType(output, "function_call").map((item) => ({
    id: text(at(item, "call_id")),
    name: text(at(item, "name")),
    arguments: parsed(text(at(item, "arguments")))
  }))
  const thoughts = ofType(output, "reasoning").flatMap((item) => [
    ...textsOf(at(item, "summary")),
    ...textsOf(at(item, "content"))
  ])
  return {
    _tag: "Answered",
    text: textsOf(contents).join(""),
    reasoning: thoughts.join("\n"),
    calls,
    finish: finishOf(response, ofType(contents, "refusal").length > 0, calls.length),
    usage: usageOf(at(response, "usage")),
    model: text(at(response, "model")) || undefined,
    id: text(at(response, "id")) || undefined
  }
}
