/** From the bodies and chunks of `generateContent` to a completion: names only what is used, and tolerates the rest. */
import type { StreamPart } from "@consortium/core/ChatModel"
import type { Completion, Finish } from "@consortium/core/Completion"
import type { AssistantPart, ToolCallPart } from "@consortium/core/Prompt"
import { Arguments } from "./internal/argumentPieces.js"
import * as callId from "./internal/callId.js"
import { type Call, type Chunk, type Piece, read } from "./internal/chunk.js"
import { usage } from "./internal/usage.js"

/** A whole answer or a chunk of one; nothing where it is neither. */
export const decode = (json: unknown): Chunk | undefined => read(json)

/** By the vendor's words; those of ai.google.dev/api/generate-content#FinishReason and of Vertex. */
const kinds: Readonly<Record<string, Finish["kind"]>> = {
  STOP: "stop",
  MAX_TOKENS: "length",
  // The server's own bound; the rest can be asked for.
  CONTINUATION: "length",
  SAFETY: "content-filter",
  RECITATION: "content-filter",
  BLOCKLIST: "content-filter",
  PROHIBITED_CONTENT: "content-filter",
  SPII: "content-filter",
  MODEL_ARMOR: "content-filter",
  IMAGE_SAFETY: "content-filter",
  IMAGE_PROHIBITED_CONTENT: "content-filter",
  IMAGE_RECITATION: "content-filter",
  MALFORMED_FUNCTION_CALL: "error",
  MALFORMED_RESPONSE: "error",
  UNEXPECTED_TOOL_CALL: "error",
  TOO_MANY_TOOL_CALLS: "error",
  MISSING_THOUGHT_SIGNATURE: "error",
  NO_IMAGE: "error",
  IMAGE_OTHER: "error"
}

const kindOf = (raw: string): Finish["kind"] => (Object.hasOwn(kinds, raw) ? (kinds[raw] ?? "other") : "other")

/** A call whose arguments are still coming. */
interface OpenCall {
  /** Its place among the parts, and among the calls. */
  readonly at: number
  readonly index: number
  readonly part: ToolCallPart
  readonly written: Arguments
}

/** An answer in the making: a whole body is one step of it, a stream many. */
export class Draft {
  private readonly parts: Array<AssistantPart> = []
  private candidates = 0
  private calls = 0
  private open: OpenCall | undefined
  private finishWord = ""
  private id = ""
  private model = ""
  private usage: Chunk["usage"]

  /** Whether an answer was seen at all. */
  get isEmpty(): boolean {
    return this.candidates === 0
  }
  /** Whether the vendor said why it ended. */
  get isFinished(): boolean {
    return this.finishWord !== ""
  }

  /** Takes a body or chunk in and tells what is new. */
  add({ candidate, id, model, usage }: Chunk): ReadonlyArray<StreamPart> {
    if (this.id === "") this.id = id
    if (model !== "") this.model = model
    if (usage !== undefined) this.usage = usage
    if (candidate === undefined) return []
    this.candidates++
    if (candidate.finish !== "") this.finishWord = candidate.finish
    const said: Array<StreamPart> = []
    for (const piece of candidate.pieces) {
      if (piece.call === undefined) this.say(piece, said)
      else for (const part of this.call(piece.call, piece.signature)) said.push(part)
    }
    return said
  }

  /** What is still open, when nothing more will come. */
  end(): ReadonlyArray<StreamPart> {
    if (this.open === undefined) return []
    const { at, index, part, written } = this.open
    this.open = undefined
    this.parts[at] = { ...part, arguments: written.text }
    return [{ _tag: "ToolCall", index, delta: written.text }]
  }

  private call(call: Call, signature: string): ReadonlyArray<StreamPart> {
    const said = call.name === "" ? [] : [...this.end(), this.begin(call, signature)]
    if (this.open === undefined) return said
    for (const piece of call.pieces) this.open.written.add(piece)
    return call.goesOn ? said : [...said, ...this.end()]
  }

  private begin({ arguments: whole, goesOn, id: stated, name, pieces }: Call, signature: string): StreamPart {
    const index = this.calls++
    const id = stated === "" ? callId.made(this.id, index) : stated
    const isWhole = !goesOn && pieces.length === 0
    const delta = isWhole ? whole : ""
    const part: ToolCallPart = { _tag: "ToolCall", id, name, arguments: delta, ...(signature !== "" && { signature }) }
    if (!isWhole) this.open = { at: this.parts.length, index, part, written: new Arguments() }
    this.parts.push(part)
    return { _tag: "ToolCall", index, id, name, delta }
  }

  /** Pieces of one kind grow together, save signed ones: a signature belongs to the piece it came with, even to one without words. */
  private say({ isThought, signature, text }: Piece, said: Array<StreamPart>): void {
    if (text === "" && signature === "") return
    const _tag = isThought ? "Reasoning" : "Text"
    const last = this.parts.at(-1)
    if (signature === "" && last?._tag === _tag && last.signature === undefined)
      this.parts[this.parts.length - 1] = { ...last, text: last.text + text }
    else this.parts.push({ _tag, text, ...(signature !== "" && { signature }) })
    if (text !== "") said.push({ _tag, delta: text })
  }

  private finish(): Finish {
    if (this.finishWord === "") return { kind: "unknown", raw: null }
    const kind = kindOf(this.finishWord)
    // There is no word for calls.
    return { kind: kind === "stop" && this.calls > 0 ? "tool-calls" : kind, raw: this.finishWord }
  }

  completion(asked: string, facts: Pick<Completion, "requestId" | "limits">): Completion {
    return {
      parts: this.parts,
      finish: this.finish(),
      usage: usage(this.usage),
      model: this.model === "" ? asked : this.model,
      ...(this.id !== "" && { id: this.id }),
      ...facts
    }
  }
}
