/** From the bodies and events of `/v1/messages` to a completion: names only what is used, and tolerates the rest. */
import type { StreamPart } from "@consortium/core/ChatModel"
import type { Completion, Finish, Usage } from "@consortium/core/Completion"
import type { AssistantPart } from "@consortium/core/Prompt"
import * as Predicate from "effect/Predicate"

const text = (value: unknown): string => (typeof value === "string" ? value : "")
const record = (value: unknown): Readonly<Record<string, unknown>> => (Predicate.isObject(value) ? value : {})
const count = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined

const kinds: Readonly<Record<string, Finish["kind"]>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_use: "tool-calls",
  refusal: "content-filter"
}

interface Block {
  /** The wire's own type; `answer` for a call that stands for the answer. */
  readonly type: string
  readonly id: string
  readonly name: string
  /** Text, thinking, or what a call is given. */
  words: string
  signature: string
}

/** What the vendor states of tokens: input without what was read from and written to the cache. */
const usageOf = (raw: Readonly<Record<string, unknown>>): Usage => {
  const plain = count(raw.input_tokens)
  const cacheReadTokens = count(raw.cache_read_input_tokens)
  const cacheWriteTokens = count(raw.cache_creation_input_tokens)
  const outputTokens = count(raw.output_tokens)
  const thought = count(record(raw.output_tokens_details).thinking_tokens)
  return {
    ...(plain !== undefined && { inputTokens: plain + (cacheReadTokens ?? 0) + (cacheWriteTokens ?? 0) }),
    ...(cacheReadTokens !== undefined && { cacheReadTokens }),
    ...(cacheWriteTokens !== undefined && { cacheWriteTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
    ...(thought !== undefined && { reasoningTokens: Math.min(thought, outputTokens ?? thought) })
  }
}

const partOf = ({ id, name, signature, type, words }: Block): ReadonlyArray<AssistantPart> => {
  switch (type) {
    case "text":
    case "answer":
      return words === "" ? [] : [{ _tag: "Text", text: words }]
    case "thinking":
      return [{ _tag: "Reasoning", text: words, ...(signature !== "" && { signature }) }]
    case "redacted_thinking":
      return [{ _tag: "Reasoning", text: "", signature, redacted: true }]
    case "tool_use":
      return [{ _tag: "ToolCall", id, name, arguments: words === "" ? "{}" : words }]
    default:
      // Blocks of tools that the vendor runs itself are no parts of an answer.
      return []
  }
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

/** An answer in the making: a whole body is one step of it, a stream many. So both give the same completion. */
export class Draft {
  private readonly blocks = new Map<number, Block>()
  private usage: Readonly<Record<string, unknown>> = {}
  private stop: string | undefined
  private model: string | undefined
  private id: string | undefined
  private begun = false
  private ended = false
  private readonly answerTool: string | undefined

  /** A call of the tool with this name is the answer itself, as text. */
  constructor(answerTool?: string) {
    this.answerTool = answerTool
  }

  get isBegun(): boolean {
    return this.begun
  }
  /** Whether the vendor said why it ended, or that it did. */
  get isFinished(): boolean {
    return this.begun && (this.ended || this.stop !== undefined)
  }

  /** Takes a body or an event in and tells what is new; nothing where it is neither. */
  add(json: unknown): ReadonlyArray<StreamPart> | undefined {
    const said = record(json)
    switch (said.type) {
      case "message":
        return this.message(said)
      case "message_start":
        return this.message(record(said.message))
      case "content_block_start":
        return this.open(count(said.index) ?? this.blocks.size, record(said.content_block))
      case "content_block_delta":
        return this.grow(count(said.index) ?? this.blocks.size - 1, record(said.delta))
      case "content_block_stop":
        return this.close(count(said.index) ?? this.blocks.size - 1)
      case "message_delta":
        this.take(record(said.usage))
        this.stopBy(record(said.delta).stop_reason)
        return []
      case "message_stop":
        this.ended = true
        return []
      default:
        // Events that are not known yet say nothing; a body without a type is no message.
        return typeof said.type === "string" ? [] : undefined
    }
  }

  private take(usage: Readonly<Record<string, unknown>>): void {
    const stated = Object.entries(usage).filter(([, value]) => value !== null && value !== undefined)
    this.usage = { ...this.usage, ...Object.fromEntries(stated) }
  }

  private stopBy(reason: unknown): void {
    if (typeof reason === "string" && reason !== "") this.stop = reason
  }

  private message(said: Readonly<Record<string, unknown>>): ReadonlyArray<StreamPart> | undefined {
    if (!Array.isArray(said.content)) return undefined
    this.begun = true
    if (text(said.model) !== "") this.model = text(said.model)
    if (text(said.id) !== "") this.id = text(said.id)
    this.take(record(said.usage))
    this.stopBy(said.stop_reason)
    return said.content.flatMap((block, index) => [...this.open(index, record(block)), ...this.close(index)])
  }

  private open(index: number, said: Readonly<Record<string, unknown>>): ReadonlyArray<StreamPart> {
    const isAnswer = said.type === "tool_use" && this.answerTool !== undefined && said.name === this.answerTool
    const type = isAnswer ? "answer" : text(said.type)
    const input = said.input
    // Streamed calls begin with an empty object and say what they are given in pieces.
    const given = Predicate.isObject(input) && Object.keys(input).length > 0 ? JSON.stringify(input) : ""
    const words = type === "text" ? text(said.text) : type === "thinking" ? text(said.thinking) : given
    const signature = type === "redacted_thinking" ? text(said.data) : text(said.signature)
    const block: Block = { type, id: text(said.id), name: text(said.name), words, signature }
    this.blocks.set(index, block)
    if (type === "tool_use") return [{ _tag: "ToolCall", index, id: block.id, name: block.name, delta: words }]
    return this.told(type, words)
  }

  private told(type: string, delta: string): ReadonlyArray<StreamPart> {
    if (delta === "" || (type !== "text" && type !== "thinking" && type !== "answer")) return []
    return [{ _tag: type === "thinking" ? "Reasoning" : "Text", delta }]
  }

  private grow(index: number, delta: Readonly<Record<string, unknown>>): ReadonlyArray<StreamPart> {
    const block = this.blocks.get(index)
    if (block === undefined) return []
    // A mark comes whole.
    if (text(delta.signature) !== "") block.signature = text(delta.signature)
    const piece =
      block.type === "text"
        ? text(delta.text)
        : block.type === "thinking"
          ? text(delta.thinking)
          : text(delta.partial_json)
    block.words += piece
    if (block.type === "tool_use") return piece === "" ? [] : [{ _tag: "ToolCall", index, delta: piece }]
    return this.told(block.type, piece)
  }

  /** A call without anything given is a call with an empty object. */
  private close(index: number): ReadonlyArray<StreamPart> {
    const block = this.blocks.get(index)
    if (block?.type !== "tool_use" || block.words !== "") return []
    block.words = "{}"
    return [{ _tag: "ToolCall", index, delta: block.words }]
  }

  /** A call that is the answer ends it; other calls beside it still wait. */
  private get hasAnswered(): boolean {
    const types = [...this.blocks.values()].map(({ type }) => type)
    return types.includes("answer") && !types.includes("tool_use")
  }

  completion(asked: string, facts: Pick<Completion, "requestId" | "limits">): Completion {
    const raw = this.stop ?? null
    const stated = raw === null ? "unknown" : Object.hasOwn(kinds, raw) ? (kinds[raw] ?? "other") : "other"
    const kind = stated === "tool-calls" && this.hasAnswered ? "stop" : stated
    const blocks = [...this.blocks].sort(([a], [b]) => a - b).map(([, block]) => block)
    return {
      parts: joined(blocks).flatMap(partOf),
      finish: { kind, raw },
      usage: usageOf(this.usage),
      model: this.model ?? asked,
      ...(this.id !== undefined && { id: this.id }),
      ...facts
    }
  }
}
