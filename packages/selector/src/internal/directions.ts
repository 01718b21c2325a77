/** Directions of one run, together in a memory of their own: their dot products, and how kernels are asked about them. */
import { type Arena, instantiate, type Kernels } from "./kernels.js"
import { mostQuery, padded, type Query } from "./quantised.js"

export class Directions {
  readonly #kernels: Kernels
  readonly #arena: Arena
  readonly #dimension: number
  readonly #d: number
  readonly #vectors: number
  readonly #ints: number
  readonly #out: number
  readonly #spare: number
  /** Room for a vector on its way here. */
  readonly scratch: Float64Array

  private constructor(kernels: Kernels, arena: Arena, dimension: number, capacity: number) {
    this.#kernels = kernels
    this.#arena = arena
    this.#dimension = dimension
    this.#d = padded(dimension)
    // The last one is for a vector that is only asked about.
    this.#vectors = arena.take((capacity + 1) * this.#d * 8)
    this.#ints = arena.take(this.#d * 2)
    this.#out = arena.take(Math.max(capacity, 2) * 8)
    this.#spare = capacity
    this.scratch = new Float64Array(dimension)
  }

  /** Room for so many vectors; nothing where the runtime has no kernels. */
  static make(dimension: number, capacity: number): Directions | undefined {
    const d = padded(dimension)
    const instance = instantiate((capacity + 1) * (d * 8 + 8) + d * 2 + 4096)
    return instance === undefined ? undefined : new Directions(instance.kernels, instance.arena, dimension, capacity)
  }

  #at(k: number): number {
    return this.#vectors + k * this.#d * 8
  }

  put(k: number, vector: Float64Array): void {
    new Float64Array(this.#arena.buffer, this.#at(k), this.#dimension).set(vector)
  }

  /** The dot products of one with those of `[from, to)`. A view that the next call overwrites. */
  dots(k: number, from: number, to: number): Float64Array {
    this.#kernels.dots(this.#at(k), this.#at(from), this.#out, to - from, this.#d)
    return new Float64Array(this.#arena.buffer, this.#out, to - from)
  }

  /** One of them, of length 1, in int16. The integers are a view that the next call overwrites. */
  query(k: number): Query {
    const d = this.#d
    const vector = new Float64Array(this.#arena.buffer, this.#at(k), this.#dimension)
    let largest = 0
    for (let j = 0; j < vector.length; j++) largest = Math.max(largest, Math.abs(vector[j] as number))
    const factor = mostQuery(largest, d)
    this.#kernels.intsOf(this.#at(k), this.#ints, this.#out, d, factor)
    const [square = 0] = new Float64Array(this.#arena.buffer, this.#out, 1)
    return { ints: new Int16Array(this.#arena.buffer, this.#ints, d), factor, error: Math.sqrt(square) * 1.02 }
  }

  /** The same of a vector that is not kept. */
  queryOf(unit: Float64Array): Query {
    this.put(this.#spare, unit)
    return this.query(this.#spare)
  }
}
