/** From the content or the stream of an AI SDK model, of any version, to a completion and its parts. */
import type {
  LanguageModelV2Content,
  LanguageModelV2StreamPart,
  LanguageModelV3Content,
  LanguageModelV3StreamPart,
  LanguageModelV4Content,
  LanguageModelV4StreamPart
} from "@ai-sdk/provider"
import type { StreamPart } from "@consortium/core/ChatModel"
import type { Completion, Finish, LimitFacts, Usage } from "@consortium/core/Completion"
import type { AssistantPart } from "@consortium/core/Prompt"
import type { Step } from "@consortium/wire/Reader"
import { ModelError } from "@consortium/core/ModelError"
import * as faults from "./fault.js"
import * as marks from "./marks.js"
import * as usages from "./usage.js"

export type Content = LanguageModelV2Content | LanguageModelV3Content | LanguageModelV4Content
export type Streamed = LanguageModelV2StreamPart | LanguageModelV3StreamPart | LanguageModelV4StreamPart

/** A block in the making. */
interface Block {
  readonly tag: AssistantPart["_tag"]
  /** The text, the reasoning or the arguments. */
  text: string
  readonly id: string
  readonly name: string
  metadata: marks.Metadata | undefined
}

const partOf = ({ id, metadata, name, tag, text }: Block): AssistantPart => {
  const mark = marks.read(metadata)
  const signature = mark.signature === undefined ? {} : { signature: mark.signature }
  if (tag === "Text") return { _tag: tag, text, ...signature }
  return tag === "ToolCall" ? { _tag: tag, id, name, arguments: text, ...signature } : { _tag: tag, text, ...mark }
}

/** What is neither said nor signed is no part. */
const isSaid = ({ metadata, tag, text }: Block): boolean =>
  tag === "ToolCall" || text !== "" || marks.read(metadata).signature !== undefined

/** The facts beside the parts. */
interface Facts {
  readonly model: string
  readonly id?: string | undefined
  readonly requestId?: string
  readonly limits?: LimitFacts
}

const completion = (blocks: ReadonlyArray<Block>, finish: Finish, usage: Usage, facts: Facts): Completion => ({
  parts: blocks.filter(isSaid).map(partOf),
  finish,
  usage,
  model: facts.model,
  ...(facts.id !== undefined && { id: facts.id }),
  ...(facts.requestId !== undefined && { requestId: facts.requestId }),
  ...(facts.limits !== undefined && { limits: facts.limits })
})

/** A whole answer. Files, sources and what the provider's own tools did have no place in a completion. */
export const whole = (content: ReadonlyArray<Content>, finish: Finish, usage: Usage, facts: Facts): Completion =>
  completion(
    content.flatMap((part): ReadonlyArray<Block> => {
      const plain = { id: "", name: "", metadata: part.type === "text" ? part.providerMetadata : undefined }
      if (part.type === "text") return [{ ...plain, tag: "Text", text: part.text }]
      if (part.type === "reasoning")
        return [{ ...plain, tag: "Reasoning", text: part.text, metadata: part.providerMetadata }]
      if (part.type !== "tool-call" || part.providerExecuted === true) return []
      const { input, providerMetadata: metadata, toolCallId, toolName } = part
      return [{ tag: "ToolCall", text: input, id: toolCallId, name: toolName, metadata }]
    }),
    finish,
    usage,
    facts
  )

/** A streamed answer in the making. */
export class Answer {
  private readonly blocks: Array<Block> = []
  private readonly open = new Map<string, number>()
  private readonly ignored = new Set<string>()
  private readonly who: faults.Who
  private readonly now: () => number
  private facts: Facts
  private end: { readonly finish: Finish; readonly usage: Usage } | undefined

  constructor(who: faults.Who, facts: Facts, now: () => number) {
    this.who = who
    this.facts = facts
    this.now = now
  }

  private begin(key: string, block: Block): number {
    const index = this.blocks.push(block) - 1
    this.open.set(key, index)
    return index
  }

  /** The block of a delta or an end; some providers leave out the start. */
  private at(tag: "Text" | "Reasoning", id: string, metadata: marks.Metadata | undefined): Block {
    const key = `${tag} ${id}`
    const index = this.open.get(key) ?? this.begin(key, { tag, text: "", id: "", name: "", metadata })
    const block = this.blocks[index]
    if (block === undefined) throw new Error("a block that is open is there")
    block.metadata = metadata ?? block.metadata
    return block
  }

  private call(id: string, name: string, input: string, metadata?: marks.Metadata): ReadonlyArray<StreamPart> {
    const key = `ToolCall ${id}`
    const known = this.open.get(key)
    const index = known ?? this.begin(key, { tag: "ToolCall", text: "", id, name, metadata })
    const block = this.blocks[index]
    if (block === undefined) return []
    // The call as a whole is what counts; what was streamed of it is mostly its beginning.
    const rest = input.startsWith(block.text) ? input.slice(block.text.length) : ""
    block.text = input
    block.metadata = metadata ?? block.metadata
    const first = known === undefined ? { id, name } : {}
    return known !== undefined && rest === "" ? [] : [{ _tag: "ToolCall", index, ...first, delta: rest }]
  }

  /** What a part adds, or the error that it states. */
  add(part: Streamed): ReadonlyArray<StreamPart> | ModelError {
    switch (part.type) {
      case "text-start":
      case "reasoning-start": {
        const tag = part.type === "text-start" ? "Text" : "Reasoning"
        this.begin(`${tag} ${part.id}`, { tag, text: "", id: "", name: "", metadata: part.providerMetadata })
        return []
      }
      case "text-delta":
      case "reasoning-delta": {
        const tag = part.type === "text-delta" ? "Text" : "Reasoning"
        this.at(tag, part.id, part.providerMetadata).text += part.delta
        return part.delta === "" ? [] : [{ _tag: tag, delta: part.delta }]
      }
      case "text-end":
      case "reasoning-end":
        this.at(part.type === "text-end" ? "Text" : "Reasoning", part.id, part.providerMetadata)
        return []
      case "tool-input-start":
        if (part.providerExecuted === true) {
          this.ignored.add(part.id)
          return []
        }
        return this.call(part.id, part.toolName, "", part.providerMetadata)
      case "tool-input-delta": {
        const index = this.open.get(`ToolCall ${part.id}`)
        const block = index === undefined ? undefined : this.blocks[index]
        if (index === undefined || block === undefined || part.delta === "") return []
        block.text += part.delta
        return [{ _tag: "ToolCall", index, delta: part.delta }]
      }
      case "tool-call":
        return part.providerExecuted === true || this.ignored.has(part.toolCallId)
          ? []
          : this.call(part.toolCallId, part.toolName, part.input, part.providerMetadata)
      case "response-metadata":
        this.facts = { ...this.facts, id: part.id ?? this.facts.id, model: part.modelId ?? this.facts.model }
        return []
      case "finish":
        this.facts = { ...this.facts, ...marks.requestId(part.providerMetadata) }
        this.end = {
          finish: usages.finish(part.finishReason),
          usage: usages.usage(part.usage, part.providerMetadata)
        }
        return []
      case "error":
        // Where nothing was said either, it was no stream.
        if (this.blocks.length > 0 && faults.isCut(part.error)) return faults.early(this.who)
        return faults.fault(this.who, part.error, this.now())
      default:
        return []
    }
  }

  /** What some parts add, up to the first fault among them. */
  read(some: ReadonlyArray<Streamed>): Step<StreamPart, ModelError> {
    const items: Array<StreamPart> = []
    for (const part of some) {
      const said = this.add(part)
      if (said instanceof ModelError) return { items, fault: said }
      items.push(...said)
    }
    return { items }
  }

  /** The last part, or that there is none. */
  done(): Step<StreamPart, ModelError> {
    if (this.end === undefined) return { items: [], fault: faults.early(this.who) }
    const { finish, usage } = this.end
    return { items: [{ _tag: "Done", completion: completion(this.blocks, finish, usage, this.facts) }] }
  }
}
