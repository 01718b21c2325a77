/** Canonical dot products of vectors with many rows: by the kernels where the runtime has them, else by `score.ts`. */
import type { VectorRows } from "@consortium/core/EmbeddingMatrix"
import { type Arena, instantiate, type Kernels } from "./kernels.js"
import { dot } from "./score.js"

/** Beyond this, a copy of the rows for the kernels costs more memory than the time is worth. */
const mostBytes = 2 ** 30
/** Rows that are read by many vectors stay in the processor's cache. */
const blockBytes = 1 << 18

interface Compiled {
  readonly kernels: Kernels
  readonly arena: Arena
  readonly rows: number
  readonly query: number
  readonly out: number
  /** The dimension, padded to a multiple of 64. */
  readonly d: number
}

/** Below this many numbers a memory of its own costs more than it saves. */
const fewestNumbers = 1 << 14

const compile = (capacity: number, dimension: number): Compiled | undefined => {
  if (capacity * dimension < fewestNumbers) return undefined
  const d = Math.ceil(dimension / 64) * 64
  const bytes = capacity * (d * 4 + 8) + d * 8 + 1024
  const made = bytes > mostBytes ? undefined : instantiate(bytes)
  if (made === undefined) return undefined
  const { kernels, arena } = made
  return {
    kernels,
    arena,
    rows: arena.take(capacity * d * 4),
    query: arena.take(d * 8),
    out: arena.take(capacity * 8),
    d
  }
}

/** Some rows of a matrix, loaded together to be read by many vectors. */
export class Dots {
  readonly #matrix: VectorRows
  readonly #compiled: Compiled | undefined
  readonly #plain: Float64Array
  readonly #one: Float64Array
  readonly #rows: Uint32Array
  #count = 0

  /** @param capacity how many rows are loaded at most */
  constructor(matrix: VectorRows, capacity: number) {
    this.#matrix = matrix
    this.#compiled = compile(capacity, matrix.space.dimension)
    this.#plain = new Float64Array(this.#compiled === undefined ? capacity : 0)
    this.#one = new Float64Array(matrix.space.dimension)
    this.#rows = new Uint32Array(capacity)
  }

  /** How many rows of that dimension make a block. */
  static blockOf(dimension: number): number {
    return Math.max(16, Math.floor(blockBytes / 4 / dimension))
  }

  /** With all rows loaded, where there is room for a copy of them. */
  static whole(matrix: VectorRows): Dots {
    const dots = new Dots(matrix, matrix.rows)
    dots.load(Uint32Array.from({ length: matrix.rows }, (_, row) => row))
    return dots
  }

  /** These rows instead of what was loaded. */
  load(rows: Uint32Array): void {
    this.#rows.set(rows)
    this.#count = rows.length
    if (this.#compiled === undefined) return
    for (let k = 0; k < rows.length; k++) this.#put(this.#compiled, rows[k] as number, k)
  }

  /** More rows behind the loaded ones. */
  append(rows: ReadonlyArray<number>): void {
    const before = this.#count
    for (const [k, row] of rows.entries()) {
      this.#rows[before + k] = row
      if (this.#compiled !== undefined) this.#put(this.#compiled, row, before + k)
    }
    this.#count += rows.length
  }

  #put(made: Compiled, row: number, k: number): void {
    made.arena.floats(made.rows + k * made.d * 4, made.d).set(this.#matrix.row(row))
  }

  /** The vector's dot products with the loaded rows `[from, to)`. A view that the next call overwrites. */
  of(vector: Float64Array, from = 0, to: number = this.#count): Float64Array {
    const made = this.#compiled
    if (made === undefined) {
      for (let k = from; k < to; k++) this.#plain[k] = dot(vector, this.#matrix.row(this.#rows[k] as number), 0)
      return this.#plain.subarray(from, to)
    }
    const { kernels, arena, rows, query, out, d } = made
    new Float64Array(arena.buffer, query, vector.length).set(vector)
    kernels.scores(rows + from * d * 4, query, out, to - from, d)
    return new Float64Array(arena.buffer, out, to - from)
  }

  /** A row's cosines to the loaded rows, as good as rounding leaves them: not clipped. A view, as above. */
  ofRow(row: number, from = 0, to: number = this.#count): Float64Array {
    this.#one.set(this.#matrix.row(row))
    return this.of(this.#one, from, to)
  }
}
