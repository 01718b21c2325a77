/** Takes an answer of ours apart into blocks with ids, as other libraries stream it. */
import type { StreamPart } from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import type { AssistantPart, ToolCallPart } from "@consortium/core/Prompt"

/** A block of words. */
export type Kind = "Text" | "Reasoning"

export type Piece =
  | { readonly _tag: "Start"; readonly kind: Kind; readonly id: string }
  | { readonly _tag: "Delta"; readonly kind: Kind; readonly id: string; readonly delta: string }
  /** `part`: what it came to, where the whole answer has a part for it. */
  | { readonly _tag: "End"; readonly kind: Kind; readonly id: string; readonly part: AssistantPart | undefined }
  | { readonly _tag: "CallStart"; readonly id: string; readonly name: string }
  | { readonly _tag: "CallDelta"; readonly id: string; readonly delta: string }
  | { readonly _tag: "CallEnd"; readonly id: string }
  | { readonly _tag: "Call"; readonly part: ToolCallPart }

interface Block {
  readonly kind: Kind
  readonly id: string
  text: string
}

interface Call {
  id: string
  name: string
  held: string
  started: boolean
}

const said = ({ id, kind }: Block, delta: string): ReadonlyArray<Piece> =>
  delta === "" ? [] : [{ _tag: "Delta", kind, id, delta }]

const started = (block: Block): ReadonlyArray<Piece> => [
  { _tag: "Start", kind: block.kind, id: block.id },
  ...said(block, block.text)
]

/**
 * One stream. Blocks end when the whole answer is there, since only then their signatures are known; what was never
 * streamed, such as hidden reasoning, is said then.
 */
export class Pieces {
  private readonly blocks: Array<Block> = []
  /** What the next piece of its kind belongs to. */
  private current: Block | undefined
  private readonly calls = new Map<number, Call>()

  /** What a part of the stream adds; the last one is for `done`. */
  add(part: Exclude<StreamPart, { _tag: "Done" }>): ReadonlyArray<Piece> {
    return part._tag === "ToolCall" ? this.call(part) : this.say(part._tag, part.delta)
  }

  private begin(kind: Kind, text: string): Block {
    const block = { kind, id: `${kind.toLowerCase()}-${this.blocks.length}`, text }
    this.blocks.push(block)
    this.current = block
    return block
  }

  private say(kind: Kind, delta: string): ReadonlyArray<Piece> {
    const last = this.current
    if (last?.kind !== kind) return started(this.begin(kind, delta))
    last.text += delta
    return said(last, delta)
  }

  /** Nothing can be said of a call before its id and its name are there. */
  private call(part: Extract<StreamPart, { _tag: "ToolCall" }>): ReadonlyArray<Piece> {
    this.current = undefined
    const call = this.calls.get(part.index) ?? { id: "", name: "", held: "", started: false }
    this.calls.set(part.index, call)
    call.id = part.id ?? call.id
    call.name = part.name ?? call.name
    call.held += part.delta
    const { id, name } = call
    if (id === "" || name === "") return []
    const delta = call.held
    const first: ReadonlyArray<Piece> = call.started ? [] : [{ _tag: "CallStart", id, name }]
    call.started = true
    call.held = ""
    return delta === "" ? first : [...first, { _tag: "CallDelta", id, delta }]
  }

  private end({ id, kind }: Block, part?: AssistantPart): Piece {
    return { _tag: "End", kind, id, part }
  }

  private whole(part: Exclude<AssistantPart, ToolCallPart>): ReadonlyArray<Piece> {
    const block = this.begin(part._tag, part.text)
    return [...started(block), this.end(block, part)]
  }

  /** The ends of all blocks, and the calls as they are. Parts that were streamed as one are one, with the last mark. */
  done(of: Completion): ReadonlyArray<Piece> {
    const began = new Set([...this.calls.values()].flatMap((call) => (call.started ? [call.id] : [])))
    const open = [...this.blocks]
    const heard = new Set(open.map(({ kind }) => kind))
    let read = 0
    const out = of.parts.flatMap((part): ReadonlyArray<Piece> => {
      if (part._tag === "ToolCall") {
        const call = { _tag: "Call", part } as const
        return began.has(part.id) ? [{ _tag: "CallEnd", id: part.id }, call] : [call]
      }
      const block = open.find(({ kind }) => kind === part._tag)
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
}
