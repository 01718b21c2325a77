/** Which rows are like which: all pairs where rows are few, nearest neighbours where they are many. */
import type { EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import type { Seed } from "@consortium/core/Seed"
import * as Effect from "effect/Effect"
import { Dots } from "./dots.js"
import { makePace } from "./pace.js"
import { sample } from "./sample.js"

/** A row's similarities above 0, itself among them; `rows` is absent where they are those of all rows in order. */
export interface Similar {
  readonly rows?: Uint32Array
  readonly values: Float32Array
}

export type SimilarTo = (row: number) => Similar

/** All pairs: `rows² × 4` bytes. */
export const dense = Effect.fnUntraced(function* (matrix: EmbeddingMatrix): Effect.fn.Return<SimilarTo> {
  const { rows } = matrix
  const { dimension } = matrix.space
  const pace = makePace()
  const all = new Float32Array(rows * rows)
  const block = Math.min(rows, Dots.blockOf(dimension))
  const dots = new Dots(matrix, block)
  for (let from = 0; from < rows; from += block) {
    const count = Math.min(block, rows - from)
    dots.load(Uint32Array.from({ length: count }, (_, k) => from + k))
    // The other half is the same by symmetry.
    for (let row = from; row < rows; row++) {
      const products = dots.ofRow(row)
      for (let k = 0; k < count; k++) {
        const value = Math.min(1, Math.max(0, products[k] as number))
        all[row * rows + from + k] = value
        all[(from + k) * rows + row] = value
      }
      const rest = pace(count * dimension)
      if (rest !== undefined) yield* rest
    }
  }
  return (row) => ({ values: all.subarray(row * rows, (row + 1) * rows) })
})

/** For each row its best so far, best first. */
class Best {
  readonly rows: Uint32Array
  readonly values: Float32Array
  readonly counts: Uint32Array
  readonly #most: number

  constructor(rows: number, most: number) {
    this.#most = most
    this.rows = new Uint32Array(rows * most)
    this.values = new Float32Array(rows * most)
    this.counts = new Uint32Array(rows)
  }

  offer(row: number, other: number, value: number): void {
    const from = row * this.#most
    const count = this.counts[row] as number
    if (value <= 0 || (count === this.#most && value <= (this.values[from + count - 1] as number))) return
    let at = count === this.#most ? count - 1 : count
    for (; at > 0 && (this.values[from + at - 1] as number) < value; at--) {
      this.values[from + at] = this.values[from + at - 1] as number
      this.rows[from + at] = this.rows[from + at - 1] as number
    }
    this.values[from + at] = value
    this.rows[from + at] = other
    this.counts[row] = Math.min(this.#most, count + 1)
  }
}

/** How many of the leaders' lists a row is compared with. */
const probes = 6

/** For each row the places of its nearest leaders, the nearest first. */
const nearestLeaders = Effect.fnUntraced(function* (matrix: EmbeddingMatrix, leaders: Uint32Array) {
  const { dimension } = matrix.space
  const pace = makePace()
  const found = new Best(matrix.rows, Math.min(probes, leaders.length))
  const dots = new Dots(matrix, leaders.length)
  dots.load(leaders)
  for (let row = 0; row < matrix.rows; row++) {
    const products = dots.ofRow(row)
    // From 1 to 3: all above 0, and in the same order.
    for (let k = 0; k < products.length; k++) found.offer(row, k, 2 + (products[k] as number))
    const rest = pace(leaders.length * dimension)
    if (rest !== undefined) yield* rest
  }
  return found
})

/** Lists of rows; a list that is too long goes on in another one. */
const listsOf = (
  leaders: number,
  home: (row: number) => number,
  rows: number
): ReadonlyArray<ReadonlyArray<Uint32Array>> => {
  const most = 8 * leaders
  const lists = Array.from({ length: leaders }, (): Array<number> => [])
  for (let row = 0; row < rows; row++) lists[home(row)]?.push(row)
  return lists.map((list) =>
    Array.from({ length: Math.ceil(list.length / most) }, (_, part) =>
      Uint32Array.from(list.slice(part * most, (part + 1) * most))
    )
  )
}

/**
 * Up to `most` neighbours of each row, by an inverted file: √rows random leaders, each row in its nearest leader's list
 * and compared with the rows in the lists of its six nearest ones. A share of the true neighbours is missed.
 */
const search = Effect.fnUntraced(function* (matrix: EmbeddingMatrix, most: number, seed: Seed) {
  const { rows } = matrix
  const { dimension } = matrix.space
  const pace = makePace()
  const leaders = sample(rows, Math.ceil(Math.sqrt(rows)), seed, "leaders")
  const near = yield* nearestLeaders(matrix, leaders)
  const width = near.rows.length / rows
  const lists = listsOf(leaders.length, (row) => near.rows[row * width] as number, rows)
  const visitors = Array.from({ length: leaders.length }, (): Array<number> => [])
  for (let row = 0; row < rows; row++) {
    for (let k = 1; k < (near.counts[row] as number); k++) visitors[near.rows[row * width + k] as number]?.push(row)
  }
  const best = new Best(rows, most)
  const block = Math.min(rows, Dots.blockOf(dimension))
  const dots = new Dots(matrix, block)
  for (const [place, parts] of lists.entries()) {
    for (const [index, part] of parts.entries()) {
      const asking = index === 0 ? [...part, ...(visitors[place] ?? [])] : part
      for (let from = 0; from < part.length; from += block) {
        const some = part.subarray(from, from + block)
        dots.load(some)
        for (const row of asking) {
          const products = dots.ofRow(row)
          for (let k = 0; k < some.length; k++) {
            if (some[k] !== row) best.offer(row, some[k] as number, Math.min(1, products[k] as number))
          }
          const rest = pace(some.length * dimension)
          if (rest !== undefined) yield* rest
        }
      }
    }
  }
  return best
})

/** Each row's neighbours and those whose neighbour it is, itself first. */
export const sparse = Effect.fnUntraced(function* (
  matrix: EmbeddingMatrix,
  most: number,
  seed: Seed
): Effect.fn.Return<SimilarTo> {
  const { rows } = matrix
  const best = yield* search(matrix, most, seed)
  const isMutual = (row: number, other: number): boolean => {
    for (let k = 0; k < (best.counts[other] as number); k++) if (best.rows[other * most + k] === row) return true
    return false
  }
  const starts = new Uint32Array(rows + 1)
  const eachPair = (use: (row: number, other: number, value: number) => void): void => {
    for (let row = 0; row < rows; row++) {
      use(row, row, 1)
      for (let k = 0; k < (best.counts[row] as number); k++) {
        const other = best.rows[row * most + k] as number
        const value = best.values[row * most + k] as number
        use(row, other, value)
        if (!isMutual(row, other)) use(other, row, value)
      }
    }
  }
  eachPair((row) => void (starts[row + 1] = (starts[row + 1] as number) + 1))
  for (let row = 0; row < rows; row++) starts[row + 1] = (starts[row + 1] as number) + (starts[row] as number)
  const at = starts.slice()
  const others = new Uint32Array(starts[rows] as number)
  const values = new Float32Array(others.length)
  eachPair((row, other, value) => {
    const place = at[row] as number
    others[place] = other
    values[place] = value
    at[row] = place + 1
  })
  return (row) => {
    const from = starts[row] as number
    const to = starts[row + 1] as number
    return { rows: others.subarray(from, to), values: values.subarray(from, to) }
  }
})
