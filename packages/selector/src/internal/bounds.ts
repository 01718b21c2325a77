/** All rows in int8 with what bounds them at any aim, the reference that their bases belong to, and room for pools. */
import type { VectorRows } from "@consortium/core/EmbeddingMatrix"
import type { SelectionError } from "@consortium/core/Selection"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type Aim, aimAt } from "./direction.js"
import { Directions } from "./directions.js"
import { Dots } from "./dots.js"
import { Ground } from "./ground.js"
import { never, padded, quantise, type Shard, shardsOf, slack, unknown } from "./quantised.js"
import { hire } from "./threads.js"

/** Of all rows and of the largest pool, the most steps that are guessed at once; of pools of each level, the most rows. */
const most = { steps: [1024, 64], rows: [8192, 2048] } as const
/** The same in bytes: of a run's directions and of a pool's int8 rows. */
const mostBytes = { directions: 12 << 20, pools: [12 << 20, 4 << 20] } as const
/** Rows that are scored exactly together. */
const together = 128

export class Bounds {
  readonly all: Ground
  /** Where the pools of one level after the other are copied to. */
  readonly rooms: ReadonlyArray<Shard>
  /** Bases computed, and in how many goes, for reports. */
  based = 0
  rebases = 0
  /** The mean of what is lost in int8. */
  readonly meanLost: number
  readonly #dimension: number
  readonly #dots: Dots
  /** The bases of rows that are closed. */
  readonly #closed = new Map<number, number>()

  private constructor(matrix: VectorRows, all: Ground, rooms: ReadonlyArray<Shard>) {
    this.all = all
    this.rooms = rooms
    this.#dimension = matrix.space.dimension
    this.#dots = new Dots(matrix, together)
    let lost = 0
    for (const shard of all.shards) for (const x of shard.floats(shard.lost)) lost += x
    this.meanLost = lost / matrix.rows
  }

  /** Nothing where the runtime has no kernels. The threads end with the scope. */
  static readonly make = Effect.fnUntraced(function* (
    matrix: VectorRows,
    threads: number,
    isSummed: boolean
  ): Effect.fn.Return<Bounds | undefined, SelectionError, Scope.Scope> {
    const { dimension } = matrix.space
    const d = padded(dimension)
    const stepsOf = (steps: number) =>
      Math.max(2, Math.min(steps, Math.ceil(matrix.rows / 16), Math.floor(mostBytes.directions / d / 8)))
    const steps = stepsOf(most.steps[0])
    const shards = shardsOf(matrix.rows, dimension, threads, steps)
    const directions = Directions.make(dimension, steps + 2)
    if (shards === undefined || directions === undefined) return undefined
    const rooms: Array<Shard> = []
    for (const level of [0, 1] as const) {
      const rows = Math.min(most.rows[level], (matrix.rows >> 1) + 512, Math.floor(mostBytes.pools[level] / d))
      const room = shardsOf(Math.min(matrix.rows, rows), dimension, 1, level === 0 ? stepsOf(most.steps[1]) : 2)?.[0]
      if (room === undefined) return undefined
      rooms.push(room)
    }
    if (threads > 1) {
      // One shard is this thread's own.
      const hired = yield* hire(
        shards.slice(0, threads - 1).map(({ instance }) => instance),
        matrix.data
      )
      for (const [k, thread] of hired.entries()) (shards[k] as Shard).thread = thread
    }
    yield* quantise(shards, matrix, isSummed)
    return new Bounds(matrix, Ground.all(shards, directions), rooms)
  })

  /** Marks a row of a ground as chosen or passed over, there and in all that it was copied from. */
  close(ground: Ground, row: number): void {
    const [shard, at] = this.all.placeOf(row)
    this.#closed.set(row, shard.floats(shard.base)[at] as number)
    ground.setBase(row, never)
  }

  /** Marks it as open again. */
  open(ground: Ground, row: number): void {
    ground.setBase(row, this.#closed.get(row) ?? unknown)
    this.#closed.delete(row)
  }

  /**
   * The rows that can have the largest dot product with the mean of all, rising: one, but for equal and nearly equal ones.
   * The rows must have been summed; none is closed yet.
   */
  readonly typical = Effect.fnUntraced({ self: this }, function* (this: Bounds): Effect.fn.Return<
    Uint32Array,
    SelectionError
  > {
    const { all } = this
    const d = this.#dimension
    const sum = new Float64Array(d)
    for (const { instance, sum: at } of all.shards) {
      const part = new Float64Array(instance.arena.buffer, at, d)
      for (let j = 0; j < d; j++) sum[j] = (sum[j] as number) + (part[j] as number)
    }
    const aim = aimAt(sum.map((x) => -x))
    // What two orders of a sum of n numbers, and a dot product, can differ by.
    const doubt = 2 ** -50 * (all.n * all.n + d * aim.length)
    if (!(aim.length > 2 * doubt)) return Uint32Array.from({ length: all.n }, (_, row) => row)
    const { least } = yield* all.sweep(aim, all.asked(aim), 0)
    const rows = all.atMost(0, least + doubt / aim.length + slack).slice()
    const scores = this.scoresOf(aim.sum, rows)
    let best = Infinity
    for (const score of scores) best = Math.min(best, score)
    return rows.filter((_, k) => (scores[k] as number) <= best + doubt)
  })

  /** Exact scores of rows against a sum. */
  readonly scoresOf = (sum: Float64Array, rows: Uint32Array): Float64Array => {
    const scores = new Float64Array(rows.length)
    for (let at = 0; at < rows.length; at += together) {
      this.#dots.load(rows.subarray(at, at + together))
      scores.set(this.#dots.of(sum), at)
    }
    return scores
  }

  /**
   * Computes the exact cosines of the rows with the lowest bounds at an aim; later bounds of theirs have to estimate only
   * how the aim has moved. The others are far from being chosen and are bounded without.
   */
  readonly rebase = Effect.fnUntraced(
    { self: this },
    function* (this: Bounds, aim: Aim, low: 0 | 1, cut: number): Effect.fn.Return<number> {
      const rows = this.all.atMost(low, cut).slice()
      this.forget()
      let least: number = never
      for (let at = 0; at < rows.length; at += together) {
        const part = rows.subarray(at, at + together)
        this.#dots.load(part)
        const scores = this.#dots.of(aim.sum)
        for (let k = 0; k < part.length; k++) {
          const [shard, place] = this.all.placeOf(part[k] as number)
          const cosine = Math.fround((scores[k] as number) / aim.length)
          shard.floats(shard.base)[place] = cosine
          shard.floats(shard.low[low])[place] = cosine - slack
          if (cosine < least) least = cosine
        }
        if (at % (32 * together) === 0) yield* Effect.yieldNow
      }
      this.all.reference = aim
      this.based += rows.length
      this.rebases++
      return least + slack
    }
  )

  /** Bounds all rows without a base again. */
  forget(): void {
    this.all.reference = undefined
    for (const row of this.#closed.keys()) this.#closed.set(row, unknown)
    for (const shard of this.all.shards) {
      const base = shard.floats(shard.base)
      for (let k = 0; k < base.length; k++) if ((base[k] as number) < never / 2) base[k] = unknown
    }
  }
}
