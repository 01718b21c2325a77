/** What an answer has to be: a text, or a value of a schema. */
import type { ChatRequest } from "@consortium/core/ChatModel"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/** What the answer has to be. */
export interface Wanted<A> {
  readonly name: string
  readonly schema?: NonNullable<ChatRequest["responseSchema"]>
  /** The value in a text; `undefined` where it holds none. */
  readonly decode: (text: string) => A | undefined
}

/** A value of a schema, asked for by its JSON Schema and read from the text, also out of a fence. */
export const wantedOf = <A>(schema: Schema.Codec<A, unknown>): Wanted<A> => {
  const decode = Schema.decodeUnknownResult(Schema.fromJsonString(Schema.toCodecJson(schema)))
  const { definitions, schema: root } = Schema.toJsonSchemaDocument(schema)
  const inside = (text: string): string => /```(?:json)?\s*\n([\s\S]*?)\n```/.exec(text)?.[1] ?? text
  return {
    name: "schema",
    schema: {
      name: "answer",
      schema: JSON.parse(
        JSON.stringify({ ...root, ...(Object.keys(definitions).length > 0 && { $defs: definitions }) })
      )
    },
    decode: (text) => Result.getOrUndefined(decode(inside(text)))
  }
}
