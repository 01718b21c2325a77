/** What is chosen so far, scored canonically: the truth that bounds and guesses are held against. */
import type { EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import { add, dot } from "./score.js"

/** The open row with the lowest canonical score among those that were looked at, and the ones next to it. */
export interface Found {
  readonly row: number
  readonly score: number
  /** The runners-up, best first: likely winners of the next step. */
  readonly next: ReadonlyArray<number>
}

const runnersUp = 8

export class Collection {
  readonly sum: Float64Array
  readonly taken: Uint8Array
  size = 0
  /** Canonical scores computed, for reports. */
  exact = 0
  readonly #data: Float32Array
  readonly #looked: Uint32Array
  #look = 0
  #rows: Array<number> = []
  #scores: Array<number> = []

  constructor(matrix: EmbeddingMatrix) {
    this.#data = matrix.data
    this.sum = new Float64Array(matrix.space.dimension)
    this.taken = new Uint8Array(matrix.rows)
    this.#looked = new Uint32Array(matrix.rows)
  }

  take(row: number): void {
    this.taken[row] = 1
    this.size++
    add(this.sum, this.#data, row * this.sum.length)
  }

  /** Gives a row back; the sum is set by whoever knows what it was. */
  untake(row: number): void {
    this.taken[row] = 0
    this.size--
  }

  /** The canonical score of a row against any vector. */
  scoreOf(vector: Float64Array, row: number): number {
    this.exact++
    return dot(vector, this.#data, row * vector.length)
  }

  /** The lowest canonical score of all open rows, the lowest row of equal ones; nothing where none is open. */
  scan(): { readonly row: number; readonly score: number } | undefined {
    let row = -1
    let score = Infinity
    for (let at = 0; at < this.taken.length; at++) {
      if (this.taken[at] === 1) continue
      const here = this.scoreOf(this.sum, at)
      if (here < score) {
        row = at
        score = here
      }
    }
    return row < 0 ? undefined : { row, score }
  }

  /** Begins a new look: rows are scored once in it, however often they are named. */
  begin(): void {
    this.#look++
    this.#rows = []
    this.#scores = []
  }

  /** Scores a row, unless it is taken or was looked at. */
  look(row: number): void {
    if (this.taken[row] === 1 || this.#looked[row] === this.#look) return
    this.#looked[row] = this.#look
    this.#rows.push(row)
    this.#scores.push(this.scoreOf(this.sum, row))
  }

  /** The lowest score so far in this look. */
  get lowest(): number {
    let low = Infinity
    for (const score of this.#scores) if (score < low) low = score
    return low
  }

  /** The lowest of this look, the lowest row of equal ones; nothing where no row was open. */
  found(): Found | undefined {
    const order = Array.from(this.#rows, (_, k) => k)
    order.sort(
      (a, b) =>
        (this.#scores[a] as number) - (this.#scores[b] as number) ||
        (this.#rows[a] as number) - (this.#rows[b] as number)
    )
    const [best, ...rest] = order.slice(0, runnersUp + 1)
    if (best === undefined) return undefined
    return {
      row: this.#rows[best] as number,
      score: this.#scores[best] as number,
      next: rest.map((k) => this.#rows[k] as number)
    }
  }
}
