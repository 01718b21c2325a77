/** What `@google/genai` makes of `generateContent`, whole or in chunks. */
import type { Finish, Usage } from "@consortium/core/Completion"
import { at, count, defined, type Fields, fields, isFields, list, text } from "../json.js"
import type { Result, ToolCall } from "../result.js"

const filtered = ["SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR"]
const faulty = ["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MALFORMED_RESPONSE"]

const kindOf = (raw: string, calls: number): Finish["kind"] => {
  if (raw === "STOP") return calls > 0 ? "tool-calls" : "stop"
  if (raw === "MAX_TOKENS") return "length"
  if (filtered.includes(raw) || raw.startsWith("IMAGE_")) return "content-filter"
  return faulty.includes(raw) ? "error" : "other"
}

const sum = (...counts: ReadonlyArray<number | undefined>): number | undefined => {
  const stated = counts.filter((it) => it !== undefined)
  return stated.length === 0 ? undefined : stated.reduce((a, b) => a + b, 0)
}

/** `candidatesTokenCount` leaves the thoughts out; counts of 0 are not sent. */
const usageOf = (raw: unknown): Usage => {
  const inputTokens = sum(count(at(raw, "promptTokenCount")), count(at(raw, "toolUsePromptTokenCount")))
  const thoughts = count(at(raw, "thoughtsTokenCount"))
  const total = count(at(raw, "totalTokenCount"))
  const rest = total === undefined || inputTokens === undefined ? undefined : Math.max(0, total - inputTokens)
  return defined<{ [K in keyof Usage]: number | undefined }>({
    inputTokens,
    cacheReadTokens: count(at(raw, "cachedContentTokenCount")),
    outputTokens: sum(count(at(raw, "candidatesTokenCount")), thoughts) ?? rest,
    reasoningTokens: thoughts
  }) as Usage
}

/** `$.filter.names[0]` → `filter`, `names`, `0`. */
const stepsOf = (path: string): ReadonlyArray<string> => [...path.matchAll(/[^.[\]$'"]+/g)].map(([step]) => step)

/** The arguments with one more piece, which goes on with a text that is there. */
const grown = (before: unknown, [step, ...steps]: ReadonlyArray<string>, piece: Fields): unknown => {
  if (step === undefined) {
    if (typeof piece.stringValue === "string") return text(before) + piece.stringValue
    return piece.numberValue ?? piece.boolValue ?? null
  }
  if (/^\d+$/.test(step)) {
    const items = [...list(before)]
    items[Number(step)] = grown(items[Number(step)], steps, piece)
    return items
  }
  return { ...fields(before), [step]: grown(fields(before)[step], steps, piece) }
}

/** The SDK hands on the pieces of a call that is streamed; only the first has a name. */
const callsOf = (parts: ReadonlyArray<unknown>): ReadonlyArray<ToolCall> => {
  const calls: Array<ToolCall> = []
  for (const call of parts.map((part) => at(part, "functionCall")).filter(isFields)) {
    const last = calls.at(-1)
    const goesOn = text(call.name) === "" && last !== undefined
    const before = goesOn ? last.arguments : (call.args ?? {})
    const written = list(call.partialArgs)
      .map(fields)
      .reduce<unknown>((args, piece) => grown(args, stepsOf(text(piece.jsonPath)), piece), before)
    if (goesOn) calls[calls.length - 1] = { ...last, arguments: written }
    else calls.push({ id: text(call.id) || undefined, name: text(call.name), arguments: written })
  }
  return calls
}

const lastOf = (chunks: ReadonlyArray<unknown>, name: string) =>
  chunks.map((chunk) => at(chunk, name)).findLast((it) => it !== undefined && it !== "")

/** The answer that the SDK's chunks add up to; a whole answer is one chunk. A prompt that was blocked is an error. */
export const result = (chunks: ReadonlyArray<unknown>): Result => {
  const candidates = chunks.flatMap((chunk) => list(at(chunk, "candidates")).slice(0, 1))
  if (candidates.length === 0 && chunks.some((chunk) => at(chunk, "promptFeedback", "blockReason") !== undefined))
    return { _tag: "Refused", kind: "ContentPolicy" }
  const parts = candidates.flatMap((candidate) => list(at(candidate, "content", "parts")))
  const words = (isThought: boolean) =>
    parts
      .filter((part) => (at(part, "thought") === true) === isThought)
      .map((part) => text(at(part, "text")))
      .join("")
  const calls = callsOf(parts)
  const stated = lastOf(candidates, "finishReason")
  const raw = text(stated) || null
  return {
    _tag: "Answered",
    text: words(false),
    reasoning: words(true),
    calls,
    // Where enums were asked for as numbers the SDK hands on a number, which is no word.
    finish:
      typeof stated === "number" ? undefined : { kind: raw === null ? "unknown" : kindOf(raw, calls.length), raw },
    usage: usageOf(lastOf(chunks, "usageMetadata")),
    model: text(lastOf(chunks, "modelVersion")) || undefined,
    id: text(at(chunks[0], "responseId")) || undefined
  }
}
