/** From our request to the options of a call of `effect/ai`. */
import type { ChatRequest, Tool } from "@consortium/core/ChatModel"
import * as Effect from "effect/Effect"
import * as JsonSchema from "effect/JsonSchema"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaRepresentation from "effect/SchemaRepresentation"
import { type Languages, type Toolkits, Tools } from "./effectAi.js"
import { toPrompt } from "./toPrompt.js"

const isJsonSchema = (schema: Schema.Json): schema is { readonly [key: string]: Schema.Json } =>
  Predicate.isObject(schema)

const toolOf = ({ description, name, parameters }: Tool) =>
  Tools.dynamic(name, {
    parameters: isJsonSchema(parameters) ? { ...parameters } : { type: "object" },
    ...(description !== undefined && { description })
  })

type Offered = ReturnType<typeof toolOf>

/** The tools with a handler that is never called: calls go back to who asked. */
const toolkit = (tools: ReadonlyArray<Tool>): Toolkits.WithHandler<Record<string, Offered>> => ({
  tools: Object.fromEntries(tools.map((tool) => [tool.name, toolOf(tool)])),
  handle: () => Effect.die(new Error("calls of tools are answered by who asked"))
})

const choice = (of: NonNullable<ChatRequest["toolChoice"]>): Languages.ToolChoice<string> =>
  typeof of === "string" ? of : { tool: of.name }

/** A call that leaves tool calls as they are. */
export const options = ({ messages, toolChoice, tools }: ChatRequest) => ({
  prompt: toPrompt(messages),
  disableToolCallResolution: true as const,
  toolCallValidation: "deferred" as const,
  toolkit: toolkit(tools ?? []),
  ...(tools !== undefined && toolChoice !== undefined && { toolChoice: choice(toolChoice) })
})

type ObjectSchema = Schema.Codec<Record<string, Schema.Json>, Record<string, Schema.Json>>

const isObjectSchema = (_: Schema.Top, json: { readonly [key: string]: Schema.Json }): _ is ObjectSchema & Schema.Top =>
  json.type === "object"

/** The schema of an answer as `effect/ai` takes it: an object, translated from JSON Schema; or why it can't be. */
export const schema = (json: Schema.Json): Result.Result<ObjectSchema, string> => {
  if (!isJsonSchema(json)) return Result.fail("a schema is a JSON object")
  return Result.flatMap(
    Result.try({
      try: () =>
        SchemaRepresentation.fromJsonSchemaDocument(JsonSchema.fromSchemaDraft2020_12({ ...json }), {
          patterns: "ignore"
        }),
      catch: (error) => (error instanceof Error ? error.message : String(error))
    }),
    (made) => (isObjectSchema(made, json) ? Result.succeed(made) : Result.fail("effect/ai asks for objects only"))
  )
}
