/** What an exchange of embeddings came to: rows as float32, to the bit, or the kind of a refusal. */
import type { Refused } from "../result.js"

export interface Rows {
  readonly _tag: "Rows"
  readonly rows: ReadonlyArray<Float32Array>
  /** Undefined where nobody says it. */
  readonly inputTokens: number | undefined
}

export type Result = Rows | Refused

/** Rows as an SDK hands them on. */
export const rowsOf = (given: Iterable<ArrayLike<number>>, inputTokens?: number): Rows => ({
  _tag: "Rows",
  rows: [...given].map((row) => Float32Array.from(row)),
  inputTokens
})

const bits = (row: Float32Array): Uint32Array => new Uint32Array(row.buffer, row.byteOffset, row.length)

const isSame = (a: Float32Array, b: Float32Array | undefined): boolean => {
  if (b === undefined || a.length !== b.length) return false
  const [one, other] = [bits(a), bits(b)]
  return one.every((x, place) => x === other[place])
}

const kindOf = (result: Result): string => (result._tag === "Refused" ? result.kind : "rows")

/** Where two results differ; no number of a recording is told. */
export const differences = (theirs: Result, ours: Result): ReadonlyArray<string> => {
  if (theirs._tag === "Refused" || ours._tag === "Refused")
    return kindOf(theirs) === kindOf(ours) ? [] : [`${kindOf(theirs)} expected, ${kindOf(ours)} given`]
  if (theirs.rows.length !== ours.rows.length) return ["the number of rows"]
  const differs = theirs.rows.filter((row, place) => !isSame(row, ours.rows[place])).length
  return [
    ...(differs === 0 ? [] : [`${differs} of ${theirs.rows.length} rows`]),
    ...(theirs.inputTokens === undefined || theirs.inputTokens === ours.inputTokens ? [] : ["input tokens"])
  ]
}
