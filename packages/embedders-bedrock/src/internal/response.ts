/** What the families answer. Rows are not read by a schema: they are thousands of numbers. */
import type { Answer } from "@consortium/wire/EmbeddingWire"
import type { JsonAnswer } from "@consortium/wire/Endpoint"
import * as Vectors from "@consortium/wire/Vectors"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/** Bedrock counts in a header what a family does not count in its body. */
const counted = ({ headers }: JsonAnswer): number | undefined => {
  const count = headers["x-amzn-bedrock-input-token-count"]
  return count === undefined || count.trim() === "" ? undefined : Vectors.tokens(Number(count))
}

const decodeTitan = Schema.decodeUnknownOption(
  Schema.Struct({ embedding: Schema.Unknown, inputTextTokenCount: Schema.optional(Schema.Unknown) })
)

/** `{ embedding, inputTextTokenCount }` */
export const titan = (json: unknown, answer: JsonAnswer): Answer | undefined => {
  const body = Option.getOrUndefined(decodeTitan(json))
  if (body === undefined) return undefined
  return {
    rows: [{ values: body.embedding }],
    inputTokens: Vectors.tokens(body.inputTextTokenCount) ?? counted(answer)
  }
}

const decodeCohere = Schema.decodeUnknownOption(
  Schema.Struct({
    embeddings: Schema.Union([Schema.Array(Schema.Unknown), Schema.Struct({ float: Schema.Array(Schema.Unknown) })])
  })
)

/** `{ embeddings: [[…]] }`, or by type from the fourth version on. */
export const cohere = (json: unknown, answer: JsonAnswer): Answer | undefined => {
  const body = Option.getOrUndefined(decodeCohere(json))
  if (body === undefined) return undefined
  const rows = "float" in body.embeddings ? body.embeddings.float : body.embeddings
  return { rows: rows.map((values) => ({ values })), inputTokens: counted(answer) }
}

const decodeNova = Schema.decodeUnknownOption(
  Schema.Struct({
    embeddings: Schema.Array(Schema.Struct({ embedding: Schema.Unknown })),
    inputTokenCount: Schema.optional(Schema.Unknown)
  })
)

/** `{ embeddings: [{ embeddingType, embedding }] }` */
export const nova = (json: unknown, answer: JsonAnswer): Answer | undefined => {
  const body = Option.getOrUndefined(decodeNova(json))
  if (body === undefined) return undefined
  return {
    rows: body.embeddings.map(({ embedding }) => ({ values: embedding })),
    inputTokens: Vectors.tokens(body.inputTokenCount) ?? counted(answer)
  }
}
