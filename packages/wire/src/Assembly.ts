/** Puts an answer together from blocks with ids, as other libraries stream it, and tells each piece in our words. */
import type { StreamPart } from "@consortium/core/ChatModel"
import type { AssistantPart } from "@consortium/core/Prompt"
import * as marks from "./Marks.js"

/** A block of words. */
export type Kind = "Text" | "Reasoning"

interface Block {
  readonly tag: AssistantPart["_tag"]
  readonly id: string
  readonly name: string
  /** The text, the reasoning or the arguments. */
  text: string
  metadata: marks.Metadata | undefined
}

const partOf = ({ id, metadata, name, tag, text }: Block): AssistantPart => {
  const { arguments: to, ...mark } = marks.read(metadata)
  const signature = mark.signature === undefined ? {} : { signature: mark.signature }
  if (tag === "Text") return { _tag: tag, text, ...signature }
  return tag === "ToolCall"
    ? { _tag: tag, id, name, arguments: to ?? text, ...signature }
    : { _tag: tag, text, ...mark }
}

/** What is neither said nor signed is no part. */
const isSaid = ({ metadata, tag, text }: Block): boolean =>
  tag === "ToolCall" || text !== "" || marks.read(metadata).signature !== undefined

/** One answer in the making. Metadata may come with any piece of a block; the last one counts. */
export class Assembly {
  private readonly blocks: Array<Block> = []
  private readonly open = new Map<string, number>()

  /** Whether nothing was said yet. */
  get isEmpty(): boolean {
    return this.blocks.length === 0
  }

  /** The parts so far. */
  get parts(): ReadonlyArray<AssistantPart> {
    return this.blocks.filter(isSaid).map(partOf)
  }

  private enter(tag: Block["tag"], id: string, name: string, metadata: marks.Metadata | undefined) {
    const block: Block = { tag, id, name, text: "", metadata }
    const index = this.blocks.push(block) - 1
    this.open.set(`${tag} ${id}`, index)
    return { block, index }
  }

  private known(tag: Block["tag"], id: string) {
    const index = this.open.get(`${tag} ${id}`)
    const block = index === undefined ? undefined : this.blocks[index]
    return index === undefined || block === undefined ? undefined : { block, index }
  }

  /** A block begins; an id may be used again for another. */
  begin(kind: Kind, id: string, metadata?: marks.Metadata): void {
    this.enter(kind, id, "", metadata)
  }

  /** A piece of a block, which some providers do not begin, or its end. */
  say(kind: Kind, id: string, delta: string, metadata?: marks.Metadata): ReadonlyArray<StreamPart> {
    const { block } = this.known(kind, id) ?? this.enter(kind, id, "", metadata)
    block.text += delta
    block.metadata = metadata ?? block.metadata
    return delta === "" ? [] : [{ _tag: kind, delta }]
  }

  /** A piece of a call's arguments; of a call that nobody began nothing. */
  argue(id: string, delta: string): ReadonlyArray<StreamPart> {
    const call = this.known("ToolCall", id)
    if (call === undefined || delta === "") return []
    call.block.text += delta
    return [{ _tag: "ToolCall", index: call.index, delta }]
  }

  /** A call begins, with no arguments yet, or is there as a whole, which counts more than its pieces. */
  call(id: string, name: string, whole?: string, metadata?: marks.Metadata): ReadonlyArray<StreamPart> {
    const known = this.known("ToolCall", id)
    const { block, index } = known ?? this.enter("ToolCall", id, name, metadata)
    const said = block.text
    const input = marks.read(metadata).arguments ?? whole ?? said
    const delta = input.startsWith(said) ? input.slice(said.length) : ""
    block.text = input
    block.metadata = metadata ?? block.metadata
    if (known !== undefined) return delta === "" ? [] : [{ _tag: "ToolCall", index, delta }]
    return [{ _tag: "ToolCall", index, id, name, delta }]
  }
}
