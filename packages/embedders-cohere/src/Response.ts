/** What the body of `/v2/embed` says: rows by type. */
import type { Answer } from "@consortium/wire/EmbeddingWire"
import * as Vectors from "@consortium/wire/Vectors"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

const maybe = <S extends Schema.Constraint>(schema: S) => Schema.optional(Schema.NullOr(schema))

const Body = Schema.Struct({
  /** Rows are not read by a schema: they are thousands of numbers. */
  embeddings: Schema.Record(Schema.String, Schema.Unknown),
  meta: maybe(Schema.Struct({ billed_units: maybe(Schema.Struct({ input_tokens: Schema.optional(Schema.Unknown) })) }))
})

const decodeBody = Schema.decodeUnknownOption(Body)

/** The rows of the type that was asked for; nothing where there are none. */
export const decode = (json: unknown, type: string): Answer | undefined => {
  const body = Option.getOrUndefined(decodeBody(json))
  const rows = body !== undefined && Object.hasOwn(body.embeddings, type) ? body.embeddings[type] : undefined
  if (!Array.isArray(rows)) return undefined
  return {
    rows: rows.map((values: unknown) => ({ values })),
    inputTokens: Vectors.tokens(body?.meta?.billed_units?.input_tokens)
  }
}
