/** From the bodies and chunks of `/chat/completions` to a completion: names only what is used, and tolerates the rest. */
import type { StreamPart } from "@consortium/core/ChatModel"
import { type Completion, type Finish, splitThink } from "@consortium/core/Completion"
import type { AssistantPart } from "@consortium/core/Prompt"
import { type Call, type Chunk, type Place, read, type Said } from "./internal/chunk.js"
import * as details from "./internal/details.js"
import { ThinkSplitter } from "./internal/think.js"
import { usage } from "./internal/usage.js"
import type { Vendor } from "./Vendor.js"

/** A whole answer (`message`) or a chunk of one (`delta`); nothing where it is neither. */
export const decode = (json: unknown, place: Place): Chunk | undefined => read(json, place)

/** The error that an answer of its own states, in the shape of an error body. */
export const errorOf = ({ choice }: Chunk): { readonly error: unknown } | undefined =>
  choice?.error === undefined ? undefined : { error: choice.error }

/** By the vendors' words, in small letters. */
const kinds: Readonly<Record<string, Finish["kind"]>> = {
  stop: "stop",
  eos: "stop",
  end_turn: "stop",
  stop_sequence: "stop",
  length: "length",
  max_tokens: "length",
  model_length: "length",
  tool_calls: "tool-calls",
  tool_use: "tool-calls",
  function_call: "tool-calls",
  content_filter: "content-filter",
  sensitive: "content-filter",
  safety: "content-filter",
  error: "error",
  network_error: "error",
  insufficient_system_resource: "error"
}

const kindOf = (raw: string): Finish["kind"] => {
  const word = raw.toLowerCase()
  return Object.hasOwn(kinds, word) ? (kinds[word] ?? "other") : "other"
}

interface DraftCall {
  id: string
  name: string
  arguments: string
}

/** An answer in the making: a whole body is one step of it, a stream many. So both give the same completion. */
export class Draft {
  private text = ""
  private reasoning = ""
  private refused = false
  private finishWord = ""
  private id = ""
  private model = ""
  private usage: Chunk["usage"]
  private choices = 0
  private readonly details = new details.Details()
  private readonly calls = new Map<number, DraftCall>()
  /** Which call an index of the wire means just now. */
  private readonly current = new Map<number, number>()
  private readonly byId = new Map<string, number>()
  private nextIndex = 0
  private readonly splitter = new ThinkSplitter()

  /** Whether an answer was seen at all. */
  get isEmpty(): boolean {
    return this.choices === 0
  }
  /** Whether the vendor said why it ended. */
  get isFinished(): boolean {
    return this.finishWord !== ""
  }

  /** Takes a body or chunk in and tells what is new. */
  add({ choice, id, model, usage }: Chunk): ReadonlyArray<StreamPart> {
    if (this.id === "") this.id = id
    if (model !== "") this.model = model
    if (usage !== undefined) this.usage = usage
    if (choice === undefined) return []
    this.choices++
    // Some send an empty word, which says nothing.
    if (choice.finish !== "") this.finishWord = choice.finish
    const parts: Array<StreamPart> = []
    this.think(choice.said, parts)
    this.say(choice.said, parts)
    for (const call of choice.said.calls) parts.push(this.call(call))
    return parts
  }

  /** What was held back, when nothing more will come. */
  end(): ReadonlyArray<StreamPart> {
    return this.splitter.end()
  }

  private think(said: Said, parts: Array<StreamPart>): void {
    for (const piece of said.details) this.details.add(piece)
    // The same words may come in both ways.
    const delta = said.reasoning === "" ? said.details.map(details.words).join("") : said.reasoning
    if (delta === "") return
    this.reasoning += delta
    parts.push({ _tag: "Reasoning", delta })
  }

  private say(said: Said, parts: Array<StreamPart>): void {
    if (said.refusal !== "") this.refused = true
    const piece = said.text + said.refusal
    if (piece === "") return
    this.text += piece
    for (const part of this.splitter.push(piece)) parts.push(part)
  }

  private call({ arguments: delta, id, index: stated, name }: Call): StreamPart {
    const index = stated === undefined ? this.indexById(id) : this.indexOf(stated, id, name)
    const call = this.calls.get(index) ?? { id: "", name: "", arguments: "" }
    this.calls.set(index, call)
    this.nextIndex = Math.max(this.nextIndex, index + 1)
    if (call.id === "" && id !== "") {
      call.id = id
      this.byId.set(id, index)
    }
    if (call.name === "") call.name = name
    call.arguments += delta
    return { _tag: "ToolCall", index, ...(id !== "" && { id }), ...(name !== "" && { name }), delta }
  }

  /** The wire's own index, unless a call of another id and name has it already: some servers give one index to all. */
  private indexOf(stated: number, id: string, name: string): number {
    const index = this.current.get(stated)
    const known = index === undefined ? this.calls.get(stated) : this.calls.get(index)
    const isOther = known !== undefined && name !== "" && id !== "" && known.id !== "" && known.id !== id
    if (index !== undefined && !isOther) return index
    const fresh = known === undefined ? stated : this.nextIndex
    this.current.set(stated, fresh)
    return fresh
  }

  /** A call without an index is a new one, unless its id continues an old one or is missing in the middle of one. */
  private indexById(id: string): number {
    const known = this.byId.get(id)
    if (known !== undefined) return known
    return id !== "" || this.calls.size === 0 ? this.nextIndex : this.nextIndex - 1
  }

  private parts(): ReadonlyArray<AssistantPart> {
    const inline = splitThink(this.text)
    const parts: Array<AssistantPart> = this.details.all.map(details.toPart)
    if (parts.length === 0 && this.reasoning !== "") parts.push({ _tag: "Reasoning", text: this.reasoning })
    if (inline.reasoning !== "") parts.push({ _tag: "Reasoning", text: inline.reasoning })
    if (inline.text !== "") parts.push({ _tag: "Text", text: inline.text })
    for (const [index, call] of [...this.calls].sort(([a], [b]) => a - b))
      parts.push({ _tag: "ToolCall", ...call, id: call.id === "" ? `call_${index}` : call.id })
    return parts
  }

  private finish(): Finish {
    const raw = this.finishWord === "" ? null : this.finishWord
    if (this.refused) return { kind: "content-filter", raw }
    const kind = raw === null ? "unknown" : kindOf(raw)
    // Some call tools and then say `stop`.
    return { kind: kind === "stop" && this.calls.size > 0 ? "tool-calls" : kind, raw }
  }

  completion(vendor: Vendor, asked: string, facts: Pick<Completion, "requestId" | "limits">): Completion {
    return {
      parts: this.parts(),
      finish: this.finish(),
      usage: usage(this.usage, vendor),
      model: this.model === "" ? asked : this.model,
      ...(this.id !== "" && { id: this.id }),
      ...facts
    }
  }
}
