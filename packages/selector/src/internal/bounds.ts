/** Lower bounds of every open row's cosine at any aim, read from the int8 rows; from a base, once the aim turns slowly. */
import type { EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import { type Aim, aimAt, driftOf } from "./direction.js"
import { never, type Quantised, quantise, slack } from "./quantised.js"
import { dot } from "./score.js"

const bins = 2048
/** Cosines from the first bin to the last. */
const range = 0.5
export const mostSteps = 128

/** What the bounds take beside the int8 rows, in bytes. */
const extraFor = (n: number, d: number, cap: number) => n * 24 + cap * (d + 16) + bins * 4 + mostSteps * 16 + 2048

/** A part of the rows, copied together so that a step reads little. */
export interface Pool {
  readonly rows: Uint32Array
  readonly aim: Aim
}

export class Bounds {
  readonly n: number
  readonly low: readonly [number, number]
  /** Whole passes over the int8 rows, and over the float32 rows, for reports. */
  passes = 0
  rebases = 0
  reference: Aim | undefined
  readonly capacity: number
  readonly meanLost: number
  readonly #rows: Quantised
  readonly #base: number
  readonly #list: number
  readonly #some: number
  readonly #bins: number
  readonly #steps: number
  readonly #pool: {
    readonly q: number
    readonly scale: number
    readonly lost: number
    readonly base: number
    readonly low: number
  }
  readonly #data: Float32Array

  private constructor(matrix: EmbeddingMatrix, rows: Quantised, capacity: number) {
    const { arena, n, d } = rows
    this.n = n
    this.capacity = capacity
    this.#data = matrix.data
    this.#rows = rows
    this.#base = arena.take(n * 4)
    this.low = [arena.take(n * 4 + 16), arena.take(n * 4 + 16)]
    this.#list = arena.take(n * 4)
    this.#some = arena.take(n * 4)
    this.#bins = arena.take(bins * 4)
    this.#steps = arena.take(mostSteps * 16)
    this.#pool = {
      q: arena.take(capacity * d),
      scale: arena.take(capacity * 4),
      lost: arena.take(capacity * 4),
      base: arena.take(capacity * 4),
      low: arena.take(capacity * 4 + 16)
    }
    const lost = arena.floats(rows.lost, n)
    this.meanLost = lost.reduce((sum, x) => sum + x, 0) / n
  }

  /** Nothing where the runtime can't or the rows are too many for one memory. */
  static make(matrix: EmbeddingMatrix): Bounds | undefined {
    const capacity = Math.floor(matrix.rows / 5) + 512
    const rows = quantise(matrix, extraFor(matrix.rows, Math.ceil(matrix.space.dimension / 64) * 64, capacity))
    return rows === undefined ? undefined : new Bounds(matrix, rows, capacity)
  }

  floats(at: number, length: number = this.n): Float32Array {
    return this.#rows.arena.floats(at, length)
  }

  /** Marks a row as chosen, or as open again. */
  close(row: number): void {
    this.floats(this.#base)[row] = never
  }
  open(row: number): void {
    const { reference } = this
    this.floats(this.#base)[row] =
      reference === undefined ? 0 : dot(reference.sum, this.#data, row * reference.sum.length) / reference.length
  }

  /** Computes every row's exact cosine at an aim; later bounds then have to estimate only how the aim has moved. */
  rebase(aim: Aim): void {
    const query = this.#rows.exactQuery(aim.sum)
    this.#rows.blocks((rows, from, count) =>
      this.#rows.kernels.bases(rows, query, this.#base + from * 4, count, this.#rows.d, 1 / aim.length)
    )
    this.reference = aim
    this.rebases++
  }

  forget(): void {
    this.reference = undefined
    const base = this.floats(this.#base)
    for (let row = 0; row < base.length; row++) if ((base[row] as number) < never / 2) base[row] = 0
  }

  /** The base itself as bounds, right after `rebase`. */
  fromBase(low: number): number {
    const base = this.floats(this.#base)
    const out = this.floats(low)
    let least: number = never
    for (let row = 0; row < out.length; row++) {
      const cosine = base[row] as number
      out[row] = cosine - slack
      if (cosine < least) least = cosine
    }
    return least + slack
  }

  /** One pass: every row's lower bound to `low`; answers the least upper bound. */
  pass(aim: Aim, low: number): number {
    this.passes++
    const { kernels, q, query, scale, lost, n, d, ask } = this.#rows
    if (this.reference === undefined) {
      const { factor, error } = ask(aim.unit)
      return kernels.boundsBare(
        q,
        query,
        scale,
        lost,
        this.#base,
        low,
        n,
        d,
        1 / factor,
        1 + error,
        error * 1.00001 + slack
      )
    }
    const { along, off, by } = driftOf(aim, this.reference)
    const { factor, error } = ask(off)
    return kernels.bounds(
      q,
      query,
      scale,
      lost,
      this.#base,
      low,
      n,
      d,
      along,
      by / factor,
      by * (1 + error),
      by * error * 1.00001 + slack
    )
  }

  /** Lower bounds of some rows at an aim; the base must be set. The answer is overwritten by the next. */
  at(rows: Uint32Array, aim: Aim): Float32Array {
    const { kernels, q, query, scale, lost, d, ask } = this.#rows
    const { along, off, by } = driftOf(aim, this.reference ?? aim)
    const { factor, error } = ask(off)
    this.#rows.arena.words(this.#list, rows.length).set(rows)
    kernels.boundsAt(
      q,
      query,
      scale,
      lost,
      this.#base,
      this.#list,
      this.#some,
      rows.length,
      d,
      along,
      by / factor,
      by * (1 + error),
      by * error * 1.00001 + slack
    )
    return this.floats(this.#some, rows.length).slice()
  }

  /** Rows with a lower bound of at most `most`. A view that the next call overwrites. */
  atMost(low: number, most: number, n: number = this.n): Uint32Array {
    const count = this.#rows.kernels.atMost(low, n, most, this.#list)
    return this.#rows.arena.words(this.#list, count)
  }

  /** How many rows have a lower bound of at most the cosine asked for. */
  counts(low: number, from: number): (cosine: number) => number {
    this.#rows.kernels.histogram(low, this.n, from, bins / range, bins, this.#bins)
    const sums = new Float64Array(bins + 1)
    const counts = new Int32Array(this.#rows.arena.buffer, this.#bins, bins)
    for (let bin = 0; bin < bins; bin++) sums[bin + 1] = (sums[bin] as number) + (counts[bin] as number)
    return (cosine) => {
      const bin = Math.ceil(((cosine - from) * bins) / range)
      return bin >= bins ? this.n : (sums[Math.max(0, bin)] as number)
    }
  }

  /** Copies rows together; `scores` are their exact scores at the aim. */
  gather(rows: Uint32Array, aim: Aim, scoreOf: (row: number) => number): Pool {
    const { kernels, q, scale, lost, d, arena } = this.#rows
    arena.words(this.#list, rows.length).set(rows)
    kernels.gather(q, scale, lost, this.#list, this.#pool.q, this.#pool.scale, this.#pool.lost, rows.length, d)
    const base = this.floats(this.#pool.base, rows.length)
    for (let k = 0; k < rows.length; k++) base[k] = scoreOf(rows[k] as number) / aim.length
    return { rows, aim }
  }

  /** The pool's rows that could be the lowest at an aim, given a score that is not beaten yet. */
  inPool(pool: Pool, aim: Aim, mostOf: (least: number) => number): ReadonlyArray<number> {
    const { kernels, query, d, ask } = this.#rows
    const { q, scale, lost, base, low } = this.#pool
    const { along, off, by } = driftOf(aim, pool.aim)
    const { factor, error } = ask(off)
    const n = pool.rows.length
    const least = kernels.bounds(
      q,
      query,
      scale,
      lost,
      base,
      low,
      n,
      d,
      along,
      by / factor,
      by * (1 + error),
      by * error * 1.00001 + slack
    )
    return Array.from(this.atMost(low, mostOf(least), n), (k) => pool.rows[k] as number)
  }

  closeInPool(pool: Pool, row: number): void {
    let from = 0
    let to = pool.rows.length - 1
    while (from < to) {
      const middle = (from + to) >> 1
      if ((pool.rows[middle] as number) < row) from = middle + 1
      else to = middle
    }
    this.floats(this.#pool.base, pool.rows.length)[from] = never
  }

  /** Rows that some step between two passes can't rule out by their bounds in both; `steps` are (a, c, rest, most). */
  suspects(lowA: number, lowC: number, steps: ReadonlyArray<readonly [number, number, number, number]>): Uint32Array {
    const out = this.floats(this.#steps, steps.length * 4)
    let least = Infinity
    let largest = 0
    let most = -Infinity
    for (const [k, step] of steps.entries()) {
      out.set(step, k * 4)
      least = Math.min(least, step[0] + step[1])
      largest = Math.max(largest, step[0] + step[1])
      most = Math.max(most, step[3] + step[2])
    }
    // Both bounds above it mean a·lowA + c·lowC − rest > most for every step.
    const quick = (most > 0 ? most / least : most / largest) + 1e-6
    const count = this.#rows.kernels.suspects(lowA, lowC, this.n, this.#steps, steps.length, quick, this.#list)
    return this.#rows.arena.words(this.#list, count).slice()
  }
}

export { type Aim, aimAt }
