/**
 * Facility location (Nemhauser, Wolsey and Fisher 1978, greedy; Minoux 1978, lazy): each next prompt adds most to the
 * sum over all prompts of the similarity to the nearest chosen one, cosines below 0 counted as 0. That sum is at least
 * 1 − 1/e (63 %) of the best possible for as many picks, where all pairs are compared.
 */
import { Seed } from "@consortium/core/Seed"
import type { Selector, StopRule } from "@consortium/core/Selection"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { Guard } from "./Guard.js"
import type { Book } from "./internal/book.js"
import { LazyHeap } from "./internal/heap.js"
import { dense, type SimilarTo, sparse } from "./internal/neighbours.js"
import { error } from "./internal/opening.js"
import type { Pace } from "./internal/pace.js"
import * as rule from "./internal/rule.js"

export interface Options {
  /** When to stop; a tripwire ends it before the first pick that is nearer to a chosen one. */
  readonly stop: StopRule
  /** Prompts with a higher cosine than this to a chosen one are passed over. @default "adaptive" */
  readonly guard?: Guard
  /** Up to so many rows all pairs are compared, for `4 · rows²` bytes; above, nearest neighbours. @default 8192 */
  readonly denseRows?: number
  /** How many neighbours a row has above `denseRows`, found by an inverted file that misses some. @default 64 */
  readonly neighbours?: number
  /** Of that file. @default 0 */
  readonly seed?: Seed
}

const defaults = { guard: "adaptive", denseRows: 8192, neighbours: 64, seed: Seed.make(0) } as const

type Search = Required<Omit<Options, "stop" | "guard">>

const engineOf =
  (options: Search) =>
  (book: Book, pace: Pace): rule.Engine => {
    const { matrix } = book
    /** The similarity of each row to what is chosen. */
    const covered = new Float64Array(matrix.rows)
    /** At which size of the collection a gain was computed. */
    const asOf = new Int32Array(matrix.rows).fill(-1)
    let similarTo: SimilarTo | undefined
    let heap: LazyHeap | undefined
    let known = 0

    const gain = (row: number, { rows, values }: ReturnType<SimilarTo>): number => {
      let sum = 0
      for (let k = 0; k < values.length; k++) {
        const more = (values[k] as number) - (covered[rows === undefined ? k : (rows[k] as number)] as number)
        if (more > 0) sum += more
      }
      return sum * book.weight(row)
    }
    const cover = ({ rows, values }: ReturnType<SimilarTo>): void => {
      for (let k = 0; k < values.length; k++) {
        const at = rows === undefined ? k : (rows[k] as number)
        if ((values[k] as number) > (covered[at] as number)) covered[at] = values[k] as number
      }
    }
    const prepare = Effect.fnUntraced(function* () {
      const isFew = matrix.rows <= options.denseRows
      similarTo ??= yield* isFew ? dense(matrix) : sparse(matrix, options.neighbours, options.seed)
      heap ??= new LazyHeap(book.openRows(), new Float64Array(matrix.rows).fill(Infinity))
      for (; known < book.collected.length; known++) cover(similarTo(book.collected[known] as number))
      return { similarTo, heap }
    })

    return {
      // A gain only falls as the collection grows, in floating point too: each of its terms does, and their order stays.
      best: Effect.fnUntraced(function* () {
        const { similarTo, heap } = yield* prepare()
        const size = book.collected.length
        for (;;) {
          const row = heap.top as number
          if (!book.isOpen(row)) heap.pop()
          else if (asOf[row] === size) return { row, cosine: size === 0 ? undefined : book.nearest(row) }
          else {
            const similar = similarTo(row)
            asOf[row] = size
            heap.lower(gain(row, similar))
            const rest = pace(similar.values.length)
            if (rest !== undefined) yield* rest
          }
        }
      })
    }
  }

/**
 * The service. The first pick is the most central one; a pick's cosine is that to the nearest chosen prompt. With
 * weights the highest `weight · gain` is taken. Time for all pairs once up to `denseRows`, above it `16 · √rows` dot
 * products a row or so, and `12 · neighbours` bytes a row.
 */
export const make = (options: Options): Selector["Service"] => {
  const all = { ...defaults, ...options }
  return rule.make(all, engineOf(all), () =>
    Number.isInteger(all.neighbours) && all.neighbours > 0 && all.denseRows >= 0
      ? undefined
      : error("wrong-shape", `${all.neighbours} neighbours above ${all.denseRows} rows: give 1 or more above 0 or more`)
  )
}

/** Stage 2 as a layer. */
export const layer = (options: Options): Layer.Layer<Selector> => rule.layerOf(make(options))
