/** Rows by falling value, the lowest row of equal values first; values may only fall. */
export class LazyHeap {
  readonly #values: Float64Array
  readonly #rows: Uint32Array
  #size: number

  /** @param values one a row of the matrix */
  constructor(rows: Uint32Array, values: Float64Array) {
    this.#values = values
    this.#rows = rows.slice()
    this.#size = rows.length
    for (let at = (this.#size >> 1) - 1; at >= 0; at--) this.#sink(at)
  }

  /** The row on top; undefined where there is none. */
  get top(): number | undefined {
    return this.#size === 0 ? undefined : this.#rows[0]
  }

  /** Sets the top row's value, which is not above what it was. */
  lower(value: number): void {
    this.#values[this.#rows[0] as number] = value
    this.#sink(0)
  }

  /** Takes the top row out. */
  pop(): void {
    this.#size--
    this.#rows[0] = this.#rows[this.#size] as number
    this.#sink(0)
  }

  #isBefore(a: number, b: number): boolean {
    const x = this.#rows[a] as number
    const y = this.#rows[b] as number
    const valueX = this.#values[x] as number
    const valueY = this.#values[y] as number
    return valueX > valueY || (valueX === valueY && x < y)
  }

  #sink(from: number): void {
    for (let at = from; ; ) {
      const left = 2 * at + 1
      if (left >= this.#size) return
      const best = left + 1 < this.#size && this.#isBefore(left + 1, left) ? left + 1 : left
      if (!this.#isBefore(best, at)) return
      const held = this.#rows[at] as number
      this.#rows[at] = this.#rows[best] as number
      this.#rows[best] = held
      at = best
    }
  }
}
