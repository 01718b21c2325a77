/** What must not be learnt from: whether a text holds, whole or in pieces, one that is kept for testing. */
import { normalised } from "./Shingles.js"

export interface Options {
  /** Words of a piece. @default 8 */
  readonly words?: number
  /** The share of a held-out text's pieces that has to be found again, above 0, up to 1. @default 0.5 */
  readonly share?: number
}

/** A text that is held out, and where it stands. */
export interface Held {
  readonly where: string
  readonly text: string
}

/** What was found again. */
export interface Leak {
  readonly where: string
  readonly how: "exact" | "n-gram"
  /** Of the held-out text's pieces. */
  readonly share: number
}

const defaults = { words: 8, share: 0.5 } as const

/** Words; where a script has no blanks between them, each character is one. */
const word =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]|[^\s\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]+/gu

/** Every run of so many words, once; none where the text is shorter. */
const piecesOf = (said: string, words: number): Set<string> => {
  const all = said.match(word) ?? []
  const pieces = new Set<string>()
  for (let at = 0; at + words <= all.length; at++) pieces.add(all.slice(at, at + words).join(" "))
  return pieces
}

/** Remembers what is held out. Texts shorter than a piece are found only whole. */
export const make = (options: Options = {}) => {
  const { share = defaults.share, words = defaults.words } = options
  const whole = new Map<string, number>()
  const byPiece = new Map<string, Array<number>>()
  const held: Array<{ readonly where: string; readonly pieces: number }> = []
  return {
    hold: ({ text, where }: Held): void => {
      const said = normalised(text)
      if (said === "") return
      const pieces = piecesOf(said, words)
      if (!whole.has(said)) whole.set(said, held.length)
      for (const piece of pieces) {
        const others = byPiece.get(piece)
        if (others === undefined) byPiece.set(piece, [held.length])
        else others.push(held.length)
      }
      held.push({ where, pieces: pieces.size })
    },
    /** The held-out text of which most is found, or nothing. */
    check: (text: string): Leak | undefined => {
      const said = normalised(text)
      const same = whole.get(said)
      if (same !== undefined) return { where: held[same]?.where ?? "", how: "exact", share: 1 }
      const found = new Map<number, number>()
      for (const piece of piecesOf(said, words)) {
        for (const at of byPiece.get(piece) ?? []) found.set(at, (found.get(at) ?? 0) + 1)
      }
      let leak: Leak | undefined
      for (const [at, pieces] of found) {
        const of = pieces / (held[at]?.pieces ?? 1)
        if (of >= share && of > (leak?.share ?? 0)) leak = { where: held[at]?.where ?? "", how: "n-gram", share: of }
      }
      return leak
    }
  }
}
export type HeldOut = ReturnType<typeof make>
