/** From the bodies and events of `/v2/chat` to a completion: names only what is used, and tolerates the rest. */
import type { StreamPart } from "@consortium/core/ChatModel"
import type { Completion, Finish } from "@consortium/core/Completion"
import type { AssistantPart } from "@consortium/core/Prompt"
import * as Predicate from "effect/Predicate"
import { usage } from "./internal/usage.js"

type Fields = Readonly<Record<PropertyKey, unknown>>

const fields = (value: unknown): Fields => (Predicate.isObject(value) && !Array.isArray(value) ? value : {})
const list = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])
const text = (value: unknown): string => (typeof value === "string" ? value : "")
const place = (value: unknown): number | undefined => (Number.isSafeInteger(value) ? Number(value) : undefined)

/** The name by which a plan for tools is told from other thoughts, and goes back to its own place. */
export const planId = "tool_plan"

/** By the words of `ChatFinishReason` in cohere-ai 8.1. */
const kinds: Readonly<Record<string, Finish["kind"]>> = {
  COMPLETE: "stop",
  STOP_SEQUENCE: "stop",
  MAX_TOKENS: "length",
  TOOL_CALL: "tool-calls",
  ERROR: "error",
  TIMEOUT: "error"
}

interface Block {
  readonly isThought: boolean
  words: string
}

interface Call {
  readonly id: string
  readonly name: string
  written: string
}

/** The failure that a good answer states: its message is a text, or its stream ends with an error. Empty where there is none. */
export const failureIn = (json: unknown): string => {
  const said = fields(json)
  return said.type === "message-end" ? text(fields(said.delta).error) : text(said.message)
}

/** An answer in the making: a whole body is one step of it, a stream many. So both give the same completion. */
export class Draft {
  private readonly blocks = new Map<number, Block>()
  private readonly calls = new Map<number, Call>()
  private plan = ""
  private id = ""
  private usage: Fields = {}
  private finishWord = ""
  private isBegun = false
  private isEnded = false

  /** Whether an answer was seen at all. */
  get isEmpty(): boolean {
    return !this.isBegun
  }
  /** Whether the vendor said that this is the end. */
  get isFinished(): boolean {
    return this.isEnded
  }

  /** Takes a body or an event in and tells what is new; nothing where it is neither. */
  add(json: unknown): ReadonlyArray<StreamPart> | undefined {
    const said = fields(json)
    if (said.type === undefined) return Predicate.isObject(said.message) ? this.whole(said) : undefined
    if (typeof said.type !== "string") return undefined
    this.isBegun = true
    const message = fields(fields(said.delta).message)
    switch (said.type) {
      case "message-start":
        this.id = text(said.id)
        return []
      case "content-start":
        return this.open(place(said.index) ?? this.blocks.size, fields(message.content))
      case "content-delta":
        return this.grow(place(said.index) ?? this.blocks.size - 1, fields(message.content))
      case "tool-plan-delta":
        return this.planned(text(message.tool_plan))
      case "tool-call-start":
        return this.begin(place(said.index) ?? this.calls.size, fields(message.tool_calls))
      case "tool-call-delta":
        return this.write(place(said.index) ?? this.calls.size - 1, fields(message.tool_calls))
      case "tool-call-end":
        return this.close(place(said.index) ?? this.calls.size - 1)
      case "message-end":
        return this.end(fields(said.delta))
      default:
        // Citations have no place in a completion; events that are not known yet say nothing.
        return []
    }
  }

  private whole(said: Fields): ReadonlyArray<StreamPart> {
    const message = fields(said.message)
    this.isBegun = true
    this.id = text(said.id)
    const content = typeof message.content === "string" ? [{ text: message.content }] : list(message.content)
    return [
      ...content.flatMap((block, index) => this.open(index, fields(block))),
      ...this.planned(text(message.tool_plan)),
      ...list(message.tool_calls).flatMap((call, index) => [...this.begin(index, fields(call)), ...this.close(index)]),
      ...this.end(said)
    ]
  }

  private end(said: Fields): ReadonlyArray<StreamPart> {
    this.isEnded = true
    this.finishWord = text(said.finish_reason)
    this.usage = fields(said.usage)
    return []
  }

  private told({ isThought }: Block, delta: string): ReadonlyArray<StreamPart> {
    return delta === "" ? [] : [{ _tag: isThought ? "Reasoning" : "Text", delta }]
  }

  private open(index: number, content: Fields): ReadonlyArray<StreamPart> {
    const isThought = content.type === "thinking"
    const block: Block = { isThought, words: text(isThought ? content.thinking : content.text) }
    this.blocks.set(index, block)
    return this.told(block, block.words)
  }

  private grow(index: number, content: Fields): ReadonlyArray<StreamPart> {
    const block = this.blocks.get(index)
    if (block === undefined) return this.open(Math.max(0, index), content)
    const piece = text(block.isThought ? content.thinking : content.text)
    block.words += piece
    return this.told(block, piece)
  }

  private planned(delta: string): ReadonlyArray<StreamPart> {
    this.plan += delta
    return delta === "" ? [] : [{ _tag: "Reasoning", delta }]
  }

  private begin(index: number, said: Fields): ReadonlyArray<StreamPart> {
    const asked = fields(said.function)
    const call: Call = {
      id: text(said.id) || `call_${index}`,
      name: text(asked.name),
      written: text(asked.arguments)
    }
    this.calls.set(index, call)
    return [{ _tag: "ToolCall", index, id: call.id, name: call.name, delta: call.written }]
  }

  private write(index: number, said: Fields): ReadonlyArray<StreamPart> {
    const call = this.calls.get(index)
    const piece = text(fields(said.function).arguments)
    if (call === undefined || piece === "") return []
    call.written += piece
    return [{ _tag: "ToolCall", index, delta: piece }]
  }

  /** A call without anything given is a call with an empty object. */
  private close(index: number): ReadonlyArray<StreamPart> {
    const call = this.calls.get(index)
    if (call === undefined || call.written !== "") return []
    call.written = "{}"
    return [{ _tag: "ToolCall", index, delta: call.written }]
  }

  private parts(): ReadonlyArray<AssistantPart> {
    const blocks = [...this.blocks].sort(([a], [b]) => a - b).map(([, block]) => block)
    const calls = [...this.calls].sort(([a], [b]) => a - b).map(([, call]) => call)
    return [
      ...blocks
        .filter(({ words }) => words !== "")
        .map(({ isThought, words }): AssistantPart => ({ _tag: isThought ? "Reasoning" : "Text", text: words })),
      ...(this.plan === "" ? [] : [{ _tag: "Reasoning" as const, text: this.plan, id: planId }]),
      ...calls.map(({ id, name, written }) => ({ _tag: "ToolCall" as const, id, name, arguments: written }))
    ]
  }

  completion(asked: string, facts: Pick<Completion, "requestId" | "limits">): Completion {
    const raw = this.finishWord === "" ? null : this.finishWord
    const kind = raw === null ? "unknown" : Object.hasOwn(kinds, raw) ? (kinds[raw] ?? "other") : "other"
    return {
      parts: this.parts(),
      finish: { kind, raw },
      usage: usage(this.usage),
      // Answers don't say it.
      model: asked,
      ...(this.id !== "" && { id: this.id }),
      ...facts
    }
  }
}
