/** From the bodies and lines of `/api/chat` to a completion: names only what is used, and tolerates the rest. */
import type { StreamPart } from "@consortium/core/ChatModel"
import type { Completion, Finish, Usage } from "@consortium/core/Completion"
import type { AssistantPart, ToolCallPart } from "@consortium/core/Prompt"
import * as Predicate from "effect/Predicate"

type Fields = Readonly<Record<PropertyKey, unknown>>

const fields = (value: unknown): Fields | undefined =>
  Predicate.isObject(value) && !Array.isArray(value) ? value : undefined
const text = (value: unknown): string => (typeof value === "string" ? value : "")
const count = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined

/** `load` and `unload` answer a request without messages, which ours never is. */
const kinds: Readonly<Record<string, Finish["kind"]>> = { stop: "stop", length: "length" }

/** Arguments are an object; some models' are a text that was no JSON. */
const written = (given: unknown): string =>
  typeof given === "string" ? given : JSON.stringify(Predicate.isObject(given) ? given : {})

/** An answer in the making: a whole body is one step of it, a stream many. So both give the same completion. */
export class Draft {
  private text = ""
  private thinking = ""
  private readonly calls: Array<ToolCallPart> = []
  private model = ""
  private last: Fields | undefined
  private isBegun = false

  /** Whether an answer was seen at all. */
  get isEmpty(): boolean {
    return !this.isBegun
  }
  /** Whether the server said that this is the end. */
  get isFinished(): boolean {
    return this.last !== undefined
  }

  /** Takes a body or line in and tells what is new; nothing where it is neither. */
  add(json: unknown): ReadonlyArray<StreamPart> | undefined {
    const body = fields(json)
    const message = fields(body?.message)
    if (body === undefined || (message === undefined && typeof body.done !== "boolean")) return undefined
    this.isBegun = true
    if (text(body.model) !== "") this.model = text(body.model)
    if (body.done === true) this.last = body
    return message === undefined ? [] : this.say(message)
  }

  private say(message: Fields): ReadonlyArray<StreamPart> {
    const parts: Array<StreamPart> = []
    const [thought, words] = [text(message.thinking), text(message.content)]
    this.thinking += thought
    this.text += words
    if (thought !== "") parts.push({ _tag: "Reasoning", delta: thought })
    if (words !== "") parts.push({ _tag: "Text", delta: words })
    // A call comes whole.
    const calls: ReadonlyArray<unknown> = Array.isArray(message.tool_calls) ? message.tool_calls : []
    for (const call of calls) parts.push(this.call(fields(call)))
    return parts
  }

  private call(call: Fields | undefined): StreamPart {
    const asked = fields(call?.function)
    const index = this.calls.length
    // Older servers give no id.
    const id = text(call?.id) || `call_${index}`
    const part: ToolCallPart = { _tag: "ToolCall", id, name: text(asked?.name), arguments: written(asked?.arguments) }
    this.calls.push(part)
    return { _tag: "ToolCall", index, id, name: part.name, delta: part.arguments }
  }

  private finish(): Finish {
    const raw = text(this.last?.done_reason)
    if (raw === "") return { kind: "unknown", raw: null }
    const kind = Object.hasOwn(kinds, raw) ? (kinds[raw] ?? "other") : "other"
    // There is no word for calls.
    return { kind: kind === "stop" && this.calls.length > 0 ? "tool-calls" : kind, raw }
  }

  private usage(): Usage {
    const inputTokens = count(this.last?.prompt_eval_count)
    const outputTokens = count(this.last?.eval_count)
    return { ...(inputTokens !== undefined && { inputTokens }), ...(outputTokens !== undefined && { outputTokens }) }
  }

  completion(asked: string, facts: Pick<Completion, "requestId" | "limits">): Completion {
    const parts: ReadonlyArray<AssistantPart> = [
      ...(this.thinking === "" ? [] : [{ _tag: "Reasoning" as const, text: this.thinking }]),
      ...(this.text === "" ? [] : [{ _tag: "Text" as const, text: this.text }]),
      ...this.calls
    ]
    return {
      parts,
      finish: this.finish(),
      usage: this.usage(),
      model: this.model === "" ? asked : this.model,
      ...facts
    }
  }
}
