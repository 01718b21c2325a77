/** What the body of `/api/embed` says. */
import type { Answer } from "@consortium/wire/EmbeddingWire"
import * as Vectors from "@consortium/wire/Vectors"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

const maybe = <S extends Schema.Constraint>(schema: S) => Schema.optional(Schema.NullOr(schema))

const Body = Schema.Struct({
  model: maybe(Schema.String),
  /** Rows are not read by a schema: they are thousands of numbers. */
  embeddings: Schema.Array(Schema.Unknown),
  prompt_eval_count: Schema.optional(Schema.Unknown)
})

const decodeBody = Schema.decodeUnknownOption(Body)

/** The rows, model and count of tokens of a body; nothing where it has no embeddings. */
export const decode = (json: unknown): Answer | undefined => {
  const body = Option.getOrUndefined(decodeBody(json))
  if (body === undefined) return undefined
  return {
    rows: body.embeddings.map((values) => ({ values })),
    model: body.model ?? undefined,
    inputTokens: Vectors.tokens(body.prompt_eval_count)
  }
}
