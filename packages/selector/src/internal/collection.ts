/** What is chosen so far, scored canonically: the truth that bounds and guesses are held against. */
import type { VectorRows } from "@consortium/core/EmbeddingMatrix"
import { Dots } from "./dots.js"
import { Nearness } from "./nearness.js"
import { add, dot } from "./score.js"

/** The open row with the lowest canonical score among those that were looked at, and the ones next to it. */
export interface Found {
  readonly row: number
  readonly score: number
  /** The runners-up, best first: likely winners of the next step. */
  readonly next: ReadonlyArray<number>
}

const open = 0
const chosen = 1
/** A chosen row stands for it. */
const covered = 2

const runnersUp = 8
/** Up to so many rows, finding the best again is quicker than keeping them sorted. */
const fewToSort = 48
/** From so many rows on, they are scored together, so many at once. */
const fewest = 6
const together = 128

export class Collection {
  readonly sum: Float64Array
  /** In order. */
  readonly rows: Array<number> = []
  /** Canonical scores computed, for reports. */
  exact = 0
  readonly #of: VectorRows
  readonly #dots: Dots
  readonly #state: Uint8Array
  readonly #nearness: Nearness | undefined
  readonly #looked: Uint32Array
  #look = 0
  #rows: Array<number> = []
  #scores: Array<number> = []
  /** Places in `#rows` that are still open, best first, from `#at` on; sorted when the look has more. */
  #order: Array<number> = []
  #at = 0
  #isSorted = false

  constructor(of: VectorRows, guard: number | undefined) {
    this.#of = of
    this.#dots = new Dots(of, together)
    this.sum = new Float64Array(of.space.dimension)
    this.#state = new Uint8Array(of.rows)
    this.#nearness = guard === undefined ? undefined : new Nearness(of, guard)
    this.#looked = new Uint32Array(of.rows)
  }

  get size(): number {
    return this.rows.length
  }

  isOpen(row: number): boolean {
    return this.#state[row] === open
  }

  take(row: number): void {
    this.#state[row] = chosen
    this.rows.push(row)
    add(this.sum, this.#of.row(row), 0)
  }

  /** Gives back the rows behind the first `size`; the sum is set by whoever knows what it was. */
  cut(size: number): void {
    for (const row of this.rows.splice(size)) this.#state[row] = open
    this.#nearness?.cut(size)
  }

  cover(row: number): void {
    this.#state[row] = covered
  }
  uncover(row: number): void {
    this.#state[row] = open
  }

  /** Whether one of the first `size` chosen rows stands for a row. */
  isCovered(row: number, size: number = this.size): boolean {
    return this.#nearness?.isCovered(row, this.rows, size) === true
  }

  /** The canonical score of a row against any vector. */
  scoreOf(vector: Float64Array, row: number): number {
    this.exact++
    return dot(vector, this.#of.row(row), 0)
  }

  /** The lowest canonical score of all open rows, the lowest row of equal ones; nothing where none is open. */
  scan(): { readonly row: number; readonly score: number } | undefined {
    let row = -1
    let score = Infinity
    for (let at = 0; at < this.#state.length; at++) {
      if (this.#state[at] !== open) continue
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
    this.#isSorted = false
  }

  /** Scores a row, unless it is closed or was looked at. */
  look(row: number): void {
    if (this.#state[row] !== open || this.#looked[row] === this.#look) return
    this.#looked[row] = this.#look
    this.#rows.push(row)
    this.#scores.push(this.scoreOf(this.sum, row))
    this.#isSorted = false
  }

  /** The same for many, together where that is quicker. */
  lookAt(rows: Uint32Array): void {
    if (rows.length < fewest) {
      for (const row of rows) this.look(row)
      return
    }
    const fresh = rows.filter((row) => this.#state[row] === open && this.#looked[row] !== this.#look)
    for (let at = 0; at < fresh.length; at += together) {
      const part = fresh.subarray(at, at + together)
      this.#dots.load(part)
      const scores = this.#dots.of(this.sum)
      for (let k = 0; k < part.length; k++) {
        this.#looked[part[k] as number] = this.#look
        this.#rows.push(part[k] as number)
        this.#scores.push(scores[k] as number)
      }
    }
    this.exact += fresh.length
    this.#isSorted = false
  }

  /** Looks at every open row. */
  lookAll(): void {
    for (let row = 0; row < this.#state.length; row++) this.look(row)
  }

  /** The lowest score so far in this look. */
  get lowest(): number {
    let low = Infinity
    for (const score of this.#scores) if (score < low) low = score
    return low
  }

  /** The lowest of this look that is open, the lowest row of equal ones; nothing where no row is. */
  found(): Found | undefined {
    if (this.#rows.length > fewToSort) return this.#foundSorted()
    // Best first, as many as are told.
    const best: Array<number> = []
    for (let k = 0; k < this.#rows.length; k++) {
      if (!this.isOpen(this.#rows[k] as number)) continue
      if (best.length > runnersUp && !this.#isBefore(k, best[runnersUp] as number)) continue
      let at = Math.min(best.length, runnersUp)
      while (at > 0 && this.#isBefore(k, best[at - 1] as number)) {
        best[at] = best[at - 1] as number
        at--
      }
      best[at] = k
    }
    return this.#told(best)
  }

  #isBefore(a: number, b: number): boolean {
    const [x, y] = [this.#scores[a] as number, this.#scores[b] as number]
    return x < y || (x === y && (this.#rows[a] as number) < (this.#rows[b] as number))
  }

  #told([best, ...rest]: ReadonlyArray<number>): Found | undefined {
    if (best === undefined) return undefined
    const next = rest.map((k) => this.#rows[k] as number)
    return { row: this.#rows[best] as number, score: this.#scores[best] as number, next }
  }

  #foundSorted(): Found | undefined {
    if (!this.#isSorted) this.#sort()
    const order = this.#order
    while (this.#at < order.length && !this.isOpen(this.#rows[order[this.#at] as number] as number)) this.#at++
    return this.#told(order.slice(this.#at, this.#at + runnersUp + 1))
  }

  #sort(): void {
    this.#order = Array.from(this.#rows, (_, k) => k).filter((k) => this.isOpen(this.#rows[k] as number))
    this.#order.sort(
      (a, b) =>
        (this.#scores[a] as number) - (this.#scores[b] as number) ||
        (this.#rows[a] as number) - (this.#rows[b] as number)
    )
    this.#at = 0
    this.#isSorted = true
  }
}
