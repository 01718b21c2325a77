/** An item of a stream while it is coming: what was said of it so far, and what of its end is new. */
import type { Item, Kind, Piece, Type } from "./item.js"

/** What is new of a text. */
export interface Said {
  readonly kind: Kind
  readonly delta: string
  /** Whether the text begins with it. */
  readonly isFirst: boolean
}

interface GrowingPiece extends Piece {
  text: string
}

export class Growing {
  /** Which of the stream's tool calls it is, where it is one. */
  readonly call: number
  private readonly type: Type
  private id = ""
  private phase = ""
  private encrypted = ""
  private callId = ""
  private name = ""
  private readonly pieces = new Map<string, GrowingPiece>()

  constructor(type: Type, call: number) {
    this.type = type
    this.call = call
  }

  /** Adds to a text, which begins with it where it is not known yet. */
  grow(kind: Kind, index: number, delta: string): Said {
    const piece = this.pieceOf(kind, index)
    const isFirst = piece.text === ""
    piece.text += delta
    return { kind, delta, isFirst }
  }

  /** Takes the item as the vendor states it, and gives what of its texts was not said yet. */
  settle(item: Item): ReadonlyArray<Said> {
    this.id = item.id || this.id
    this.phase = item.phase || this.phase
    this.encrypted = item.encrypted || this.encrypted
    this.callId = item.callId || this.callId
    this.name = item.name || this.name
    const fresh: Array<Said> = []
    for (const { index, kind, text } of item.pieces) {
      const { text: known } = this.pieceOf(kind, index)
      if (text.length > known.length && text.startsWith(known))
        fresh.push(this.grow(kind, index, text.slice(known.length)))
    }
    return fresh
  }

  private pieceOf(kind: Kind, index: number): GrowingPiece {
    const key = `${kind}${index}`
    const known = this.pieces.get(key)
    if (known !== undefined) return known
    const piece: GrowingPiece = { kind, index, text: "" }
    this.pieces.set(key, piece)
    return piece
  }

  /** What is known of it. */
  get item(): Item {
    const { callId, encrypted, id, name, phase, pieces, type } = this
    return { type, id, phase, encrypted, callId, name, pieces: [...pieces.values()] }
  }

  /** By what a tool call is told: empty as long as nothing was told. */
  get called(): { readonly id: string; readonly name: string } {
    return { id: this.callId, name: this.name }
  }
}
