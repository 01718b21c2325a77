/**
 * The rows a second time, in int8 with rigorous error bounds: a quarter of the bytes to read, and for any direction a
 * lower bound of every row's cosine.
 *
 * A row e is s·q + δ with |δ| ≤ lost; a unit query v is w/f + ε with int16 w and |ε| ≤ err. So v·e differs from
 * s·(w·q)/f by at most (1 + err)·lost + err·|e|. Float32 arithmetic of the kernels adds less than 6e-7 for |v·e| ≤ 1;
 * `slack` is 1e-6. The float32 loss is summed in at most d/16 steps a lane, so it is short by less than 2e-5 relative
 * and 2.4e-7 absolute for d ≤ 4096: the kernel adds 1e-4 and 3e-7.
 */
import type { EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import { type Arena, instantiate, type Kernels } from "./kernels.js"

export const slack = 1e-6
/** The margin of two bounds against each other and of the exact score in float64. */
export const margin = 2e-6
/** Stands for the cosine of a chosen row: above every bound. */
export const never = 1e30

const blockBytes = 1 << 20

/** A direction in int16: `factor` turns dot products of ints back, `error` is the length of what was lost. */
export interface Query {
  readonly factor: number
  readonly error: number
}

export interface Quantised {
  readonly kernels: Kernels
  readonly arena: Arena
  readonly n: number
  /** The dimension, padded to a multiple of 64. */
  readonly d: number
  readonly q: number
  readonly scale: number
  readonly lost: number
  /** Puts a vector of length 1 (or 0) where the kernels read queries. */
  readonly ask: (unit: Float64Array) => Query
  readonly query: number
  /** Hands the float32 rows through a small buffer, block by block: they are never copied whole. */
  readonly blocks: (use: (rows: number, from: number, count: number) => void) => void
  /** Puts a float64 vector where the exact kernels read it. */
  readonly exactQuery: (vector: Float64Array) => number
}

export const padded = (dimension: number): number => Math.ceil(dimension / 64) * 64

/** @param extra bytes that the caller will take from the arena */
export const quantise = (matrix: EmbeddingMatrix, extra: number): Quantised | undefined => {
  const { data, rows: n } = matrix
  const { dimension } = matrix.space
  const d = padded(dimension)
  const perBlock = Math.max(1, Math.floor(blockBytes / (d * 4)))
  const bytes = n * d + n * 8 + perBlock * d * 4 + d * 10 + extra + 4096
  const made = instantiate(bytes)
  if (made === undefined) return undefined
  const { kernels, arena } = made
  const q = arena.take(n * d)
  const scale = arena.take(n * 4)
  const lost = arena.take(n * 4)
  const block = arena.take(perBlock * d * 4)
  const query = arena.take(d * 2)
  const exact = arena.take(d * 8)
  const ints = new Int16Array(arena.buffer, query, d)
  const doubles = new Float64Array(arena.buffer, exact, d)
  const blockData = arena.floats(block, perBlock * d)

  const blocks: Quantised["blocks"] = (use) => {
    for (let from = 0; from < n; from += perBlock) {
      const count = Math.min(perBlock, n - from)
      if (d === dimension) blockData.set(data.subarray(from * d, (from + count) * d))
      else {
        for (let row = 0; row < count; row++) {
          blockData.set(data.subarray((from + row) * dimension, (from + row + 1) * dimension), row * d)
        }
      }
      use(block, from, count)
    }
  }
  blocks((rows, from, count) => kernels.quantise(rows, q + from * d, scale + from * 4, lost + from * 4, count, d))

  const ask = (unit: Float64Array): Query => {
    let largest = 0
    for (let j = 0; j < unit.length; j++) largest = Math.max(largest, Math.abs(unit[j] as number))
    // At most 32767, and no int32 sum of products may overflow.
    const factor = Math.min(32767 / (largest || 1), 2147483647 / (127 * Math.sqrt(d))) / 1.01
    let sum = 0
    for (let j = 0; j < unit.length; j++) {
      const x = unit[j] as number
      const int = Math.round(x * factor)
      ints[j] = int
      sum += (x - int / factor) ** 2
    }
    return { factor, error: Math.sqrt(sum) * 1.02 }
  }
  const exactQuery = (vector: Float64Array): number => {
    doubles.set(vector)
    return exact
  }
  return { kernels, arena, n, d, q, scale, lost, ask, query, blocks, exactQuery }
}
