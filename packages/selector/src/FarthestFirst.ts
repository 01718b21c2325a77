/**
 * Farthest first (Gonzalez 1985, greedy k-center): each next prompt is the one whose nearest chosen one is least like
 * it. Its largest distance from a prompt to the nearest chosen one is at most twice the best possible for as many picks.
 */
import type { Selector, StopRule } from "@consortium/core/Selection"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { Start } from "./Fence.js"
import type { Guard } from "./Guard.js"
import type { Book } from "./internal/book.js"
import { LazyHeap } from "./internal/heap.js"
import { firstOf } from "./internal/opening.js"
import type { Pace } from "./internal/pace.js"
import * as rule from "./internal/rule.js"

export interface Options {
  /** When to stop; above `tripwire`, every prompt has a chosen one at that cosine or higher. */
  readonly stop: StopRule
  /** The first prompt, where there is no earlier collection. @default "typical" */
  readonly start?: Start
  /** Prompts with a higher cosine than this to a chosen one are passed over. @default "adaptive" */
  readonly guard?: Guard
}

const defaults = { start: "typical", guard: "adaptive" } as const

/**
 * Nearness to the collection only grows, so an old value is a bound: only rows that reach the top are compared with what
 * was chosen since. With weights the value is `weight · (1 − cosine)`.
 */
const engineOf =
  (start: Start) =>
  (book: Book, pace: Pace): rule.Engine => {
    const weighted = book.weights !== undefined
    const valueOf = (row: number) => (weighted ? book.weight(row) * (1 - book.nearest(row)) : -book.nearest(row))
    let heap: LazyHeap | undefined
    const make = () => {
      const values = new Float64Array(book.matrix.rows).map((_, row) => (weighted ? 2 * book.weight(row) : 1))
      return new LazyHeap(book.openRows(), values)
    }
    return {
      isRising: !weighted,
      best: Effect.fnUntraced(function* () {
        if (book.collected.length === 0) return { row: yield* firstOf(book, start), cosine: undefined }
        heap ??= make()
        for (;;) {
          const row = heap.top as number
          if (!book.isOpen(row)) heap.pop()
          else if (book.isFresh(row)) return { row, cosine: book.nearest(row) }
          else {
            const rest = pace(book.workOf(row))
            if (rest !== undefined) yield* rest
            heap.lower(valueOf(row))
          }
        }
      })
    }
  }

/**
 * The service. A pick's cosine is that to the nearest chosen prompt. Time for at most one pass over the matrix a pick,
 * mostly far less; memory for 24 bytes a row.
 */
export const make = (options: Options): Selector["Service"] => {
  const all = { ...defaults, ...options }
  return rule.make(all, engineOf(all.start))
}

/** Stage 2 as a layer. */
export const layer = (options: Options): Layer.Layer<Selector> => rule.layerOf(make(options))
