/** What the three verbs answer. Rows are not read by a schema: they are thousands of numbers. */
import type { Answer } from "@consortium/wire/EmbeddingWire"
import * as Vectors from "@consortium/wire/Vectors"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

const maybe = <S extends Schema.Constraint>(schema: S) => Schema.optional(Schema.NullOr(schema))

const Values = Schema.Struct({ values: Schema.Unknown })
const Usage = maybe(Schema.Struct({ promptTokenCount: Schema.optional(Schema.Unknown) }))

const decodeBatch = Schema.decodeUnknownOption(
  Schema.Struct({ embeddings: Schema.Array(Values), usageMetadata: Usage })
)
const decodeSingle = Schema.decodeUnknownOption(Schema.Struct({ embedding: Values, usageMetadata: Usage }))
const decodePredictions = Schema.decodeUnknownOption(
  Schema.Struct({
    predictions: Schema.Array(
      Schema.Struct({
        embeddings: Schema.Struct({
          values: Schema.Unknown,
          statistics: maybe(Schema.Struct({ token_count: Schema.optional(Schema.Unknown) }))
        })
      })
    )
  })
)

/** The answer of `batchEmbedContents`. */
export const batch = (json: unknown): Answer | undefined => {
  const body = Option.getOrUndefined(decodeBatch(json))
  if (body === undefined) return undefined
  return { rows: body.embeddings, inputTokens: Vectors.tokens(body.usageMetadata?.promptTokenCount) }
}

/** The answer of `embedContent`. */
export const single = (json: unknown): Answer | undefined => {
  const body = Option.getOrUndefined(decodeSingle(json))
  if (body === undefined) return undefined
  return { rows: [body.embedding], inputTokens: Vectors.tokens(body.usageMetadata?.promptTokenCount) }
}

/** The answer of `predict`, where each row has a count of its own. */
export const predictions = (json: unknown): Answer | undefined => {
  const body = Option.getOrUndefined(decodePredictions(json))
  if (body === undefined) return undefined
  const counts = body.predictions.map(({ embeddings }) => Vectors.tokens(embeddings.statistics?.token_count))
  const known = counts.filter((it) => it !== undefined)
  return {
    rows: body.predictions.map(({ embeddings }) => ({ values: embeddings.values })),
    inputTokens: known.length === counts.length ? known.reduce((a, b) => a + b, 0) : undefined
  }
}
