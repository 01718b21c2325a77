/**
 * The fence: each next prompt is the one least like the average of those chosen so far, until there are enough, until
 * even the least similar one is too similar, or until there are no more.
 */
import type { VectorRows } from "@consortium/core/EmbeddingMatrix"
import type { PromptId } from "@consortium/core/Ids"
import { draws, type Seed } from "@consortium/core/Seed"
import { type Pick, type Pool, type Selection, SelectionError, Selector, StopRule } from "@consortium/core/Selection"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type Guard, thresholdOf } from "./Guard.js"
import * as fast from "./internal/fast.js"
import * as greedy from "./internal/greedy.js"
import { areThere as threadsAreThere, machines } from "./internal/threads.js"

/**
 * The first prompt, where there is no earlier collection: the one most like the average of all, the first row, one drawn
 * from a seed, or one by its id.
 */
export type Start = "typical" | "first" | { readonly random: Seed } | { readonly id: PromptId }

export interface Options {
  /** When to stop: `targetSize` counts what is chosen now; above `tripwire` (a cosine) nothing more is chosen. */
  readonly stop: StopRule
  /** @default "typical" */
  readonly start?: Start
  /** Passes over prompts that are too near to a chosen one; `Guard` says which. @default "adaptive" */
  readonly guard?: Guard
  /**
   * How the picks are found; they are the same bits in every way. `auto` takes the kernels where there are enough rows to
   * gain by and WASM SIMD. @default "auto"
   */
  readonly kernel?: "auto" | "plain" | "wasm"
  /**
   * How many threads read the rows, the calling one counted; the picks are the same bits for every number. `auto` takes
   * the machine's, 8 at most, where there are rows enough. Guesses stay on the calling thread, so that two gain a fifth to a
   * third on large pools, and lose on small ones and where the machine is busy. @default 1
   */
  readonly threads?: number | "auto"
}

const defaults = { start: "typical", kernel: "auto", guard: "adaptive", threads: 1 } as const

/** Below these numbers, looking at every row with the kernels is quicker than not looking: `many` where picks are few. */
const enough = { numbers: 1 << 18, many: 1 << 20, picks: 500 }

/** Below these numbers, or for fewer picks, starting threads costs more than they save; more than these are not measured. */
const enoughForThreads = { numbers: 1 << 26, picks: 50, most: 8 }

const numbersOf = ({ matrix }: greedy.Rows): number => matrix.rows * matrix.space.dimension

const threadsFor = (pool: greedy.Rows, { stop, threads = defaults.threads }: Options): number => {
  if (!threadsAreThere()) return 1
  if (threads !== "auto") return Math.min(threads, pool.matrix.rows)
  const isBig = numbersOf(pool) >= enoughForThreads.numbers && (stop.targetSize ?? Infinity) >= enoughForThreads.picks
  return isBig ? Math.min(machines(), enoughForThreads.most) : 1
}

const search = Effect.fnUntraced(function* (
  pool: greedy.Rows,
  options: Options,
  first: number | "typical",
  guard: number | undefined
) {
  const { stop, kernel } = { ...defaults, ...options }
  const numbers = numbersOf(pool)
  const least = (stop.targetSize ?? Infinity) < enough.picks ? enough.many : enough.numbers
  const worthIt = kernel === "wasm" || (kernel === "auto" && numbers >= least)
  const threads = threadsFor(pool, options)
  const quick = worthIt ? yield* fast.start(pool, { stop, first, guard }, threads) : undefined
  return quick ?? greedy.start(pool, { stop, first, guard }, kernel !== "plain" && numbers < enough.many)
})

/** What may be asked of any rule; the rows need not be in memory. */
type Asked = Omit<Pool, "matrix"> & { readonly matrix: VectorRows }

const isStopRule = Schema.is(StopRule)

const error = (why: SelectionError["why"], detail: string) => new SelectionError({ why, detail })

/** What the fence can't do is refused, never left out in silence. */
const refusal = (pool: Asked, options: Options): SelectionError | undefined => {
  const { rows } = pool.matrix
  const { guard, threads } = options
  if (!isStopRule(options.stop))
    return error("wrong-shape", "give a targetSize of at least 1 or a tripwire from -1 to 1")
  if (typeof guard === "number" && !(guard >= -1 && guard <= 1))
    return error("wrong-shape", `a guard of ${guard}: give a cosine from -1 to 1`)
  if (typeof threads === "number" && !(Number.isInteger(threads) && threads >= 1))
    return error("wrong-shape", `${threads} threads: give a whole number from 1`)
  if (pool.weights !== undefined)
    return error("unsupported", "the fence has no weights: leave them out or choose another rule")
  if (pool.strata !== undefined)
    return error("unsupported", "the fence has no strata: select from each stratum by itself")
  const earlier = pool.earlier ?? new Uint32Array(0)
  if (earlier.some((row) => row >= rows)) return error("wrong-shape", `an earlier row beyond the matrix's ${rows}`)
  return new Set(earlier).size < earlier.length ? error("wrong-shape", "an earlier row stands twice") : undefined
}

/** The first row, or why there is none. */
const firstRow = (pool: greedy.Rows, from: Start): number | "typical" | SelectionError => {
  if (from === "typical") return from
  if (from === "first") return 0
  if ("random" in from) return Math.floor(draws(from.random, "start")() * pool.matrix.rows)
  const row = pool.matrix.ids.indexOf(from.id)
  return row < 0 ? error("unknown-start", `no prompt ${from.id} to start from: check the id`) : row
}

const begin = (pool: Asked, options: Options) =>
  Effect.suspend(() => {
    const refused = refusal(pool, options)
    if (refused !== undefined) return Effect.fail(refused)
    const first = firstRow(pool, options.start ?? defaults.start)
    if (first instanceof SelectionError) return Effect.fail(first)
    return Effect.flatMap(thresholdOf(options.guard ?? defaults.guard, pool.matrix), (guard) =>
      search(pool, options, first, guard)
    )
  })

const hasEnded = (step: Pick | greedy.Ended): step is greedy.Ended => "stopped" in step

const selected = Effect.fnUntraced(function* (
  pool: Asked,
  options: Options
): Effect.fn.Return<Omit<Selection, "matrix">, SelectionError, Scope.Scope> {
  const { next } = yield* begin(pool, options)
  const picks: Array<number> = []
  const cosines: Array<number> = []
  let step = yield* next()
  for (; !hasEnded(step); step = yield* next()) {
    picks.push(step.row)
    cosines.push(step.cosine ?? -2)
  }
  return { picks: Uint32Array.from(picks), cosines: Float64Array.from(cosines), ...step }
}, Effect.scoped)

/**
 * The selection of rows that need not be in memory, as `RowFile.open` of `@consortium/embeddings` reads them from a
 * file: once through, in order, and then the few that are near to being chosen. Memory: a quarter of the file.
 */
export const choose = (
  rows: VectorRows,
  options: Options & { readonly earlier?: Uint32Array }
): Effect.Effect<Omit<Selection, "matrix">, SelectionError> => {
  const { earlier } = options
  return selected({ matrix: rows, ...(earlier !== undefined && { earlier }) }, options).pipe(
    // A row that can't be read is thrown where it is read.
    Effect.catchDefect((defect) => (defect instanceof SelectionError ? Effect.fail(defect) : Effect.die(defect)))
  )
}

/** The service: memory for one number a row beside the matrix, time for one pass over the matrix a pick. */
export const make = (options: Options): Selector["Service"] => ({
  select: (pool) => Effect.map(selected(pool, options), (chosen) => ({ matrix: pool.matrix, ...chosen })),
  stream: (pool) =>
    Stream.unwrap(
      Effect.map(begin(pool, options), ({ next }) =>
        Stream.unfold(undefined, () =>
          Effect.map(next(), (step) => (hasEnded(step) ? undefined : ([step, undefined] as const)))
        )
      )
    )
})

/** Stage 2 as a layer. */
export const layer = (options: Options): Layer.Layer<Selector> => Layer.succeed(Selector, make(options))
