/**
 * A JSON Schema as structured outputs take it. Documented at platform.claude.com/docs/en/build-with-claude/structured-outputs
 * (JSON Schema limitations): objects must be closed, and some keywords are refused with 400.
 */
import type * as Schema from "effect/Schema"

type Json = Schema.Json
type Node = { readonly [key: string]: Json }

const isNode = (value: Json | undefined): value is Node =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Said to the model in the description, since the wire refuses them as keywords. */
const worded: ReadonlySet<string> = new Set([
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "pattern",
  "maxItems",
  "uniqueItems",
  "minProperties",
  "maxProperties"
])
const formats: ReadonlySet<Json> = new Set([
  "date-time",
  "time",
  "date",
  "duration",
  "email",
  "hostname",
  "uri",
  "ipv4",
  "ipv6",
  "uuid"
])

const isRefused = (key: string, value: Json): boolean =>
  worded.has(key) || (key === "format" && !formats.has(value)) || (key === "minItems" && value !== 0 && value !== 1)

/** Keywords whose value is a record of schemas, and those whose value is one or some. */
const records: ReadonlySet<string> = new Set(["properties", "$defs", "definitions"])
const schemas: ReadonlySet<string> = new Set([
  "items",
  "prefixItems",
  "additionalProperties",
  "anyOf",
  "oneOf",
  "allOf"
])

const within = (key: string, value: Json): Json => {
  if (records.has(key) && isNode(value))
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, adapt(one)]))
  if (!schemas.has(key)) return value
  return Array.isArray(value) ? value.map((one: Json) => adapt(one)) : adapt(value)
}

/** What is left unsaid is closed, what is refused is put into words; a schema that needs neither stays as it is. */
export const adapt = (schema: Json): Json => {
  if (!isNode(schema)) return schema
  const entries = Object.entries(schema)
  const refused = entries.filter(([key, value]) => isRefused(key, value))
  const kept = entries
    .filter(([key, value]) => !isRefused(key, value))
    .map(([key, value]): readonly [string, Json] => [key === "oneOf" ? "anyOf" : key, within(key, value)])
  const words = refused.map(([key, value]) => `${key}: ${JSON.stringify(value)}`).join(", ")
  const described = typeof schema.description === "string" ? `${schema.description}\n\n` : ""
  const isObject = schema.type === "object" || (schema.type === undefined && isNode(schema.properties))
  return {
    ...Object.fromEntries(kept),
    ...(isObject && schema.additionalProperties === undefined && { additionalProperties: false }),
    ...(words !== "" && { description: `${described}{${words}}` })
  }
}
