/** Lower bounds of every open row's cosine at any aim, read from the int8 rows; from a base, once the aim turns slowly. */
import type { EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import type { SelectionError } from "@consortium/core/Selection"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type Aim, aimAt, driftOf } from "./direction.js"
import { type Instance, instantiate } from "./kernels.js"
import {
  never,
  padded,
  type Query,
  quantise,
  queryOf,
  type Shard,
  shardsOf,
  slack,
  throughBlocks
} from "./quantised.js"
import { dot } from "./score.js"
import { hire } from "./threads.js"

const bins = 2048
/** Cosines from the first bin to the last. */
const range = 0.5
export const mostSteps = 128

/** What the bounds say of a drift from a base: how much of the base, of the query, of the loss, and a rest. */
interface Measure {
  readonly query: Query
  readonly numbers: readonly [along: number, by: number, lost: number, rest: number]
}

const measureOf = (aim: Aim, from: Aim): Measure => {
  const { along, off, by } = driftOf(aim, from)
  const query = queryOf(off)
  const { factor, error } = query
  return { query, numbers: [along, by / factor, by * (1 + error), by * error * 1.00001 + slack] }
}

/** A part of the rows, copied together so that a step reads little. */
export interface Pool {
  readonly rows: Uint32Array
  readonly aim: Aim
}

/** Where the pool lies in a memory of its own. */
interface Place {
  readonly instance: Instance
  readonly q: number
  readonly scale: number
  readonly lost: number
  readonly base: number
  readonly low: number
  readonly list: number
  readonly query: number
}

const placeOf = (capacity: number, d: number): Place | undefined => {
  const instance = instantiate(capacity * (d + 20) + d * 2 + 4096)
  if (instance === undefined) return undefined
  const { arena } = instance
  return {
    instance,
    q: arena.take(capacity * d),
    scale: arena.take(capacity * 4),
    lost: arena.take(capacity * 4),
    base: arena.take(capacity * 4),
    low: arena.take(capacity * 4 + 16),
    list: arena.take(capacity * 4),
    query: arena.take(d * 2)
  }
}

export class Bounds {
  readonly n: number
  /** Whole passes over the int8 rows, and over the float32 rows, for reports. */
  passes = 0
  rebases = 0
  reference: Aim | undefined
  readonly capacity: number
  readonly meanLost: number
  readonly #shards: ReadonlyArray<Shard>
  readonly #each: number
  readonly #place: Place
  readonly #data: Float32Array
  readonly #d: number
  readonly #list: Uint32Array

  private constructor(matrix: EmbeddingMatrix, shards: ReadonlyArray<Shard>, place: Place, capacity: number) {
    this.n = matrix.rows
    this.capacity = capacity
    this.#data = matrix.data
    this.#shards = shards
    this.#each = shards[0]?.n ?? 1
    this.#place = place
    this.#d = padded(matrix.space.dimension)
    this.#list = new Uint32Array(matrix.rows)
    let lost = 0
    for (const shard of shards) for (const x of shard.floats(shard.lost)) lost += x
    this.meanLost = lost / matrix.rows
  }

  /** Nothing where the runtime has no kernels. The threads end with the scope. */
  static readonly make = Effect.fnUntraced(function* (
    matrix: EmbeddingMatrix,
    threads: number
  ): Effect.fn.Return<Bounds | undefined, SelectionError, Scope.Scope> {
    const { dimension } = matrix.space
    const shards = shardsOf(matrix.rows, dimension, threads)
    const capacity = Math.floor(matrix.rows / 8) + 512
    const place = placeOf(capacity, padded(dimension))
    if (shards === undefined || place === undefined) return undefined
    if (threads > 1) {
      // One shard is this thread's own.
      const hired = yield* hire(shards.slice(0, threads - 1).map(({ instance }) => instance))
      for (const [k, thread] of hired.entries()) (shards[k] as Shard).thread = thread
    }
    yield* quantise(shards, matrix.data, dimension)
    return new Bounds(matrix, shards, place, capacity)
  })

  #shardOf(row: number): Shard {
    return this.#shards[Math.floor(row / this.#each)] as Shard
  }

  #setBase(row: number, value: number): void {
    const { instance, base, from } = this.#shardOf(row)
    instance.arena.floats(base + (row - from) * 4, 1)[0] = value
  }

  /** Marks a row as chosen, or as open again. */
  close(row: number): void {
    this.#setBase(row, never)
  }
  open(row: number): void {
    const { reference } = this
    const score = reference === undefined ? 0 : dot(reference.sum, this.#data, row * reference.sum.length)
    this.#setBase(row, reference === undefined ? 0 : score / reference.length)
  }

  /** Computes every row's exact cosine at an aim; later bounds then have to estimate only how the aim has moved. */
  readonly rebase = Effect.fnUntraced({ self: this }, function* (this: Bounds, aim: Aim): Effect.fn.Return<
    void,
    SelectionError
  > {
    for (const { instance, exact } of this.#shards)
      new Float64Array(instance.arena.buffer, exact, aim.sum.length).set(aim.sum)
    yield* throughBlocks(this.#shards, this.#data, aim.sum.length, (shard, rows, from, count) =>
      shard.start("bases", rows, shard.exact, shard.base + from * 4, count, shard.d, 1 / aim.length)
    )
    this.reference = aim
    this.rebases++
  })

  forget(): void {
    this.reference = undefined
    for (const shard of this.#shards) {
      const base = shard.floats(shard.base)
      for (let k = 0; k < base.length; k++) if ((base[k] as number) < never / 2) base[k] = 0
    }
  }

  /** The base itself as bounds, right after `rebase`. */
  fromBase(low: 0 | 1): number {
    let least: number = never
    for (const shard of this.#shards) {
      const base = shard.floats(shard.base)
      const out = shard.floats(shard.low[low])
      for (let k = 0; k < out.length; k++) {
        const cosine = base[k] as number
        out[k] = cosine - slack
        if (cosine < least) least = cosine
      }
    }
    return least + slack
  }

  /** One pass: every row's lower bound to `low`; answers the least upper bound. */
  readonly pass = Effect.fnUntraced({ self: this }, function* (this: Bounds, aim: Aim, low: 0 | 1): Effect.fn.Return<
    number,
    SelectionError
  > {
    this.passes++
    const { reference } = this
    const measure = reference === undefined ? undefined : measureOf(aim, reference)
    const query = measure?.query ?? queryOf(aim.unit)
    for (const shard of this.#shards) {
      const { base, d, lost, n, q, scale } = shard
      shard.ask(query)
      const out = shard.low[low]
      if (measure !== undefined) {
        shard.start("bounds", q, shard.query, scale, lost, base, out, n, d, ...measure.numbers)
        continue
      }
      const { error, factor } = query
      const rest = error * 1.00001 + slack
      shard.start("boundsBare", q, shard.query, scale, lost, base, out, n, d, 1 / factor, 1 + error, rest)
    }
    let least: number = never
    for (const shard of this.#shards) least = Math.min(least, yield* shard.answer)
    return least
  })

  /** Lower bounds of some rows, rising, at an aim; the base must be set. */
  at(rows: Uint32Array, aim: Aim): Float32Array {
    const { numbers, query } = measureOf(aim, this.reference ?? aim)
    const out = new Float32Array(rows.length)
    let done = 0
    for (const shard of this.#shards) {
      const { base, d, from, instance, list, lost, n, q, scale, some } = shard
      let count = 0
      while (done + count < rows.length && (rows[done + count] as number) < from + n) count++
      if (count === 0) continue
      shard.ask(query)
      const words = instance.arena.words(list, count)
      for (let k = 0; k < count; k++) words[k] = (rows[done + k] as number) - from
      instance.kernels.boundsAt(q, shard.query, scale, lost, base, list, some, count, d, ...numbers)
      out.set(instance.arena.floats(some, count), done)
      done += count
    }
    return out
  }

  /** The bounds of some rows, rising, that a pass left. */
  lows(low: 0 | 1, rows: Uint32Array): Float32Array {
    const all = this.#shards.map((shard) => shard.floats(shard.low[low]))
    return Float32Array.from(rows, (row) => {
      const k = Math.floor(row / this.#each)
      return all[k]?.[row - k * this.#each] as number
    })
  }

  /** Lists rows of all shards, rising, by what a kernel finds in each. A view that the next call overwrites. */
  #listed(find: (shard: Shard) => number): Uint32Array {
    let count = 0
    for (const shard of this.#shards) {
      const found = shard.instance.arena.words(shard.list, find(shard))
      for (let k = 0; k < found.length; k++) this.#list[count++] = shard.from + (found[k] as number)
    }
    return this.#list.subarray(0, count)
  }

  /** Rows with a lower bound of at most `most`. A view that the next call overwrites. */
  atMost(low: 0 | 1, most: number): Uint32Array {
    return this.#listed((shard) => shard.instance.kernels.atMost(shard.low[low], shard.n, most, shard.list))
  }

  /** How many rows have a lower bound of at most the cosine asked for. */
  counts(low: 0 | 1, from: number): (cosine: number) => number {
    const sums = new Float64Array(bins + 1)
    for (const shard of this.#shards) {
      const { instance, n, some } = shard
      // `some` is free here; a shard of few rows has less than the bins.
      const at = n < bins ? shard.blocks[0] : some
      instance.kernels.histogram(shard.low[low], n, from, bins / range, bins, at)
      const counts = new Int32Array(instance.arena.buffer, at, bins)
      for (let bin = 0; bin < bins; bin++) sums[bin + 1] = (sums[bin + 1] as number) + (counts[bin] as number)
    }
    for (let bin = 0; bin < bins; bin++) sums[bin + 1] = (sums[bin + 1] as number) + (sums[bin] as number)
    return (cosine) => {
      const bin = Math.ceil(((cosine - from) * bins) / range)
      return bin >= bins ? this.n : (sums[Math.max(0, bin)] as number)
    }
  }

  /** Copies rows together; `scores` are their exact scores at the aim. */
  gather(rows: Uint32Array, aim: Aim, scoreOf: (row: number) => number): Pool {
    const place = this.#place
    const { arena } = place.instance
    const d = this.#d
    const toQ = arena.bytes(place.q, rows.length * d)
    const toScale = arena.floats(place.scale, rows.length)
    const toLost = arena.floats(place.lost, rows.length)
    const base = arena.floats(place.base, rows.length)
    const parts = this.#shards.map((shard) => ({
      q: shard.instance.arena.bytes(shard.q, shard.n * d),
      scale: shard.floats(shard.scale),
      lost: shard.floats(shard.lost)
    }))
    for (let k = 0; k < rows.length; k++) {
      const row = rows[k] as number
      const shard = Math.floor(row / this.#each)
      const { lost, q, scale } = parts[shard] as (typeof parts)[number]
      const at = row - shard * this.#each
      toQ.set(q.subarray(at * d, (at + 1) * d), k * d)
      toScale[k] = scale[at] as number
      toLost[k] = lost[at] as number
      base[k] = scoreOf(row) / aim.length
    }
    return { rows, aim }
  }

  /** The pool's rows that could be the lowest at an aim, given a score that is not beaten yet. */
  boundPool(pool: Pool, aim: Aim): number {
    const { base, instance, lost, low, q, query, scale } = this.#place
    const { kernels, arena } = instance
    const { numbers, query: asked } = measureOf(aim, pool.aim)
    new Int16Array(arena.buffer, query, this.#d).set(asked.ints)
    const n = pool.rows.length
    return kernels.bounds(q, query, scale, lost, base, low, n, this.#d, ...numbers)
  }

  /** Rows of the pool whose lower bound at the last aim is at most this. */
  inPool(pool: Pool, most: number): ReadonlyArray<number> {
    const { instance, list, low } = this.#place
    const count = instance.kernels.atMost(low, pool.rows.length, most, list)
    return Array.from(instance.arena.words(list, count), (k) => pool.rows[k] as number)
  }

  closeInPool(pool: Pool, row: number): void {
    let from = 0
    let to = pool.rows.length - 1
    while (from < to) {
      const middle = (from + to) >> 1
      if ((pool.rows[middle] as number) < row) from = middle + 1
      else to = middle
    }
    this.#place.instance.arena.floats(this.#place.base, pool.rows.length)[from] = never
  }

  /** Rows that some step between two passes can't rule out by their bounds in both; `steps` are (a, c, rest, most). */
  suspects(lowA: 0 | 1, lowC: 0 | 1, steps: ReadonlyArray<readonly [number, number, number, number]>): Uint32Array {
    let least = Infinity
    let largest = 0
    let most = -Infinity
    for (const step of steps) {
      least = Math.min(least, step[0] + step[1])
      largest = Math.max(largest, step[0] + step[1])
      most = Math.max(most, step[3] + step[2])
    }
    // Both bounds above it mean a·lowA + c·lowC − rest > most for every step.
    const quick = (most > 0 ? most / least : most / largest) + 1e-6
    return this.#listed((shard) => {
      const { instance, list, low, n } = shard
      const out = instance.arena.floats(shard.steps, steps.length * 4)
      for (const [k, step] of steps.entries()) out.set(step, k * 4)
      return instance.kernels.suspects(low[lowA], low[lowC], n, shard.steps, steps.length, quick, list)
    }).slice()
  }
}

export { type Aim, aimAt }
