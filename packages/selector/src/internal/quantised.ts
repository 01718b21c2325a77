/**
 * The rows a second time, in int8 with rigorous error bounds: a quarter of the bytes to read, and for any direction a
 * lower bound of every row's cosine.
 *
 * A row e is s·q + δ with |δ| ≤ lost; a unit query v is w/f + ε with int16 w and |ε| ≤ err. So v·e differs from
 * s·(w·q)/f by at most (1 + err)·lost + err·|e|. Float32 arithmetic of the kernels adds less than 6e-7 for |v·e| ≤ 1;
 * `slack` is 1e-6. The float32 loss is summed in d/16 steps a lane, so it is short by less than 1e-5 relative
 * and 1.9e-7 absolute for d ≤ 4096: the kernel adds 1e-4 and 3e-7.
 */
import type { VectorRows } from "@consortium/core/EmbeddingMatrix"
import type { SelectionError } from "@consortium/core/Selection"
import * as Effect from "effect/Effect"
import { type Instance, instantiate, type Kernels, mostBytes } from "./kernels.js"
import { Table, tableBytes } from "./table.js"
import { slice } from "./pace.js"
import { isShared, type Thread } from "./threads.js"

export const slack = 1e-6
/** The margin of two bounds against each other and of the exact score in float64. */
export const margin = 2e-6
/** Stands for the cosine of a row that is closed: above every bound. */
export const never = 1e30
/** Stands for a base that was not computed: no cosine is that high. */
export const unknown = 2
/** For which the margins above are derived. */
export const mostDimensions = 4096

const blockBytes = 1 << 17

/** A direction in int16: `factor` turns dot products of ints back, `error` is the length of what was lost. */
export interface Query {
  readonly ints: Int16Array
  readonly factor: number
  readonly error: number
}

export const padded = (dimension: number): number => Math.ceil(dimension / 64) * 64

/** What a unit vector is multiplied by: numbers of at most 32767, and no int32 sum of products may overflow. */
export const mostQuery = (largest: number, d: number): number =>
  Math.min(32767 / (largest || 1), 2147483647 / (127 * Math.sqrt(d))) / 1.01

/** A vector of length 1, or 0. */
export const queryOf = (unit: Float64Array): Query => {
  const d = padded(unit.length)
  const ints = new Int16Array(d)
  let largest = 0
  for (let j = 0; j < unit.length; j++) largest = Math.max(largest, Math.abs(unit[j] as number))
  const factor = mostQuery(largest, d)
  let sum = 0
  for (let j = 0; j < unit.length; j++) {
    const x = unit[j] as number
    const int = Math.round(x * factor)
    ints[j] = int
    sum += (x - int / factor) ** 2
  }
  return { ints, factor, error: Math.sqrt(sum) * 1.02 }
}

/** Rows next to each other in a memory of their own, which one thread reads. */
export class Shard {
  /** Of all rows the first of these. */
  readonly from: number
  /** How many there are: all that there is room for, or fewer of a pool. */
  n: number
  readonly capacity: number
  readonly d: number
  readonly instance: Instance
  readonly q: number
  readonly scale: number
  readonly lost: number
  /** Each row's exact cosine at the reference, `unknown`, or `never` for a row that is closed. */
  readonly base: number
  readonly low: readonly [number, number]
  readonly list: number
  readonly table: Table
  /** Room for the sum of the rows, in float64. */
  readonly sum: number
  readonly blocks: readonly [number, number]
  readonly perBlock: number
  /** Where the sweeps over these rows run, if not here. */
  thread: Thread | undefined
  #answer = 0

  constructor(instance: Instance, from: number, n: number, d: number, steps: number) {
    const { arena } = instance
    this.from = from
    this.n = n
    this.capacity = n
    this.d = d
    this.instance = instance
    this.perBlock = perBlockOf(d)
    this.q = arena.take(n * d)
    this.scale = arena.take(n * 4)
    this.lost = arena.take(n * 4)
    this.base = arena.take(n * 4)
    this.low = [arena.take(n * 4 + 16), arena.take(n * 4 + 16)]
    this.list = arena.take(n * 4)
    this.blocks = [arena.take(this.perBlock * d * 4), arena.take(this.perBlock * d * 4)]
    this.sum = arena.take(d * 8)
    this.table = new Table(arena, this, steps)
    this.floats(this.base).fill(unknown)
  }

  floats(at: number): Float32Array {
    return this.instance.arena.floats(at, this.n)
  }

  /** Begins a pass: in the shard's thread, or here and now. */
  start(name: keyof Kernels, ...numbers: ReadonlyArray<number>): void {
    if (this.thread !== undefined) this.thread.start(name, numbers)
    else {
      const kernel: (...numbers: ReadonlyArray<number>) => number | void = this.instance.kernels[name]
      this.#answer = kernel(...numbers) ?? 0
    }
  }

  /** What the pass begun last answers. */
  get answer(): Effect.Effect<number, SelectionError> {
    return this.thread === undefined ? Effect.succeed(this.#answer) : this.thread.answer
  }
}

const perBlockOf = (d: number): number => Math.max(1, Math.floor(blockBytes / (d * 4)))

/** The bytes that a shard of `n` rows takes. */
const bytesOf = (n: number, d: number, steps: number): number =>
  n * (d + 24) + 2 * perBlockOf(d) * d * 4 + tableBytes(d, steps) + d * 8 + 4096

/**
 * Memories for all rows, not filled yet: as many as asked for or more, each of rows that one can address.
 * @param steps the most that one run guesses
 */
export const shardsOf = (
  rows: number,
  dimension: number,
  threads: number,
  steps: number
): ReadonlyArray<Shard> | undefined => {
  const d = padded(dimension)
  if (dimension > mostDimensions) return undefined
  const count = Math.min(rows, Math.max(threads, Math.ceil(bytesOf(rows, d, steps) / (mostBytes * 0.9))))
  const each = Math.ceil(rows / count)
  const shards: Array<Shard> = []
  for (let from = 0; from < rows; from += each) {
    const n = Math.min(each, rows - from)
    const instance = instantiate(bytesOf(n, d, steps), threads > 1)
    if (instance === undefined) return undefined
    shards.push(new Shard(instance, from, n, d, steps))
  }
  return shards
}

/** What the loading of a shard's rows from `from` on is told: where they go, and whether they are summed. */
const loadNumbers = ({ d, lost, q, scale, sum }: Shard, from: number, isSummed: boolean) =>
  [q + from * d, scale + from * 4, lost + from * 4, isSummed ? sum : 0] as const

/**
 * Hands the float32 rows of all shards through small buffers, block by block: they are never copied whole. While a thread
 * reads one block, its next is filled.
 */
const throughBlocks = Effect.fnUntraced(function* (
  shards: ReadonlyArray<Shard>,
  of: VectorRows,
  isSummed: boolean
): Effect.fn.Return<void, SelectionError> {
  const { dimension } = of.space
  const blocks = Math.max(...shards.map(({ n, perBlock }) => Math.ceil(n / perBlock)))
  // Threads first, so that what runs here runs beside them.
  const order = shards.toSorted((a, b) => Number(a.thread === undefined) - Number(b.thread === undefined))
  let worked = 0
  for (let block = 0; block < blocks; block++) {
    for (const shard of order) {
      const from = block * shard.perBlock
      const count = Math.min(shard.perBlock, shard.n - from)
      if (count <= 0) continue
      const at = shard.blocks[(block & 1) as 0 | 1]
      fill(shard, of, at, from, count)
      if (block > 0) yield* shard.answer
      shard.start("takeIn", at, ...loadNumbers(shard, from, isSummed), count, shard.d)
      worked += count * dimension
    }
    if (worked > slice) {
      worked = 0
      yield* Effect.yieldNow
    }
  }
  for (const shard of shards) yield* shard.answer
})

const fill = ({ d, from, instance }: Shard, of: VectorRows, at: number, first: number, count: number): void => {
  const row = from + first
  const out = instance.arena.floats(at, count * d)
  if (of.data !== undefined && d === of.space.dimension) out.set(of.data.subarray(row * d, (row + count) * d))
  else for (let k = 0; k < count; k++) out.set(of.row(row + k), k * d)
}

/** Reads all rows once, into int8; and sums those of each shard where that is asked for. */
export const quantise = Effect.fnUntraced(function* (
  shards: ReadonlyArray<Shard>,
  of: VectorRows,
  isSummed: boolean
): Effect.fn.Return<void, SelectionError> {
  if (!isShared(of.data)) return yield* throughBlocks(shards, of, isSummed)
  // Threads that see the rows fetch theirs themselves.
  const threads = shards.filter((shard) => shard.thread !== undefined)
  for (const shard of threads) {
    const { blocks, d, from, n, perBlock, thread } = shard
    thread?.start("fetch", [from, n, of.space.dimension, blocks[0], perBlock, ...loadNumbers(shard, 0, isSummed), d])
  }
  const own = shards.filter((shard) => shard.thread === undefined)
  if (own.length > 0) yield* throughBlocks(own, of, isSummed)
  for (const shard of threads) yield* shard.answer
})
