/** Rows to batches that stay inside what one call takes, one batch open at a time. */
import * as Stream from "effect/Stream"
import { isNonEmpty, type NonEmpty } from "../NonEmpty.js"

/** UTF-8 bytes of a UTF-16 unit; the two halves of a pair have two each. */
const bytesOf = (unit: number): number => (unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 2 : 3)

/**
 * More tokens than nearly all texts have: half a token for each ASCII character, where English has a quarter, and one
 * for each byte of UTF-8 otherwise, which no vocabulary exceeds.
 */
export const estimateTokens = (text: string): number => {
  let halves = 2
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    halves += unit < 0x80 ? 1 : 2 * bytesOf(unit)
  }
  return Math.ceil(halves / 2)
}

export interface Taken<out B> {
  readonly one: B
  readonly tokens: number
  /** Answered without a call: such items have batches of their own, so that the others' are full. */
  readonly known: boolean
}

export interface Limits<in A, out B> {
  readonly maxBatch: number
  readonly maxTokens: number
  /** What a batch holds of an item; nothing where it need not be asked. */
  readonly take: (item: A) => Taken<B> | undefined
}

interface Open<B> {
  part: Array<B>
  tokens: number
  known: Array<B>
}

/** Batches in order, of what is known and of what is not. An item that alone is over the limit is a batch of its own. */
export const batches =
  <A, B>({ maxBatch, maxTokens, take }: Limits<A, B>) =>
  <E, R>(items: Stream.Stream<A, E, R>): Stream.Stream<NonEmpty<B>, E, R> =>
    Stream.mapAccumArray(
      items,
      (): Open<B> => ({ part: [], tokens: 0, known: [] }),
      (open: Open<B>, chunk): readonly [Open<B>, ReadonlyArray<NonEmpty<B>>] => {
        const full: Array<NonEmpty<B>> = []
        for (const item of chunk) {
          const taken = take(item)
          if (taken === undefined) continue
          if (taken.known) {
            if (open.known.length >= maxBatch) {
              if (isNonEmpty(open.known)) full.push(open.known)
              open.known = []
            }
            open.known.push(taken.one)
            continue
          }
          if (open.part.length >= maxBatch || open.tokens + taken.tokens > maxTokens) {
            if (isNonEmpty(open.part)) full.push(open.part)
            open.part = []
            open.tokens = 0
          }
          open.part.push(taken.one)
          open.tokens += taken.tokens
        }
        return [open, full]
      },
      { onHalt: ({ known, part }) => [known, part].flatMap((some) => (isNonEmpty(some) ? [some] : [])) }
    )
