/** A random draw without replacement: what every other rule is to be held against. */
import { draws, type Seed } from "@consortium/core/Seed"
import type { Selector, StopRule } from "@consortium/core/Selection"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { Guard } from "./Guard.js"
import type { Book } from "./internal/book.js"
import type { Pace } from "./internal/pace.js"
import * as rule from "./internal/rule.js"
import { shuffled } from "./internal/sample.js"

export interface Options {
  /** When to stop; a tripwire ends the draw before the first prompt that is nearer to a chosen one. */
  readonly stop: StopRule
  /** The same seed and pool give the same draw. */
  readonly seed: Seed
  /** Prompts with a higher cosine than this to a chosen one are passed over; off, it is a yardstick. @default "off" */
  readonly guard?: Guard
}

const defaults = { guard: "off" } as const

/** Rows by rising `−ln u / weight`: each next one is drawn by weight from the rest (Efraimidis and Spirakis 2006). */
const byWeight = (book: Book, seed: Seed): (() => number | undefined) => {
  const draw = draws(seed, "draw")
  const keys = Float64Array.from({ length: book.matrix.rows }, (_, row) => -Math.log(1 - draw()) / book.weight(row))
  const order = book.openRows().sort((a, b) => (keys[a] as number) - (keys[b] as number) || a - b)
  let at = 0
  return () => order[at++]
}

const engineOf =
  (seed: Seed) =>
  (book: Book, pace: Pace): rule.Engine => {
    const next = book.weights === undefined ? shuffled(book.matrix.rows, seed, "draw") : byWeight(book, seed)
    return {
      best: Effect.fnUntraced(function* () {
        let row = next() as number
        while (!book.isOpen(row)) row = next() as number
        const rest = pace(book.workOf(row))
        if (rest !== undefined) yield* rest
        return { row, cosine: book.collected.length === 0 ? undefined : book.nearest(row) }
      })
    }
  }

/** The service. A pick's cosine is that to the nearest chosen prompt; weights are proportional chances. */
export const make = (options: Options): Selector["Service"] =>
  rule.make({ ...defaults, ...options }, engineOf(options.seed))

/** Stage 2 as a layer. */
export const layer = (options: Options): Layer.Layer<Selector> => rule.layerOf(make(options))
