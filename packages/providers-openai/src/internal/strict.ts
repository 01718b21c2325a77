/**
 * Whether a JSON Schema is within the subset that OpenAI enforces to the letter; sent as strict, any other is refused.
 * Read on 2026-11-24: developers.openai.com/api/docs/guides/structured-outputs (closed objects, all fields required,
 * the root an object, at most 10 levels and 5000 fields, formats) and `lib/transform.js` of the openai package 7.57
 * (keywords).
 */
import * as Predicate from "effect/Predicate"

const keywords = new Set([
  "$comment",
  "$defs",
  "$id",
  "$ref",
  "$schema",
  "additionalProperties",
  "anyOf",
  "const",
  "default",
  "definitions",
  "description",
  "enum",
  "examples",
  "exclusiveMaximum",
  "exclusiveMinimum",
  "format",
  "items",
  "maxItems",
  "maxLength",
  "maximum",
  "minItems",
  "minLength",
  "minimum",
  "multipleOf",
  "pattern",
  "properties",
  "required",
  "title",
  "type"
])
const formats = ["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"]
const maxLevels = 10
const maxFields = 5000

type Fields = Readonly<Record<PropertyKey, unknown>>

const list = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])
const values = (value: unknown): ReadonlyArray<unknown> => (Predicate.isObject(value) ? Object.values(value) : [])
const isObjectType = ({ type }: Fields) => type === "object" || list(type).includes("object")
const isArrayType = ({ type }: Fields) => type === "array" || list(type).includes("array")

/** Nothing may be left out of an object or added to it. */
const isClosed = ({ additionalProperties, properties, required }: Fields): boolean => {
  const named = Object.keys(Predicate.isObject(properties) ? properties : {})
  const needed = new Set(list(required))
  return additionalProperties === false && named.length === needed.size && named.every((name) => needed.has(name))
}

/** A place that says nothing of its type would take anything. */
const saysWhat = (schema: Fields) => ["type", "anyOf", "$ref", "enum", "const"].some((keyword) => keyword in schema)

const isPlain = (schema: Fields): boolean =>
  Object.keys(schema).every((keyword) => keywords.has(keyword)) &&
  saysWhat(schema) &&
  (!("$ref" in schema) || (typeof schema.$ref === "string" && schema.$ref.startsWith("#"))) &&
  (!("format" in schema) || formats.some((format) => format === schema.format)) &&
  // No lookaround.
  (typeof schema.pattern !== "string" || !/\(\?<?[=!]/.test(schema.pattern)) &&
  (!isArrayType(schema) || Predicate.isObject(schema.items)) &&
  (isObjectType(schema) ? isClosed(schema) : !("properties" in schema))

const isWithin = (schema: unknown, levels: number, left: { fields: number }): boolean => {
  if (levels === 0 || !Predicate.isObject(schema) || !isPlain(schema)) return false
  const fields = values(schema.properties)
  left.fields -= fields.length
  if (left.fields < 0) return false
  const inner = [...fields, ...list(schema.anyOf), ...("items" in schema ? [schema.items] : [])]
  const named = [...values(schema.$defs), ...values(schema.definitions)]
  return inner.every((one) => isWithin(one, levels - 1, left)) && named.every((one) => isWithin(one, maxLevels, left))
}

/** Whether a schema may be sent as strict. */
export const allows = (schema: unknown): boolean =>
  Predicate.isObject(schema) &&
  schema.type === "object" &&
  !("anyOf" in schema) &&
  isWithin(schema, maxLevels, { fields: maxFields })
