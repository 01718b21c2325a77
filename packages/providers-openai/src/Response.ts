/** From the bodies and events of `/responses` to a completion: names only what is used, and tolerates the rest. */
import type { StreamPart } from "@consortium/core/ChatModel"
import type { Completion, Finish } from "@consortium/core/Completion"
import * as Predicate from "effect/Predicate"
import { Growing, type Said } from "./internal/growing.js"
import { isRefusal, type Item, type Kind, list, partsOf, read, text, type Type } from "./internal/item.js"
import { usage } from "./internal/usage.js"

type Fields = Readonly<Record<PropertyKey, unknown>>

/** The error that an event or a whole answer states, in the shape of an error body. */
export const errorOf = (json: unknown): { readonly error: unknown } | undefined => {
  if (!Predicate.isObject(json)) return undefined
  // The documents have the words in the event itself; some are sent with an object of them.
  if (json.type === "error") return { error: json.error ?? json }
  const response = Predicate.isObject(json.response) ? json.response : json
  if (response.status !== "failed" && json.type !== "response.failed") return undefined
  return { error: response.error ?? { message: "the response failed", code: "server_error" } }
}

/** Events that add to a text: its kind, the item that it stands in, and the field that says which one it is. */
const deltas = new Map<unknown, readonly [Kind, Type, "content_index" | "summary_index" | "output_index"]>([
  ["response.output_text.delta", ["text", "message", "content_index"]],
  ["response.refusal.delta", ["refusal", "message", "content_index"]],
  ["response.reasoning_summary_text.delta", ["summary", "reasoning", "summary_index"]],
  ["response.reasoning_text.delta", ["thought", "reasoning", "content_index"]],
  // A call has but one text.
  ["response.function_call_arguments.delta", ["arguments", "function_call", "output_index"]]
])
const lasts: ReadonlyArray<unknown> = ["response.completed", "response.incomplete", "response.failed"]

const number = (value: unknown): number => (typeof value === "number" && Number.isFinite(value) ? value : 0)

const kindOf = (raw: string | null, items: ReadonlyArray<Item>): Finish["kind"] => {
  if (raw === "content_filter" || items.some(isRefusal)) return "content-filter"
  if (raw === "max_output_tokens") return "length"
  if (raw !== "completed") return raw === null ? "unknown" : "other"
  return items.some(({ type }) => type === "function_call") ? "tool-calls" : "stop"
}

/** An answer in the making: a whole body is one step of it, a stream many. So both give the same completion. */
export class Draft {
  private last: Fields | undefined
  private first: Fields | undefined
  /** By the place in the output; by the id, where no place is told. */
  private readonly growing = new Map<unknown, Growing>()
  private calls = 0
  private hasThought = false

  /** Whether the vendor has said its last word. */
  get isFinished(): boolean {
    return this.last !== undefined
  }

  /** Takes a body or event in and tells what is new; nothing where it is neither. */
  add(json: unknown): ReadonlyArray<StreamPart> | undefined {
    if (!Predicate.isObject(json)) return undefined
    const delta = deltas.get(json.type)
    if (delta !== undefined) return this.grow(json, ...delta)
    if (json.type === "response.output_item.added" || json.type === "response.output_item.done") return this.item(json)
    if (lasts.includes(json.type)) return this.end(json.response)
    // A server that does not stream sends the whole answer as one event.
    if (json.type === undefined) return this.end(json)
    if (Predicate.isObject(json.response)) this.first ??= json.response
    return []
  }

  private at(key: unknown, type: Type): Growing {
    const known = this.growing.get(key)
    if (known !== undefined) return known
    const fresh = new Growing(type, type === "function_call" ? this.calls++ : 0)
    this.growing.set(key, fresh)
    return fresh
  }

  private grow(event: Fields, kind: Kind, type: Type, place: string): ReadonlyArray<StreamPart> {
    const delta = text(event.delta)
    if (delta === "") return []
    const growing = this.at(event.output_index ?? event.item_id, type)
    return this.said(growing, growing.grow(kind, kind === "arguments" ? 0 : number(event[place]), delta))
  }

  private item(event: Fields): ReadonlyArray<StreamPart> {
    const item = read(event.item)
    if (item === undefined) return []
    const growing = this.at(event.output_index ?? item.id, item.type)
    const before = growing.called
    const parts = growing.settle(item).flatMap((said) => this.said(growing, said))
    const { id, name } = growing.called
    if (item.type !== "function_call" || (id === before.id && name === before.name)) return parts
    return [{ _tag: "ToolCall", index: growing.call, id, name, delta: "" }, ...parts]
  }

  /** Texts of reasoning stand on lines of their own, as `Completion.reasoning` joins them. */
  private said({ call }: Growing, { delta, isFirst, kind }: Said): ReadonlyArray<StreamPart> {
    if (kind === "arguments") return [{ _tag: "ToolCall", index: call, delta }]
    if (kind === "text" || kind === "refusal") return [{ _tag: "Text", delta }]
    const isNext = isFirst && this.hasThought
    this.hasThought = true
    return [{ _tag: "Reasoning", delta: isNext ? `\n${delta}` : delta }]
  }

  /** The whole answer; what of it was not streamed is told now, where nothing was. */
  private end(response: unknown): ReadonlyArray<StreamPart> | undefined {
    if (!Predicate.isObject(response)) return undefined
    const isTold = this.growing.size > 0
    if (!isTold && !Array.isArray(response.output)) return undefined
    this.last = response
    return isTold ? [] : list(response.output).flatMap((item, output_index) => this.item({ item, output_index }))
  }

  /** What the last word says; a server may leave out there what it said on the way. */
  private items(): ReadonlyArray<Item> {
    const stated = list(this.last?.output)
    if (stated.length >= this.growing.size)
      return stated.flatMap((item) => {
        const found = read(item)
        return found === undefined ? [] : [found]
      })
    return [...this.growing].sort(([a], [b]) => number(a) - number(b)).map(([, growing]) => growing.item)
  }

  private finish(items: ReadonlyArray<Item>): Finish {
    const details = this.last?.incomplete_details
    const why = Predicate.isObject(details) ? text(details.reason) : ""
    const raw = why || text(this.last?.status) || null
    return { kind: kindOf(raw, items), raw }
  }

  completion(asked: string, facts: Pick<Completion, "requestId" | "limits">): Completion {
    const items = this.items()
    const id = text(this.last?.id) || text(this.first?.id)
    const model = text(this.last?.model) || text(this.first?.model)
    return {
      parts: items.flatMap(partsOf),
      finish: this.finish(items),
      usage: usage(this.last?.usage),
      model: model === "" ? asked : model,
      ...(id !== "" && { id }),
      ...facts
    }
  }
}
