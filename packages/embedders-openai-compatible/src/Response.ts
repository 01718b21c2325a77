/** From the body of `/embeddings` to rows in one typed array, in the order of the texts. */
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { write } from "./internal/row.js"

const maybe = <S extends Schema.Constraint>(schema: S) => Schema.optional(Schema.NullOr(schema))

const Body = Schema.Struct({
  model: maybe(Schema.String),
  /** A row is not read by a schema: thousands of numbers, or one text of base64. */
  data: Schema.Array(Schema.Struct({ index: maybe(Schema.Int), embedding: Schema.Unknown })),
  usage: maybe(
    Schema.Struct({ prompt_tokens: Schema.optional(Schema.Unknown), total_tokens: Schema.optional(Schema.Unknown) })
  )
})

const decodeBody = Schema.decodeUnknownOption(Body)

export interface Rows {
  /** As the vendor names it; empty where it does not. */
  readonly model: string
  readonly dimension: number
  readonly data: Float32Array
  readonly inputTokens: number | undefined
}

const count = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined

/** How many numbers a row holds: an array of them, or base64 of four bytes each. */
const widthOf = (row: unknown): number => {
  if (Array.isArray(row)) return row.length
  if (typeof row !== "string") return 0
  const padding = row.endsWith("==") ? 2 : row.endsWith("=") ? 1 : 0
  // Whole groups of four letters hold three bytes each; some servers leave the padding out.
  return Math.floor((row.length * 3) / 4 - padding) / 4
}

/** The rows of `texts` texts, or what is wrong with them. */
export const decode = (json: unknown, texts: number, wanted: number | undefined): Result.Result<Rows, string> => {
  const body = Option.getOrUndefined(decodeBody(json))
  if (body === undefined) return Result.fail(`not a list of embeddings: ${JSON.stringify(json).slice(0, 500)}`)
  if (body.data.length !== texts) return Result.fail(`${body.data.length} rows for ${texts} texts`)
  const dimension = wanted ?? widthOf(body.data[0]?.embedding)
  if (!Number.isInteger(dimension) || dimension < 1) return Result.fail(`rows of ${dimension} numbers`)
  const data = new Float32Array(texts * dimension)
  const seen = new Set<number>()
  for (const [position, { embedding, index }] of body.data.entries()) {
    const row = index ?? position
    if (row < 0 || row >= texts || seen.has(row))
      return Result.fail(`a row for text ${row}, of ${texts} texts, that is not there or twice`)
    seen.add(row)
    const width = widthOf(embedding)
    if (width !== dimension) return Result.fail(`row ${row} has ${width} numbers instead of ${dimension}`)
    if (!write(embedding, data.subarray(row * dimension, (row + 1) * dimension)))
      return Result.fail(`row ${row} holds something other than numbers`)
  }
  const inputTokens = count(body.usage?.prompt_tokens) ?? count(body.usage?.total_tokens)
  return Result.succeed({ model: body.model ?? "", dimension, data, inputTokens })
}
