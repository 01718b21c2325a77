/** What `@aws-sdk/client-bedrock-runtime` makes of Converse, whole or as events. */
import type { Finish, Usage } from "@consortium/core/Completion"
import { at, count, defined, type Fields, fields, isFields, list, text } from "../json.js"
import { type Answered, parsed, type Refused } from "../result.js"

const kinds: Readonly<Record<string, Finish["kind"]>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_use: "tool-calls",
  guardrail_intervened: "content-filter",
  content_filtered: "content-filter",
  malformed_model_output: "error",
  malformed_tool_use: "error"
}

/** `inputTokens` leaves out what was read from and written to the cache. */
const usageOf = (raw: unknown): Usage => {
  const plain = count(at(raw, "inputTokens"))
  const cacheReadTokens = count(at(raw, "cacheReadInputTokens"))
  const cacheWriteTokens = count(at(raw, "cacheWriteInputTokens"))
  return defined<{ [K in keyof Usage]: number | undefined }>({
    inputTokens: plain === undefined ? undefined : plain + (cacheReadTokens ?? 0) + (cacheWriteTokens ?? 0),
    cacheReadTokens,
    cacheWriteTokens,
    outputTokens: count(at(raw, "outputTokens"))
  }) as Usage
}

/** What the vendor ran itself is no call of ours. */
const isOurs = (call: Fields): boolean => call.type !== "server_tool_use"

/** An answer as the SDK gives it. */
export const answered = (answer: unknown): Answered => {
  const blocks = list(at(answer, "output", "message", "content"))
  const calls = blocks
    .map((block) => at(block, "toolUse"))
    .filter(isFields)
    .filter(isOurs)
  const raw = text(at(answer, "stopReason")) || null
  const stated = raw === null ? "unknown" : (kinds[raw] ?? "other")
  return {
    _tag: "Answered",
    text: blocks
      .map((block) => {
        const cited = list(at(block, "citationsContent", "content")).map((one) => text(at(one, "text")))
        return text(at(block, "text")) + cited.join("")
      })
      .join(""),
    reasoning: blocks
      .map((block) => text(at(block, "reasoningContent", "reasoningText", "text")))
      .filter((it) => it !== "")
      .join("\n"),
    calls: calls.map(({ input, name, toolUseId }) => ({ id: text(toolUseId), name: text(name), arguments: input })),
    finish: { kind: stated === "stop" && calls.length > 0 ? "tool-calls" : stated, raw },
    usage: usageOf(at(answer, "usage")),
    model: undefined,
    id: undefined
  }
}

/** The answer that the SDK's events add up to. */
export const joined = async (events: AsyncIterable<unknown>): Promise<unknown> => {
  const blocks = new Map<number, { start: Fields; words: string; thought: string }>()
  let stopReason: unknown
  let usage: unknown
  for await (const event of events) {
    const one = at(event, "contentBlockStart") ?? at(event, "contentBlockDelta")
    const index = count(at(one, "contentBlockIndex")) ?? 0
    const block = blocks.get(index) ?? { start: {}, words: "", thought: "" }
    if (one !== undefined) blocks.set(index, block)
    if (isFields(at(one, "start"))) block.start = fields(at(one, "start", "toolUse"))
    block.words += text(at(one, "delta", "text")) + text(at(one, "delta", "toolUse", "input"))
    block.thought += text(at(one, "delta", "reasoningContent", "text"))
    stopReason = at(event, "messageStop", "stopReason") ?? stopReason
    usage = at(event, "metadata", "usage") ?? usage
  }
  const content = [...blocks]
    .sort(([a], [b]) => a - b)
    .map(([, { start, thought, words }]) => {
      if (text(start.name) !== "") return { toolUse: { ...start, input: words === "" ? {} : parsed(words) } }
      return thought === "" ? { text: words } : { reasoningContent: { reasoningText: { text: thought } } }
    })
  return { output: { message: { content } }, stopReason, usage }
}

const byName: Readonly<Record<string, Refused["kind"]>> = {
  AccessDeniedException: "Permission",
  ExpiredTokenException: "Authentication",
  UnrecognizedClientException: "Authentication",
  ResourceNotFoundException: "NotFound",
  ThrottlingException: "RateLimited",
  ValidationException: "InvalidRequest",
  InternalServerException: "ServerError",
  ServiceUnavailableException: "Overloaded",
  ModelErrorException: "ServerError",
  ModelTimeoutException: "TimedOut"
}

/** Where an exception means several things; some recordings kept no header with its name. */
const byWords: ReadonlyArray<readonly [RegExp, Refused["kind"]]> = [
  [/model identifier is invalid/i, "NotFound"],
  [/input tokens exceeded|input is too long/i, "ContextOverflow"]
]

/** From what the SDK throws; nothing where it was not the vendor's. */
export const refused = (thrown: unknown): Refused | undefined => {
  const status = thrown instanceof Error ? count(at({ ...thrown }, "$metadata", "httpStatusCode")) : undefined
  if (!(thrown instanceof Error) || status === undefined || status < 400) return undefined
  const said = byWords.find(([words]) => words.test(thrown.message))?.[1]
  return { _tag: "Refused", kind: said ?? byName[thrown.name] ?? (status >= 500 ? "ServerError" : "InvalidRequest") }
}
