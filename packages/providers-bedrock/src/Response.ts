/** From the body of Converse and the events of ConverseStream to a completion: names only what is used, and tolerates the rest. */
import type { StreamPart } from "@consortium/core/ChatModel"
import type { Completion, Finish, Usage } from "@consortium/core/Completion"
import type { AssistantPart } from "@consortium/core/Prompt"
import * as Predicate from "effect/Predicate"

type Fields = Readonly<Record<string, unknown>>

const text = (value: unknown): string => (typeof value === "string" ? value : "")
const record = (value: unknown): Fields => (Predicate.isObject(value) ? value : {})
const count = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined

/** Whether a body that came with a good status is an error all the same: words, and no answer. */
export const isError = (json: unknown): boolean => {
  const said = record(json)
  return said.output === undefined && [said.message, said.Message, said.__type].some((it) => typeof it === "string")
}

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

/** What the vendor states of tokens: input without what was read from and written to the cache. */
const usageOf = (raw: Fields): Usage => {
  const plain = count(raw.inputTokens)
  const cacheReadTokens = count(raw.cacheReadInputTokens)
  const cacheWriteTokens = count(raw.cacheWriteInputTokens)
  const outputTokens = count(raw.outputTokens)
  return {
    ...(plain !== undefined && { inputTokens: plain + (cacheReadTokens ?? 0) + (cacheWriteTokens ?? 0) }),
    ...(cacheReadTokens !== undefined && { cacheReadTokens }),
    ...(cacheWriteTokens !== undefined && { cacheWriteTokens }),
    ...(outputTokens !== undefined && { outputTokens })
  }
}

/** `answer` is a call that stands for the answer, `vendor` what the vendor ran itself. */
type Type = "text" | "reasoning" | "call" | "answer" | "vendor"

interface Block {
  readonly type: Type
  readonly id: string
  readonly name: string
  words: string
  signature: string
  redacted: boolean
}

const partOf = ({ id, name, redacted, signature, type, words }: Block): ReadonlyArray<AssistantPart> => {
  if (type === "call") return [{ _tag: "ToolCall", id, name, arguments: words === "" ? "{}" : words }]
  if (type === "reasoning") {
    if (words === "" && signature === "") return []
    const mark = signature === "" ? {} : { signature }
    return [{ _tag: "Reasoning", text: words, ...mark, ...(redacted && { redacted }) }]
  }
  return type === "vendor" || words === "" ? [] : [{ _tag: "Text", text: words }]
}

/** Neighbouring texts are one: citations cut a sentence into blocks. Blocks that are no parts still stand between. */
const joined = (blocks: ReadonlyArray<Block>): ReadonlyArray<Block> => {
  const out: Array<Block> = []
  for (const block of blocks) {
    const last = out.at(-1)
    if (block.type === "text" && last?.type === "text")
      out[out.length - 1] = { ...last, words: last.words + block.words }
    else out.push(block)
  }
  return out
}

const textsOf = (content: unknown): string =>
  Array.isArray(content) ? content.map((one) => text(record(one).text)).join("") : ""

/** An answer in the making: a whole body is one step of it, a stream many. So both give the same completion. */
export class Draft {
  private readonly blocks = new Map<number, Block>()
  private calls = 0
  private readonly callIndex = new Map<number, number>()
  private usage: Fields = {}
  private model = ""
  private stop: string | undefined
  private readonly answerTool: string | undefined

  /** A call of the tool with this name is the answer itself, as text. */
  constructor(answerTool?: string) {
    this.answerTool = answerTool
  }

  /** Whether the vendor said why it ended. */
  get isFinished(): boolean {
    return this.stop !== undefined
  }

  /** Takes a whole answer in and tells what it says; nothing where it is none. */
  whole(json: unknown): ReadonlyArray<StreamPart> | undefined {
    const said = record(json)
    const { content } = record(record(said.output).message)
    if (!Array.isArray(content)) return undefined
    this.end(said)
    return content.flatMap((one, index) => this.block(index, record(one)))
  }

  /** Takes an event in and tells what is new; nothing where it is none. Events of other names say nothing. */
  add(event: string, json: unknown): ReadonlyArray<StreamPart> | undefined {
    if (!Predicate.isObject(json)) return undefined
    const index = count(json.contentBlockIndex) ?? 0
    switch (event) {
      case "contentBlockStart":
        return this.start(index, record(record(json.start).toolUse))
      case "contentBlockDelta":
        return this.grow(index, record(json.delta))
      case "contentBlockStop":
        return this.close(index)
      case "messageStop":
      case "metadata":
        this.end(json)
        return []
      default:
        return []
    }
  }

  private end(said: Fields): void {
    if (text(said.stopReason) !== "") this.stop = text(said.stopReason)
    if (Predicate.isObject(said.usage)) this.usage = said.usage
    // A router says which model it asked.
    const routed = text(record(record(said.trace).promptRouter).invokedModelId)
    if (routed !== "") this.model = routed
  }

  private block(index: number, said: Fields): ReadonlyArray<StreamPart> {
    const { citationsContent, reasoningContent, toolUse } = said
    if (Predicate.isObject(toolUse)) {
      const input = Predicate.isObject(toolUse.input) ? JSON.stringify(toolUse.input) : text(toolUse.input)
      return [...this.start(index, toolUse), ...this.say(index, input), ...this.close(index)]
    }
    if (Predicate.isObject(reasoningContent)) return this.think(index, reasoningContent)
    const words = text(said.text) + textsOf(record(citationsContent).content)
    // Results of the vendor's own tools stand between texts.
    return words === "" ? this.open(index, "vendor") : [...this.open(index, "text"), ...this.say(index, words)]
  }

  private open(index: number, type: Type, of: Fields = {}): ReadonlyArray<StreamPart> {
    if (this.blocks.has(index)) return []
    const block = { type, id: text(of.toolUseId), name: text(of.name), words: "", signature: "", redacted: false }
    this.blocks.set(index, block)
    if (type !== "call") return []
    this.callIndex.set(index, this.calls)
    return [{ _tag: "ToolCall", index: this.calls++, id: block.id, name: block.name, delta: "" }]
  }

  private start(index: number, toolUse: Fields): ReadonlyArray<StreamPart> {
    if (text(toolUse.name) === "") return []
    const isAnswer = this.answerTool !== undefined && toolUse.name === this.answerTool
    return this.open(index, toolUse.type === "server_tool_use" ? "vendor" : isAnswer ? "answer" : "call", toolUse)
  }

  private grow(index: number, delta: Fields): ReadonlyArray<StreamPart> {
    if (Predicate.isObject(delta.reasoningContent)) return this.think(index, delta.reasoningContent)
    // A call without a beginning has no name, so it is none.
    if (Predicate.isObject(delta.toolUse)) return this.say(index, text(delta.toolUse.input))
    if (typeof delta.text !== "string") return []
    return [...this.open(index, "text"), ...this.say(index, delta.text)]
  }

  private think(index: number, said: Fields): ReadonlyArray<StreamPart> {
    this.open(index, "reasoning")
    const block = this.blocks.get(index)
    if (block?.type !== "reasoning") return []
    // Whole answers have an object where streams have its fields. A mark comes whole.
    const whole = record(said.reasoningText)
    const hidden = text(said.redactedContent)
    const signature = text(said.signature) || text(whole.signature) || hidden
    if (signature !== "") block.signature = signature
    if (hidden !== "") block.redacted = true
    return this.say(index, text(said.text) + text(whole.text))
  }

  /** A block's next words. */
  private say(index: number, delta: string): ReadonlyArray<StreamPart> {
    const block = this.blocks.get(index)
    if (block === undefined || delta === "") return []
    block.words += delta
    switch (block.type) {
      case "vendor":
        return []
      case "call":
        return [{ _tag: "ToolCall", index: this.callIndex.get(index) ?? 0, delta }]
      case "reasoning":
        return [{ _tag: "Reasoning", delta }]
      default:
        return [{ _tag: "Text", delta }]
    }
  }

  /** A call without anything given is a call with an empty object. */
  private close(index: number): ReadonlyArray<StreamPart> {
    const block = this.blocks.get(index)
    return block?.type === "call" && block.words === "" ? this.say(index, "{}") : []
  }

  private finish(blocks: ReadonlyArray<Block>): Finish {
    const raw = this.stop ?? null
    const stated = raw === null ? "unknown" : Object.hasOwn(kinds, raw) ? (kinds[raw] ?? "other") : "other"
    const has = (type: Type) => blocks.some((block) => block.type === type)
    // A call that is the answer ends it; other calls beside it still wait.
    if (stated === "tool-calls" && has("answer") && !has("call")) return { kind: "stop", raw }
    // Some call tools and then say that their turn ends.
    return { kind: stated === "stop" && has("call") ? "tool-calls" : stated, raw }
  }

  completion(asked: string, facts: Pick<Completion, "requestId" | "limits">): Completion {
    const blocks = [...this.blocks].sort(([a], [b]) => a - b).map(([, block]) => block)
    return {
      parts: joined(blocks).flatMap(partOf),
      finish: this.finish(blocks),
      usage: usageOf(this.usage),
      model: this.model === "" ? asked : this.model,
      ...facts
    }
  }
}
