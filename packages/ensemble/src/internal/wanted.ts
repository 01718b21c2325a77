/** What an answer has to be: a text, or a value of a schema. */
import type { ChatRequest } from "@consortium/core/ChatModel"
import * as Completion from "@consortium/core/Completion"
import * as JsonSchema from "effect/JsonSchema"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaRepresentation from "effect/SchemaRepresentation"

/** What the answer has to be. */
export interface Wanted<A> {
  readonly name: string
  readonly schema?: NonNullable<ChatRequest["responseSchema"]>
  /** The value in a text; `undefined` where it holds none. */
  readonly decode: (text: string) => A | undefined
  /** What stands for an answer that calls tools first. @default that is no value */
  readonly ofCalls?: A
}

/** The value of an answer; `undefined` where it is none. */
export const valueIn = <A>(wanted: Wanted<A>, answer: Completion.Completion): A | undefined =>
  wanted.decode(Completion.text(answer)) ?? (Completion.toolCalls(answer).length > 0 ? wanted.ofCalls : undefined)

/** The text itself, or the only fenced block in it. */
const inside = (text: string): string => /```(?:json)?\s*\n([\s\S]*?)\n```/.exec(text)?.[1] ?? text

const json = (text: string): Result.Result<unknown, unknown> =>
  Result.try({
    try: () => {
      const value: unknown = JSON.parse(inside(text))
      return value
    },
    catch: (error) => error
  })

const isObject = (schema: Schema.Json): schema is { readonly [key: string]: Schema.Json } => Predicate.isObject(schema)

/** Whether a value is one of a JSON Schema; any is where the schema can't be translated. */
const isOf = (schema: Schema.Json): ((value: unknown) => boolean) => {
  if (!isObject(schema)) return () => true
  const document = JsonSchema.fromSchemaDraft2020_12({ ...schema })
  const made = Result.try({
    // Patterns may come from strangers, and some take for ever.
    try: () => SchemaRepresentation.fromJsonSchemaDocument(document, { patterns: "ignore" }),
    catch: (error) => error
  })
  return Result.isSuccess(made) ? Schema.is(made.success) : () => true
}

/** A text; with a JSON Schema the JSON in it, spelled without blanks. */
export const textOf = (responseSchema: ChatRequest["responseSchema"]): Wanted<string> => {
  if (responseSchema === undefined) return { name: "text", decode: (said) => said }
  const isValid = isOf(responseSchema.schema)
  return {
    name: "schema",
    schema: responseSchema,
    ofCalls: "",
    decode: (said) =>
      Result.match(json(said), {
        onFailure: () => undefined,
        onSuccess: (value) => (isValid(value) ? JSON.stringify(value) : undefined)
      })
  }
}

/** A value of a schema, asked for by its JSON Schema and read from the text, also out of a fence. */
export const wantedOf = <A>(schema: Schema.Codec<A, unknown>): Wanted<A> => {
  const decode = Schema.decodeUnknownResult(Schema.fromJsonString(Schema.toCodecJson(schema)))
  const { definitions, schema: root } = Schema.toJsonSchemaDocument(schema)
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
