/** Vectors as JSON, one row a line. */
import { PromptId } from "@consortium/core/Ids"
import { MatrixFileError } from "../MatrixFileError.js"
import { columnNames } from "./columns.js"

type Row = Readonly<Record<string, unknown>>

const parse = (line: string): Row | undefined => {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === "object" && value !== null ? (value as Row) : undefined
  } catch {
    return undefined
  }
}

const vectorOf = (row: Row): ReadonlyArray<unknown> | undefined => {
  for (const field of columnNames) {
    const value = row[field]
    if (Array.isArray(value)) return value
  }
  return undefined
}

/** Whether a line is a row with a vector. */
export const holdsVector = (line: string): boolean => {
  const row = parse(line)
  return row !== undefined && vectorOf(row) !== undefined
}

/** Rows into one block of numbers, whose size is known once the first row is. */
export class Reader {
  readonly #file: string
  readonly #rows: number
  readonly ids: Array<PromptId> = []
  dimension: number | undefined
  data = new Float32Array(0)

  constructor(file: string, rows: number, dimension: number | undefined) {
    this.#file = file
    this.#rows = rows
    this.dimension = dimension
  }

  take(line: string, number: number): MatrixFileError | undefined {
    const fail = (reason: string) => new MatrixFileError({ file: this.#file, row: number, reason })
    const row = parse(line)
    if (row === undefined) return fail("not a JSON object: write one a line")
    const vector = vectorOf(row)
    if (vector === undefined) return fail(`no vector: put an array of numbers into "${columnNames.join('" or "')}"`)
    this.dimension ??= vector.length
    if (vector.length !== this.dimension)
      return fail(`${vector.length} numbers where ${this.dimension} are expected: use one model for all rows`)
    if (this.data.length === 0) this.data = new Float32Array(this.#rows * this.dimension)
    const at = this.ids.length * this.dimension
    for (let i = 0; i < vector.length; i++) {
      const x = vector[i]
      if (typeof x !== "number" || !Number.isFinite(Math.fround(x)))
        return fail(`number ${i + 1} of its vector is ${JSON.stringify(x)}, which is no float32: mend or drop the row`)
      this.data[at + i] = x
    }
    // Found here, where the line is known.
    if (vector.every((x) => x === 0)) return fail("its vector is all zeros, which has no direction: drop the row")
    const { id } = row
    if (id !== undefined && (id === "" || (typeof id !== "string" && typeof id !== "number")))
      return fail("its id is no text or number: give one, or none in any row")
    this.ids.push(PromptId.make(id === undefined ? String(this.ids.length + 1) : String(id)))
    return undefined
  }
}
