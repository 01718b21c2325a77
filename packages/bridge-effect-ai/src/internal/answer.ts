/** From the response parts of `effect/ai` to a completion and its parts. */
import type { StreamPart } from "@consortium/core/ChatModel"
import type { Completion, Finish, Usage } from "@consortium/core/Completion"
import { ModelError } from "@consortium/core/ModelError"
import { Assembly } from "@consortium/wire/Assembly"
import * as LimitHeaders from "@consortium/wire/LimitHeaders"
import * as marks from "@consortium/wire/Marks"
import type { Step } from "@consortium/wire/Reader"
import * as RequestId from "@consortium/wire/RequestId"
import * as ToolArguments from "@consortium/wire/ToolArguments"
import type { Responses } from "./effectAi.js"
import * as errors from "./errors.js"
import { plain } from "./headers.js"
import { finish, usage } from "./usage.js"

/** Parts of calls with any tools; what a call asks is checked by who runs the tool. */
export type Said =
  | Exclude<Responses.AnyPart, { readonly type: "tool-call" | "tool-result" }>
  | Responses.ToolCallPart<string, unknown>
  | Responses.ToolResultPart<string, unknown, unknown>

/** An answer in the making, whole or streamed. */
export class Answer {
  private readonly assembly = new Assembly()
  private readonly ignored = new Set<string>()
  private readonly who: errors.Who
  private readonly now: () => number
  private facts: Pick<Completion, "model" | "id" | "requestId" | "limits">
  private end: { readonly finish: Finish; readonly usage: Usage } | undefined
  private words = 0

  constructor(who: errors.Who, now: () => number) {
    this.who = who
    this.now = now
    this.facts = { model: who.model }
  }

  private ended({ metadata, reason, response, usage: tokens }: Responses.FinishPart): void {
    const headers = plain(response?.headers)
    const { requestId: own } = marks.ours(metadata)
    const requestId = typeof own === "string" ? own : RequestId.read(headers)
    const limits = LimitHeaders.read(headers, this.now())
    this.facts = {
      ...this.facts,
      ...(requestId !== undefined && { requestId }),
      ...(limits !== undefined && { limits })
    }
    this.end = { finish: finish(reason, metadata), usage: usage(tokens, metadata) }
  }

  /** What a part adds, or the error that it states. Files, sources and the provider's own tools have no place here. */
  private add(part: Said): ReadonlyArray<StreamPart> | ModelError {
    const { assembly } = this
    switch (part.type) {
      case "text":
      case "reasoning":
        return assembly.say(part.type === "text" ? "Text" : "Reasoning", `${this.words++}`, part.text, part.metadata)
      case "text-start":
      case "reasoning-start":
        assembly.begin(part.type === "text-start" ? "Text" : "Reasoning", part.id, part.metadata)
        return []
      case "text-delta":
      case "reasoning-delta":
        return assembly.say(part.type === "text-delta" ? "Text" : "Reasoning", part.id, part.delta, some(part.metadata))
      case "text-end":
      case "reasoning-end":
        return assembly.say(part.type === "text-end" ? "Text" : "Reasoning", part.id, "", some(part.metadata))
      case "tool-params-start":
        if (!part.providerExecuted) return assembly.call(part.id, part.name, undefined, some(part.metadata))
        this.ignored.add(part.id)
        return []
      case "tool-params-delta":
        return assembly.argue(part.id, part.delta)
      case "tool-call":
        return part.providerExecuted || this.ignored.has(part.id)
          ? []
          : assembly.call(part.id, part.name, ToolArguments.write(part.params), some(part.metadata))
      case "response-metadata":
        this.facts = {
          ...this.facts,
          ...(part.id !== undefined && { id: part.id }),
          ...(part.modelId !== undefined && { model: part.modelId })
        }
        return []
      case "finish":
        this.ended(part)
        return []
      case "error":
        return errors.fromUnknown(this.who, part.error, this.now())
      default:
        return []
    }
  }

  /** What some parts add, up to the first fault among them. */
  read(some: ReadonlyArray<Said>): Step<StreamPart, ModelError> {
    const items: Array<StreamPart> = []
    for (const part of some) {
      const said = this.add(part)
      if (said instanceof ModelError) return { items, fault: said }
      items.push(...said)
    }
    return { items }
  }

  /** The completion, or that there is none. */
  get completion(): Completion | ModelError {
    if (this.end === undefined) return errors.early(this.who)
    return { parts: this.assembly.parts, ...this.end, ...this.facts }
  }

  done(): Step<StreamPart, ModelError> {
    const { completion } = this
    return completion instanceof ModelError
      ? { items: [], fault: completion }
      : { items: [{ _tag: "Done", completion }] }
  }
}

/** Every part has metadata there; of an empty one nothing is to be learnt. */
const some = (metadata: marks.Metadata): marks.Metadata | undefined =>
  Object.keys(metadata).length === 0 ? undefined : metadata
