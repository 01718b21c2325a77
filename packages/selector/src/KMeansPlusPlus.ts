/**
 * D² sampling (Arthur and Vassilvitskii 2007, k-means++): the first prompt is drawn evenly, each next one with a chance
 * proportional to its squared distance to the nearest chosen one.
 */
import { draws, type Seed } from "@consortium/core/Seed"
import type { Selector, StopRule } from "@consortium/core/Selection"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { Guard } from "./Guard.js"
import type { Book } from "./internal/book.js"
import { Dots } from "./internal/dots.js"
import { type Pace, slice } from "./internal/pace.js"
import * as rule from "./internal/rule.js"
import { cosineOf } from "./internal/score.js"

export interface Options {
  /** When to stop; a tripwire ends the draw before the first prompt that is nearer to a chosen one. */
  readonly stop: StopRule
  /** The same seed and pool give the same draw. */
  readonly seed: Seed
  /** Prompts with a higher cosine than this to a chosen one are passed over. @default "adaptive" */
  readonly guard?: Guard
}

const defaults = { guard: "adaptive" } as const

const engineOf =
  (seed: Seed) =>
  (book: Book, pace: Pace): rule.Engine => {
    const { matrix } = book
    const { rows } = matrix
    const { dimension } = matrix.space
    const draw = draws(seed, "d2")
    const near = new Float64Array(rows).fill(-1)
    let dots: Dots | undefined
    let known = 0

    const learn = Effect.fnUntraced(function* () {
      dots ??= Dots.whole(matrix)
      const step = Math.max(1, Math.floor(slice / dimension))
      for (; known < book.collected.length; known++) {
        for (let at = 0; at < rows; at += step) {
          const products = dots.ofRow(book.collected[known] as number, at, Math.min(rows, at + step))
          for (let k = 0; k < products.length; k++) {
            const cosine = cosineOf(products[k] as number, 1)
            if (cosine > (near[at + k] as number)) near[at + k] = cosine
          }
          const rest = pace(products.length * dimension)
          if (rest !== undefined) yield* rest
        }
      }
    })
    /** An open row with a chance proportional to its value; -1 where all values are 0. */
    const drawn = (valueOf: (row: number) => number): number => {
      let total = 0
      for (let row = 0; row < rows; row++) if (book.isOpen(row)) total += valueOf(row)
      if (total === 0) return -1
      const mark = draw() * total
      let sum = 0
      let last = -1
      for (let row = 0; row < rows; row++) {
        const value = book.isOpen(row) ? valueOf(row) : 0
        if (value === 0) continue
        last = row
        sum += value
        if (sum > mark) break
      }
      return last
    }

    return {
      best: Effect.fnUntraced(function* () {
        const isFirst = book.collected.length === 0
        yield* learn()
        const rest = pace(rows)
        if (rest !== undefined) yield* rest
        const far = isFirst ? -1 : drawn((row) => book.weight(row) * (2 - 2 * (near[row] as number)))
        // All that are left lie on chosen ones: evenly.
        const row = far < 0 ? drawn((at) => book.weight(at)) : far
        return { row, cosine: isFirst ? undefined : (near[row] as number) }
      })
    }
  }

/**
 * The service. A pick's cosine is that to the nearest chosen prompt; weights multiply the chances. Where all that are
 * left lie on chosen prompts, they are drawn evenly. Time for one pass over the matrix a pick, memory for a copy of it
 * up to 1 GiB.
 */
export const make = (options: Options): Selector["Service"] =>
  rule.make({ ...defaults, ...options }, engineOf(options.seed))

/** Stage 2 as a layer. */
export const layer = (options: Options): Layer.Layer<Selector> => rule.layerOf(make(options))
