/**
 * Mean and nearest mixed, after maximal marginal relevance (Carbonell and Goldstein 1998): each next prompt has the
 * lowest `λ · cosine to the average of the collection + (1 − λ) · cosine to the nearest of it`. λ = 1 is the fence, with
 * weights where one wants them; λ = 0 is farthest first.
 */
import type { Selector, StopRule } from "@consortium/core/Selection"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { Start } from "./Fence.js"
import type { Guard } from "./Guard.js"
import type { Book } from "./internal/book.js"
import { Dots } from "./internal/dots.js"
import { error, firstOf } from "./internal/opening.js"
import { type Pace, slice } from "./internal/pace.js"
import * as rule from "./internal/rule.js"
import { add, cosineOf, dot } from "./internal/score.js"

export interface Options {
  /** When to stop; the tripwire is held against the mixed cosine. */
  readonly stop: StopRule
  /** How much the average counts, from 0 to 1; the nearest counts the rest. @default .5 */
  readonly lambda?: number
  /** The first prompt, where there is no earlier collection. @default "typical" */
  readonly start?: Start
  /** Prompts with a higher cosine than this to a chosen one are passed over. @default "adaptive" */
  readonly guard?: Guard
}

const defaults = { start: "typical", lambda: 0.5, guard: "adaptive" } as const

const engineOf =
  (lambda: number, start: Start) =>
  (book: Book, pace: Pace): rule.Engine => {
    const { matrix } = book
    const { rows, data } = matrix
    const { dimension } = matrix.space
    const sum = new Float64Array(dimension)
    const one = new Float64Array(dimension)
    const scores = new Float64Array(rows)
    const near = new Float64Array(rows).fill(-1)
    let dots: Dots | undefined
    let known = 0

    /** Calls `use` with the vector's dot products with the rows from `at` on. */
    const pass = Effect.fnUntraced(function* (vector: Float64Array, use: (products: Float64Array, at: number) => void) {
      dots ??= Dots.whole(matrix)
      const step = Math.max(1, Math.floor(slice / dimension))
      for (let at = 0; at < rows; at += step) {
        const products = dots.of(vector, at, Math.min(rows, at + step))
        use(products, at)
        const rest = pace(products.length * dimension)
        if (rest !== undefined) yield* rest
      }
    })
    const learn = Effect.fnUntraced(function* () {
      for (; known < book.collected.length; known++) {
        const row = book.collected[known] as number
        add(sum, data, row * dimension)
        if (lambda === 1) continue
        one.set(matrix.row(row))
        yield* pass(one, (products, at) => {
          for (let k = 0; k < products.length; k++) {
            const cosine = cosineOf(products[k] as number, 1)
            if (cosine > (near[at + k] as number)) near[at + k] = cosine
          }
        })
      }
      if (lambda > 0) yield* pass(sum, (products, at) => scores.set(products, at))
    })

    return {
      best: Effect.fnUntraced(function* () {
        const size = book.collected.length
        if (size === 0) return { row: yield* firstOf(book, start), cosine: undefined }
        if (known < size) yield* learn()
        const rest = pace(rows)
        if (rest !== undefined) yield* rest
        const length = Math.sqrt(dot(sum, sum, 0))
        // Without a direction the average's part is its dot product, which is next to nothing.
        const hasDirection = lambda === 0 || length >= 1e-9 * size
        const scale = hasDirection ? length : 1
        const mixed = (row: number) => lambda * (scores[row] as number) + (1 - lambda) * scale * (near[row] as number)
        let best = -1
        let low = Infinity
        for (let row = 0; row < rows; row++) {
          if (!book.isOpen(row)) continue
          const value = book.weights === undefined ? mixed(row) : -book.weight(row) * (scale - mixed(row))
          if (value < low) {
            low = value
            best = row
          }
        }
        const cosine = lambda * cosineOf(scores[best] as number, length) + (1 - lambda) * (near[best] as number)
        return { row: best, cosine: hasDirection ? cosine : undefined }
      })
    }
  }

/**
 * The service. A pick's cosine is the mixed one. With weights the highest `weight · (1 − mixed cosine)` is taken. Time
 * for two passes over the matrix a pick, memory for a copy of it up to 1 GiB.
 */
export const make = (options: Options): Selector["Service"] => {
  const all = { ...defaults, ...options }
  const { lambda, start } = all
  return rule.make(all, engineOf(lambda, start), () =>
    lambda >= 0 && lambda <= 1 ? undefined : error("wrong-shape", `a lambda of ${lambda}: give one from 0 to 1`)
  )
}

/** Stage 2 as a layer. */
export const layer = (options: Options): Layer.Layer<Selector> => rule.layerOf(make(options))
