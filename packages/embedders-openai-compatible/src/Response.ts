/** What the body of `/embeddings` says. */
import type { Answer } from "@consortium/wire/EmbeddingWire"
import * as Vectors from "@consortium/wire/Vectors"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

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

/** The rows, model and count of tokens of a body; nothing where it is no list of embeddings. */
export const decode = (json: unknown): Answer | undefined => {
  const body = Option.getOrUndefined(decodeBody(json))
  if (body === undefined) return undefined
  return {
    rows: body.data.map(({ embedding, index }) => ({ index, values: embedding })),
    model: body.model ?? undefined,
    inputTokens: Vectors.tokens(body.usage?.prompt_tokens) ?? Vectors.tokens(body.usage?.total_tokens)
  }
}
