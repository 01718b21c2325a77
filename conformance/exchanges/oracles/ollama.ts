/** What the `ollama` package makes of `/api/chat`, whole or in lines. */
import type { Finish, Usage } from "@consortium/core/Completion"
import { at, count, defined, list, text } from "../json.js"
import type { Answered } from "../result.js"

const kindOf = (raw: string, calls: number): Finish["kind"] => {
  // It calls tools and says `stop`.
  if (raw === "stop") return calls > 0 ? "tool-calls" : "stop"
  return raw === "length" ? "length" : "other"
}

const joined = (lines: ReadonlyArray<unknown>, name: string): string =>
  lines.map((line) => text(at(line, "message", name))).join("")

/** The answer that lines add up to; a whole answer is one line. */
export const answered = (lines: ReadonlyArray<unknown>): Answered => {
  const last = lines.at(-1)
  const raw = text(at(last, "done_reason"))
  const calls = lines.flatMap((line) => list(at(line, "message", "tool_calls")))
  return {
    _tag: "Answered",
    text: joined(lines, "content"),
    reasoning: joined(lines, "thinking"),
    calls: calls.map((call) => ({
      id: text(at(call, "id")) || undefined,
      name: text(at(call, "function", "name")),
      arguments: at(call, "function", "arguments")
    })),
    // Older servers give no reason.
    finish: raw === "" ? { kind: "unknown", raw: null } : { kind: kindOf(raw, calls.length), raw },
    usage: defined<{ [K in keyof Usage]: number | undefined }>({
      inputTokens: count(at(last, "prompt_eval_count")),
      outputTokens: count(at(last, "eval_count"))
    }) as Usage,
    model: text(at(last, "model")),
    id: undefined
  }
}
