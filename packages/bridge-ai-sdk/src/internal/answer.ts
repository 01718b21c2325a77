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
import type { Completion, Finish, Usage } from "@consortium/core/Completion"
import { Assembly } from "@consortium/wire/Assembly"
import * as marks from "@consortium/wire/Marks"
import type { Step } from "@consortium/wire/Reader"
import { ModelError } from "@consortium/core/ModelError"
import * as faults from "./fault.js"
import { finish, usage } from "./usage.js"

export type Content = LanguageModelV2Content | LanguageModelV3Content | LanguageModelV4Content
export type Streamed = LanguageModelV2StreamPart | LanguageModelV3StreamPart | LanguageModelV4StreamPart

/** The facts beside the parts. */
interface Facts extends Pick<Completion, "model" | "requestId" | "limits"> {
  readonly id?: string | undefined
}

interface End {
  readonly finish: Finish
  readonly usage: Usage
}

const completion = (parts: Completion["parts"], { finish, usage }: End, { id, ...facts }: Facts): Completion => ({
  parts,
  finish,
  usage,
  ...facts,
  ...(id !== undefined && { id })
})

/** A whole answer. Files, sources and what the provider's own tools did have no place in a completion. */
export const whole = (content: ReadonlyArray<Content>, end: End, facts: Facts): Completion => {
  const assembly = new Assembly()
  for (const [index, part] of content.entries()) {
    if (part.type === "text") assembly.say("Text", `${index}`, part.text, part.providerMetadata)
    else if (part.type === "reasoning") assembly.say("Reasoning", `${index}`, part.text, part.providerMetadata)
    else if (part.type === "tool-call" && part.providerExecuted !== true)
      assembly.call(part.toolCallId, part.toolName, part.input, part.providerMetadata)
  }
  return completion(assembly.parts, end, facts)
}

/** A streamed answer in the making. */
export class Answer {
  private readonly assembly = new Assembly()
  private readonly ignored = new Set<string>()
  private readonly who: faults.Who
  private readonly now: () => number
  private facts: Facts
  private end: End | undefined

  constructor(who: faults.Who, facts: Facts, now: () => number) {
    this.who = who
    this.facts = facts
    this.now = now
  }

  /** What a part adds, or the error that it states. */
  private add(part: Streamed): ReadonlyArray<StreamPart> | ModelError {
    const { assembly } = this
    switch (part.type) {
      case "text-start":
      case "reasoning-start":
        assembly.begin(part.type === "text-start" ? "Text" : "Reasoning", part.id, part.providerMetadata)
        return []
      case "text-delta":
      case "reasoning-delta":
        return assembly.say(
          part.type === "text-delta" ? "Text" : "Reasoning",
          part.id,
          part.delta,
          part.providerMetadata
        )
      case "text-end":
      case "reasoning-end":
        return assembly.say(part.type === "text-end" ? "Text" : "Reasoning", part.id, "", part.providerMetadata)
      case "tool-input-start":
        if (part.providerExecuted !== true)
          return assembly.call(part.id, part.toolName, undefined, part.providerMetadata)
        this.ignored.add(part.id)
        return []
      case "tool-input-delta":
        return assembly.argue(part.id, part.delta)
      case "tool-call":
        return part.providerExecuted === true || this.ignored.has(part.toolCallId)
          ? []
          : assembly.call(part.toolCallId, part.toolName, part.input, part.providerMetadata)
      case "response-metadata":
        this.facts = { ...this.facts, id: part.id ?? this.facts.id, model: part.modelId ?? this.facts.model }
        return []
      case "finish": {
        // Of a stream of ours: its headers were sent before the id was known.
        const { requestId } = marks.ours(part.providerMetadata)
        if (typeof requestId === "string") this.facts = { ...this.facts, requestId }
        this.end = { finish: finish(part.finishReason), usage: usage(part.usage, part.providerMetadata) }
        return []
      }
      case "error":
        // Where nothing was said either, it was no stream.
        if (!assembly.isEmpty && faults.isCut(part.error)) return faults.early(this.who)
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
    return { items: [{ _tag: "Done", completion: completion(this.assembly.parts, this.end, this.facts) }] }
  }
}
