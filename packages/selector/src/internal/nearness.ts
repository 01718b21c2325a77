/** Whether a chosen row stands for another: by int8 copies of the chosen ones first, by canonical scores where those can't say. */
import type { VectorRows } from "@consortium/core/EmbeddingMatrix"
import { type Instance, instantiate } from "./kernels.js"
import { padded, queryOf, slack, unknown } from "./quantised.js"
import { cosineOf, dot } from "./score.js"

/** Where copies of the chosen rows lie. */
interface Place {
  readonly instance: Instance
  readonly capacity: number
  readonly q: number
  readonly scale: number
  readonly lost: number
  readonly base: number
  readonly numbers: number
  readonly low: number
  readonly list: number
  readonly query: number
  readonly block: number
}

const placeOf = (capacity: number, d: number): Place | undefined => {
  const instance = instantiate(capacity * (d + 20) + d * 6 + 8192)
  if (instance === undefined) return undefined
  const { arena } = instance
  const place = {
    instance,
    capacity,
    q: arena.take(capacity * d),
    scale: arena.take(capacity * 4),
    lost: arena.take(capacity * 4),
    base: arena.take(capacity * 4),
    numbers: arena.take(32),
    low: arena.take(capacity * 4 + 16),
    list: arena.take(capacity * 4),
    query: arena.take(d * 2),
    block: arena.take(d * 4)
  }
  arena.floats(place.base, capacity).fill(unknown)
  return place
}

export class Nearness {
  readonly #guard: number
  readonly #matrix: VectorRows
  readonly #d: number
  readonly #one: Float64Array
  #place: Place | undefined
  #loaded = 0

  constructor(matrix: VectorRows, guard: number) {
    this.#matrix = matrix
    this.#guard = guard
    this.#d = padded(matrix.space.dimension)
    this.#one = new Float64Array(matrix.space.dimension)
  }

  /** Forgets what was chosen behind the first `size`. */
  cut(size: number): void {
    this.#loaded = Math.min(this.#loaded, size)
  }

  /** Whether one of the first `size` chosen rows is nearer to a row than the guard allows. */
  isCovered(row: number, chosen: ReadonlyArray<number>, size: number): boolean {
    const place = this.#load(chosen, size)
    this.#one.set(this.#matrix.row(row))
    if (place === undefined) return chosen.slice(0, size).some((other) => this.#isNear(other))
    const { base, instance, list, lost, low, numbers, q, query, scale } = place
    const { kernels, arena } = instance
    const asked = queryOf(this.#one.map((x) => -x))
    new Int16Array(arena.buffer, query, this.#d).set(asked.ints)
    const rest = asked.error * 1.0001 + 2 * slack
    arena.floats(numbers, 3).set([1 / asked.factor, 1.00001 + asked.error, rest])
    kernels.bounds(q, scale, lost, base, low, size, this.#d, numbers, query, query)
    const count = kernels.atMost(low, size, -this.#guard + slack, list)
    return arena.words(list, count).some((k) => this.#isNear(chosen[k] as number))
  }

  #isNear(other: number): boolean {
    return cosineOf(dot(this.#one, this.#matrix.row(other), 0), 1) > this.#guard
  }

  #load(chosen: ReadonlyArray<number>, size: number): Place | undefined {
    if (this.#place === undefined || this.#place.capacity < size) {
      const capacity = Math.max(256, Math.min(this.#matrix.rows, size * 2))
      this.#place = placeOf(capacity, this.#d)
      this.#loaded = 0
    }
    const place = this.#place
    if (place === undefined) return undefined
    const { block, instance, lost, q, scale } = place
    for (; this.#loaded < size; this.#loaded++) {
      const k = this.#loaded
      instance.arena.floats(block, this.#matrix.space.dimension).set(this.#matrix.row(chosen[k] as number))
      instance.kernels.quantise(block, q + k * this.#d, scale + k * 4, lost + k * 4, 1, this.#d)
    }
    return place
  }
}
