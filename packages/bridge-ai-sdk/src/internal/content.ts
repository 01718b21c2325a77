/** From our completion and our stream to the content and the stream of an AI SDK model. */
import type {
  JSONObject,
  LanguageModelV4Content,
  LanguageModelV4StreamPart,
  SharedV4ProviderMetadata,
  SharedV4Warning
} from "@ai-sdk/provider"
import type { StreamPart } from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import type { AssistantPart } from "@consortium/core/Prompt"
import type { Receipt } from "@consortium/core/Receipt"
import { requestIdHeader } from "./headers.js"
import * as marks from "./marks.js"
import { finished, stated } from "./usage.js"

const metadataOf = (part: AssistantPart): { readonly providerMetadata?: SharedV4ProviderMetadata } => {
  const metadata = marks.written(
    part._tag === "ToolCall" ? { ...(part.signature !== undefined && { signature: part.signature }) } : part
  )
  return metadata === undefined ? {} : { providerMetadata: metadata }
}

const contentOf = (part: AssistantPart): LanguageModelV4Content => {
  if (part._tag === "Text") return { type: "text", text: part.text, ...metadataOf(part) }
  if (part._tag === "Reasoning") return { type: "reasoning", text: part.text, ...metadataOf(part) }
  return {
    type: "tool-call",
    toolCallId: part.id,
    toolName: part.name,
    input: part.arguments,
    ...metadataOf(part)
  }
}

export const content = (of: Completion): Array<LanguageModelV4Content> => of.parts.map(contentOf)

/** What the call took and what was noted on the way, such as a consortium's proof. */
export const told = (ref: string, receipt: Receipt, of?: Completion): JSONObject => {
  const notes = receipt.events.flatMap((event) =>
    event._tag === "Note" ? [{ source: event.source, data: event.data }] : []
  )
  const usd = of?.usage.usd
  return {
    ref,
    millis: receipt.millis,
    attempts: receipt.attempts,
    waitedMillis: receipt.waitedMillis,
    cached: receipt.cached,
    ...(receipt.usd !== undefined && { spentUsd: receipt.usd }),
    ...(usd !== undefined && { usd }),
    ...(notes.length > 0 && { notes })
  }
}

/** Whose answer it is, in the words of response metadata. */
export const response = (of: Completion) => ({
  ...(of.id !== undefined && { id: of.id }),
  modelId: of.model,
  ...(of.requestId !== undefined && { headers: { [requestIdHeader]: of.requestId } })
})

/** One text or reasoning as it is streamed. */
interface Block {
  readonly tag: "Text" | "Reasoning"
  readonly id: string
  text: string
}

const kindOf = (tag: Block["tag"]) => (tag === "Text" ? "text" : "reasoning")

const said = ({ id, tag }: Block, delta: string): ReadonlyArray<LanguageModelV4StreamPart> =>
  delta === "" ? [] : [{ type: `${kindOf(tag)}-delta`, id, delta }]

const started = (block: Block): ReadonlyArray<LanguageModelV4StreamPart> => [
  { type: `${kindOf(block.tag)}-start`, id: block.id },
  ...said(block, block.text)
]

/**
 * Spells a stream of ours. Blocks are ended when the whole answer is there, since only then their signatures are known;
 * what was never streamed, such as hidden reasoning, is said then.
 */
export class Spelling {
  private readonly blocks: Array<Block> = []
  /** What the next piece of its kind belongs to. */
  private current: Block | undefined
  private readonly calls = new Map<number, { id?: string; name?: string; held: string; started: boolean }>()

  start(warnings: Array<SharedV4Warning>): LanguageModelV4StreamPart {
    return { type: "stream-start", warnings }
  }

  part(part: StreamPart): ReadonlyArray<LanguageModelV4StreamPart> {
    if (part._tag === "Done") return []
    return part._tag === "ToolCall" ? this.tool(part) : this.block(part._tag, part.delta)
  }

  private begin(tag: Block["tag"], text: string): Block {
    const block = { tag, id: `${kindOf(tag)}-${this.blocks.length}`, text }
    this.blocks.push(block)
    this.current = block
    return block
  }

  private block(tag: Block["tag"], delta: string): ReadonlyArray<LanguageModelV4StreamPart> {
    const last = this.current
    if (last?.tag !== tag) return started(this.begin(tag, delta))
    last.text += delta
    return said(last, delta)
  }

  /** Nothing can be said of a call before its id and its name are there. */
  private tool(part: Extract<StreamPart, { _tag: "ToolCall" }>): ReadonlyArray<LanguageModelV4StreamPart> {
    this.current = undefined
    const call = this.calls.get(part.index) ?? { held: "", started: false }
    this.calls.set(part.index, call)
    call.id = part.id ?? call.id ?? ""
    call.name = part.name ?? call.name ?? ""
    call.held += part.delta
    if (call.id === "" || call.name === "") return []
    const first = call.started ? [] : [{ type: "tool-input-start" as const, id: call.id, toolName: call.name }]
    call.started = true
    const delta = call.held
    call.held = ""
    return [...first, ...(delta === "" ? [] : [{ type: "tool-input-delta" as const, id: call.id, delta }])]
  }

  private end(block: Block, part?: AssistantPart): LanguageModelV4StreamPart {
    return { type: `${kindOf(block.tag)}-end`, id: block.id, ...(part && metadataOf(part)) }
  }

  private whole(part: Exclude<AssistantPart, { _tag: "ToolCall" }>): ReadonlyArray<LanguageModelV4StreamPart> {
    const block = this.begin(part._tag, part.text)
    return [...started(block), this.end(block, part)]
  }

  /** The ends of all blocks, and the calls as they are. Parts that were streamed as one are one, with the last mark. */
  private rest(of: Completion): ReadonlyArray<LanguageModelV4StreamPart> {
    const started = new Set([...this.calls.values()].flatMap((call) => (call.started ? [call.id] : [])))
    const open = [...this.blocks]
    const heard = new Set(open.map(({ tag }) => tag))
    let read = 0
    const out = of.parts.flatMap((part): ReadonlyArray<LanguageModelV4StreamPart> => {
      if (part._tag === "ToolCall") {
        const { arguments: input, id, name } = part
        const call = { type: "tool-call" as const, toolCallId: id, toolName: name, input, ...metadataOf(part) }
        return started.has(id) ? [{ type: "tool-input-end", id }, call] : [call]
      }
      const block = open.find(({ tag }) => tag === part._tag)
      // What was heard is not said again, even where the whole answer spells it otherwise.
      if (part.text === "" ? block?.text !== "" : !heard.has(part._tag)) return this.whole(part)
      if (block === undefined) return []
      read += part.text.length
      if (read < block.text.length && block.text.startsWith(part.text, read - part.text.length)) return []
      read = 0
      open.splice(open.indexOf(block), 1)
      return [this.end(block, part)]
    })
    return [...out, ...open.map((block) => this.end(block))]
  }

  done(of: Completion, metadata: JSONObject): ReadonlyArray<LanguageModelV4StreamPart> {
    const { headers: _headers, ...known } = response(of)
    return [
      ...this.rest(of),
      { type: "response-metadata", ...known },
      {
        type: "finish",
        finishReason: finished(of.finish),
        usage: stated(of.usage),
        providerMetadata: {
          [marks.own]: { ...metadata, ...(of.requestId !== undefined && { requestId: of.requestId }) }
        }
      }
    ]
  }
}
