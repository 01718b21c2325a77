/** Numbers that come one behind the other, with marks where a row begins, into one block of rows of one length. */
import { MatrixFileError } from "../MatrixFileError.js"

interface Numbers {
  readonly length: number
  readonly [index: number]: unknown
}

export class VectorRows {
  readonly #file: string
  readonly #column: string
  readonly #rows: number
  #said: number | undefined
  /** The first row, until its end says how long rows are. */
  #head: Array<number> | undefined = []
  #data = new Float32Array(0)
  #row = -1
  #inRow = 0

  constructor(file: string, column: string, rows: number, dimension: number | undefined) {
    this.#file = file
    this.#column = column
    this.#rows = rows
    if (dimension !== undefined) this.#begin(dimension)
  }

  get dimension(): number {
    return this.#said ?? 0
  }

  /** @param missing where in `repetition` the first row or number is that is not there, or -1 */
  take(values: Numbers, repetition: ReadonlyArray<number>, missing: number): void {
    if (missing >= 0) {
      const rows = repetition.slice(0, missing + 1).filter((level) => level === 0).length
      throw this.#fail("no vector, or nulls in it: drop the row", this.#row + 1 + rows)
    }
    for (let i = 0; i < values.length; i++) {
      if (repetition[i] === 0) {
        if (this.#row >= 0) this.#close()
        this.#row++
        this.#inRow = 0
      }
      const x = values[i]
      if (typeof x !== "number" || !Number.isFinite(Math.fround(x)))
        throw this.#fail(
          `number ${this.#inRow + 1} of its vector is ${String(x)}, which is no float32: mend or drop the row`
        )
      if (this.#head !== undefined) this.#head.push(x)
      else if (this.#inRow >= this.dimension) throw this.#length(`more than ${this.dimension} numbers`)
      else this.#data[this.#row * this.dimension + this.#inRow] = x
      this.#inRow++
    }
  }

  end(): Float32Array {
    if (this.#row >= 0) this.#close()
    if (this.#row + 1 !== this.#rows)
      throw this.#fail(`${this.#row + 1} vectors for ${this.#rows} rows: drop rows without one`, undefined)
    return this.#data
  }

  #begin(dimension: number): void {
    this.#said = dimension
    this.#data = new Float32Array(this.#rows * dimension)
    for (const [i, x] of (this.#head ?? []).entries()) this.#data[i] = x
    this.#head = undefined
  }

  /** Also found here, where the row is known: a vector without a direction. */
  #close(): void {
    if (this.#head !== undefined) this.#begin(this.#head.length)
    if (this.#inRow !== this.dimension) throw this.#length(`${this.#inRow} numbers`)
    const from = this.#row * this.dimension
    for (let i = from; i < from + this.dimension; i++) if (this.#data[i] !== 0) return
    throw this.#fail("its vector is all zeros, which has no direction: drop the row")
  }

  #length(found: string): MatrixFileError {
    return this.#fail(`${found} where ${this.dimension} are expected: use one model for all rows`)
  }

  #fail(reason: string, row: number | undefined = this.#row + 1): MatrixFileError {
    const at = row === undefined ? {} : { row }
    return new MatrixFileError({ file: this.#file, ...at, column: this.#column, reason })
  }
}
