/** What is chosen, what is open, and how near a row is to what is chosen. */
import type { EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import type { Pool } from "@consortium/core/Selection"
import { Dots } from "./dots.js"
import { cosineOf } from "./score.js"

const open = 0
const taken = 1
const passed = 2
/** Of weight 0. */
const unwanted = 3

export class Book {
  readonly matrix: EmbeddingMatrix
  readonly weights: Float64Array | undefined
  /** Earlier rows first, then picks in order. */
  readonly collected: Array<number> = []
  isGuarded = false
  #open: number
  readonly #state: Uint8Array
  readonly #near: Float64Array
  /** To how many of the collected rows `#near` holds. */
  readonly #seen: Uint32Array
  #dots: Dots
  #capacity = 64
  #loaded = 0

  constructor(pool: Pool) {
    const { rows } = pool.matrix
    this.matrix = pool.matrix
    this.weights = pool.weights
    this.#state = new Uint8Array(rows)
    this.#near = new Float64Array(rows).fill(-1)
    this.#seen = new Uint32Array(rows)
    this.#dots = new Dots(pool.matrix, this.#capacity)
    for (const row of pool.earlier ?? []) {
      this.collected.push(row)
      this.#state[row] = taken
    }
    this.#open = rows - this.collected.length
    for (let row = 0; row < rows; row++) if (pool.weights?.[row] === 0) this.#close(row, unwanted)
  }

  get open(): number {
    return this.#open
  }

  isOpen(row: number): boolean {
    return this.#state[row] === open
  }

  openRows(): Uint32Array {
    const rows = new Uint32Array(this.#open)
    for (let row = 0, k = 0; k < rows.length; row++) if (this.isOpen(row)) rows[k++] = row
    return rows
  }

  weight(row: number): number {
    return this.weights?.[row] ?? 1
  }

  #close(row: number, as: number): void {
    if (this.#state[row] !== open) return
    this.#state[row] = as
    this.#open--
  }

  take(row: number): void {
    this.#close(row, taken)
    this.collected.push(row)
  }

  /** A chosen row stands for this one. */
  pass(row: number): void {
    this.#close(row, passed)
    this.isGuarded = true
  }

  /** Whether the nearness of a row is known to every collected one. */
  isFresh(row: number): boolean {
    return this.#seen[row] === this.collected.length
  }

  /** What `nearest` takes, in multiplications. */
  workOf(row: number): number {
    return (this.collected.length - (this.#seen[row] as number)) * this.matrix.space.dimension
  }

  /** The cosine to the nearest collected row; -1 where there is none. */
  nearest(row: number): number {
    const size = this.collected.length
    const from = this.#seen[row] as number
    if (from < size) {
      this.#load()
      let near = this.#near[row] as number
      const products = this.#dots.ofRow(row, from, size)
      for (let k = 0; k < products.length; k++) {
        const cosine = cosineOf(products[k] as number, 1)
        if (cosine > near) near = cosine
      }
      this.#near[row] = near
      this.#seen[row] = size
    }
    return this.#near[row] as number
  }

  #load(): void {
    const size = this.collected.length
    if (this.#loaded === size) return
    if (this.#capacity < size) {
      this.#capacity = Math.max(size, Math.min(this.matrix.rows, this.#capacity * 4))
      this.#dots = new Dots(this.matrix, this.#capacity)
      this.#loaded = 0
    }
    this.#dots.append(this.collected.slice(this.#loaded))
    this.#loaded = size
  }
}
