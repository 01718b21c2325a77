/** The vectors of an answer, read from JSON numbers or base64 straight into one typed array, in the order of the texts. */
import * as Result from "effect/Result"
import * as row from "./internal/row.js"

/**
 * What a row holds: float32 numbers; whole numbers of one signed byte; or bits, eight in an unsigned byte with the first
 * in its highest place (as NumPy packs them), which become 1 and −1, so that a cosine is what the bits have in common.
 */
export type Encoding = "float32" | "int8" | "bits"

/** A vector as it came, and the text that it belongs to where the wire says it. */
export interface Row {
  readonly index?: number | null | undefined
  /** Numbers, or base64 of their bytes. */
  readonly values: unknown
}

export interface Wanted {
  /** How many texts were sent. */
  readonly texts: number
  /** The dimension that was asked for. @default that of the first row */
  readonly dimension?: number | undefined
  /** @default "float32" */
  readonly encoding?: Encoding | undefined
}

export interface Vectors {
  readonly dimension: number
  /** `texts × dimension` numbers, of any scale. */
  readonly data: Float32Array
}

/** One row for each text, all of the same length, all finite; or what is wrong with them. */
export const read = (rows: ReadonlyArray<Row>, wanted: Wanted): Result.Result<Vectors, string> => {
  const { texts } = wanted
  if (rows.length !== texts) return Result.fail(`${rows.length} rows for ${texts} texts`)
  const format = row.formatOf(rows[0]?.values, wanted.encoding ?? "float32", wanted.dimension)
  const dimension = wanted.dimension ?? row.widthOf(rows[0]?.values, format)
  if (!Number.isInteger(dimension) || dimension < 1) return Result.fail(`rows of ${dimension} numbers`)
  const data = new Float32Array(texts * dimension)
  const seen = new Set<number>()
  for (const [position, { index, values }] of rows.entries()) {
    const place = index ?? position
    if (place < 0 || place >= texts || seen.has(place))
      return Result.fail(`a row for text ${place}, of ${texts} texts, that is not there or twice`)
    seen.add(place)
    const width = row.widthOf(values, format)
    if (width !== dimension) return Result.fail(`row ${place} has ${width} numbers instead of ${dimension}`)
    if (!row.write(values, format, data.subarray(place * dimension, (place + 1) * dimension)))
      return Result.fail(`row ${place} holds something other than numbers`)
  }
  return Result.succeed({ dimension, data })
}

/** A count of tokens as a wire states it; nothing where it is no count. */
export const tokens = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined
