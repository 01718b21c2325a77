/** From the bodies and chunks of `/chat/completions` to a completion: names only what is used, and tolerates the rest. */
import type { StreamPart } from "@consortium/core/ChatModel"
import { type Completion, type Finish, splitThink } from "@consortium/core/Completion"
import type { AssistantPart } from "@consortium/core/Prompt"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as details from "./internal/details.js"
import { ThinkSplitter } from "./internal/think.js"
import { RawUsage, usage } from "./internal/usage.js"
import type { Vendor } from "./Vendor.js"

/** Missing, null or there: vendors differ in all of them. */
const maybe = <S extends Schema.Constraint>(schema: S) => Schema.optional(Schema.NullOr(schema))

const Call = Schema.Struct({
  index: maybe(Schema.Finite),
  id: maybe(Schema.String),
  function: maybe(Schema.Struct({ name: maybe(Schema.String), arguments: Schema.optional(Schema.Unknown) }))
})

const Message = Schema.Struct({
  content: maybe(Schema.Union([Schema.String, Schema.Array(Schema.Unknown)])),
  refusal: maybe(Schema.String),
  reasoning_content: Schema.optional(Schema.Unknown),
  reasoning: Schema.optional(Schema.Unknown),
  reasoning_details: maybe(Schema.Array(Schema.JsonObject)),
  tool_calls: maybe(Schema.Array(Call))
})

const Choice = Schema.Struct({
  index: maybe(Schema.Finite),
  message: maybe(Message),
  delta: maybe(Message),
  finish_reason: maybe(Schema.String),
  error: Schema.optional(Schema.Unknown)
})

const Body = Schema.Struct({
  model: maybe(Schema.String),
  choices: maybe(Schema.Array(Choice)),
  usage: maybe(RawUsage),
  x_groq: maybe(Schema.Struct({ usage: maybe(RawUsage) }))
})
type Body = typeof Body.Type

const decodeBody = Schema.decodeUnknownOption(Body)

/** A whole answer or a chunk of one; nothing where it is neither. */
export const decode = (json: unknown): Body | undefined => Option.getOrUndefined(decodeBody(json))

/** The first answer of a body, since `n` is never asked for. */
const choiceOf = (body: Body) => body.choices?.find((choice) => (choice.index ?? 0) === 0)

/** The error that an answer of its own states, in the shape of an error body. */
export const errorOf = (body: Body): { readonly error: unknown } | undefined => {
  const error = choiceOf(body)?.error
  return error === undefined || error === null ? undefined : { error }
}

/** Content may be an array of parts: `text`, and `thinking`, whose words may be parts again. */
const partsText = (parts: unknown, type: "text" | "thinking"): string => {
  if (typeof parts === "string") return parts
  if (!Array.isArray(parts)) return ""
  return parts
    .map((part) => (Predicate.isObject(part) && part.type === type ? partsText(part[type], "text") : ""))
    .join("")
}

const string = (value: unknown): string => (typeof value === "string" ? value : "")

const kinds: Readonly<Record<string, Finish["kind"]>> = {
  stop: "stop",
  eos: "stop",
  length: "length",
  max_tokens: "length",
  model_length: "length",
  tool_calls: "tool-calls",
  function_call: "tool-calls",
  content_filter: "content-filter",
  sensitive: "content-filter",
  error: "error",
  network_error: "error",
  insufficient_system_resource: "error"
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
  private finishWord: string | undefined
  private model: string | undefined
  private usage: RawUsage | undefined
  private choices = 0
  private readonly details: Array<details.Detail> = []
  private readonly calls = new Map<number, DraftCall>()
  private readonly splitter = new ThinkSplitter()

  /** Whether an answer was seen at all. */
  get isEmpty(): boolean {
    return this.choices === 0
  }
  /** Whether the vendor said why it ended. */
  get isFinished(): boolean {
    return this.finishWord !== undefined
  }

  /** Takes a body or chunk in and tells what is new. */
  add(body: Body): ReadonlyArray<StreamPart> {
    if (body.model !== undefined && body.model !== null && body.model !== "") this.model = body.model
    this.usage = body.usage ?? body.x_groq?.usage ?? this.usage
    const choice = choiceOf(body)
    if (choice === undefined) return []
    this.choices++
    const said = choice.delta ?? choice.message
    const parts =
      said === null || said === undefined
        ? []
        : [...this.think(said), ...this.say(said), ...this.call(said.tool_calls ?? [])]
    // Some send an empty word, which says nothing.
    if (typeof choice.finish_reason === "string" && choice.finish_reason !== "") this.finishWord = choice.finish_reason
    return parts
  }

  /** What was held back, when nothing more will come. */
  end(): ReadonlyArray<StreamPart> {
    return this.splitter.end()
  }

  private think(said: typeof Message.Type): ReadonlyArray<StreamPart> {
    for (const piece of said.reasoning_details ?? []) details.add(this.details, piece)
    const inParts = typeof said.content === "string" ? "" : partsText(said.content, "thinking")
    const stated = string(said.reasoning_content) || string(said.reasoning) || inParts
    // The same words may come in both ways.
    const delta = stated === "" ? (said.reasoning_details ?? []).map(details.words).join("") : stated
    this.reasoning += delta
    return delta === "" ? [] : [{ _tag: "Reasoning", delta }]
  }

  private say(said: typeof Message.Type): ReadonlyArray<StreamPart> {
    const refusal = said.refusal ?? ""
    if (refusal !== "") this.refused = true
    const piece = partsText(said.content, "text") + refusal
    this.text += piece
    return this.splitter.push(piece)
  }

  private call(calls: ReadonlyArray<typeof Call.Type>): ReadonlyArray<StreamPart> {
    return calls.map((one): StreamPart => {
      const index = one.index ?? this.indexOf(one.id)
      const name = one.function?.name ?? ""
      const given = one.function?.arguments
      const delta =
        typeof given === "string" ? given : given === undefined || given === null ? "" : JSON.stringify(given)
      const call = this.calls.get(index) ?? { id: "", name: "", arguments: "" }
      this.calls.set(index, call)
      if (call.id === "") call.id = one.id ?? ""
      if (call.name === "") call.name = name
      call.arguments += delta
      return {
        _tag: "ToolCall",
        index,
        ...(one.id !== undefined && one.id !== null && one.id !== "" && { id: one.id }),
        ...(name !== "" && { name }),
        delta
      }
    })
  }

  /** A call without an index is a new one, unless its id continues an old one or is missing in the middle of one. */
  private indexOf(id: string | null | undefined): number {
    const known = [...this.calls].find(([, call]) => call.id === id)
    if (known !== undefined) return known[0]
    const isNew = (id !== undefined && id !== null && id !== "") || this.calls.size === 0
    return isNew ? this.calls.size : this.calls.size - 1
  }

  private parts(): ReadonlyArray<AssistantPart> {
    const inline = splitThink(this.text)
    const stated: ReadonlyArray<AssistantPart> =
      this.details.length > 0
        ? this.details.map(details.toPart)
        : this.reasoning === ""
          ? []
          : [{ _tag: "Reasoning", text: this.reasoning }]
    return [
      ...stated,
      ...(inline.reasoning === "" ? [] : [{ _tag: "Reasoning" as const, text: inline.reasoning }]),
      ...(inline.text === "" ? [] : [{ _tag: "Text" as const, text: inline.text }]),
      ...[...this.calls]
        .sort(([a], [b]) => a - b)
        .map(([index, call]) => ({
          _tag: "ToolCall" as const,
          ...call,
          id: call.id === "" ? `call_${index}` : call.id
        }))
    ]
  }

  private finish(): Finish {
    const raw = this.finishWord ?? null
    const kind = raw === null ? "unknown" : Object.hasOwn(kinds, raw) ? (kinds[raw] ?? "other") : "other"
    if (this.refused) return { kind: "content-filter", raw }
    // Some call tools and then say `stop`.
    return { kind: kind === "stop" && this.calls.size > 0 ? "tool-calls" : kind, raw }
  }

  completion(vendor: Vendor, asked: string, facts: Pick<Completion, "requestId" | "limits">): Completion {
    return {
      parts: this.parts(),
      finish: this.finish(),
      usage: usage(this.usage, vendor),
      model: this.model ?? asked,
      ...facts
    }
  }
}
