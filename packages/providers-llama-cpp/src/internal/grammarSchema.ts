/**
 * A JSON Schema as the library's grammars take it (node-llama-cpp 3.22, `GbnfJsonSchema`). What it does not know it reads
 * as `null`, so that a schema with it is refused here. Objects are closed, and all that they name is required. An integer
 * between two bounds that are near is one of so many; other bounds of numbers, and patterns, are not enforced, and an
 * integer without bounds may be written with an exponent.
 */
import * as Predicate from "effect/Predicate"
import type * as Schema from "effect/Schema"

type Json = Schema.Json
type Node = Readonly<Record<string, Json>>

/** Why a schema can't be a grammar. */
export class Refused extends Error {}

const isNode = (value: Json | undefined): value is Node => Predicate.isObject(value) && !Array.isArray(value)

/** Whatever is JSON. */
const anything: Json = {
  oneOf: [
    { type: ["string", "number", "boolean", "null"] },
    { type: "object", additionalProperties: true },
    { type: "array" }
  ]
}

const kept = (schema: Node, ...names: ReadonlyArray<string>): Node =>
  Object.fromEntries(Object.entries(schema).filter(([name]) => names.includes(name)))

const all = (schemas: Json | undefined, at: string): ReadonlyArray<Json> => {
  if (!Array.isArray(schemas) || schemas.length === 0) throw new Refused(`${at} is no list of schemas`)
  return schemas.map((one: Json, index) => adapt(one, `${at}[${index}]`))
}

const record = (schemas: Json | undefined, at: string): Node =>
  isNode(schemas)
    ? Object.fromEntries(Object.entries(schemas).map(([name, one]) => [name, adapt(one, `${at}.${name}`)]))
    : {}

const object = (schema: Node, at: string): Json => {
  const more = schema.additionalProperties
  return {
    type: "object",
    properties: record(schema.properties, `${at}.properties`),
    ...(more !== undefined && {
      additionalProperties: typeof more === "boolean" ? more : adapt(more, `${at}.additionalProperties`)
    }),
    ...kept(schema, "description", "minProperties", "maxProperties")
  }
}

const array = (schema: Node, at: string): Json => ({
  type: "array",
  ...(schema.items !== undefined && { items: adapt(schema.items, `${at}.items`) }),
  ...(schema.prefixItems !== undefined && { prefixItems: all(schema.prefixItems, `${at}.prefixItems`) }),
  ...kept(schema, "description", "minItems", "maxItems")
})

const text = (schema: Node): Json => {
  const format = ["date", "time", "date-time"].includes(String(schema.format)) ? kept(schema, "format") : {}
  return { type: "string", ...kept(schema, "description", "minLength", "maxLength"), ...format }
}

/** As many numbers as a grammar still takes at no cost. */
const maxChoices = 256

const integer = (schema: Node): Json => {
  const { maximum, minimum } = schema
  if (typeof minimum !== "number" || typeof maximum !== "number")
    return { type: "integer", ...kept(schema, "description") }
  const first = Math.ceil(minimum)
  const count = Math.floor(maximum) - first + 1
  return count >= 1 && count <= maxChoices
    ? { enum: Array.from({ length: count }, (_, at) => first + at), ...kept(schema, "description") }
    : { type: "integer", ...kept(schema, "description") }
}

const ofType = (type: Json, schema: Node, at: string): Json => {
  if (type === "object") return object(schema, at)
  if (type === "array") return array(schema, at)
  if (type === "string") return text(schema)
  if (type === "integer") return integer(schema)
  if (type === "number" || type === "boolean" || type === "null") return { type, ...kept(schema, "description") }
  throw new Refused(`${at}.type is ${JSON.stringify(type)}`)
}

const typed = (schema: Node, at: string): Json => {
  const { type } = schema
  if (Array.isArray(type)) return { oneOf: type.map((one: Json) => ofType(one, schema, at)) }
  if (type !== undefined) return ofType(type, schema, at)
  if (isNode(schema.properties)) return object(schema, at)
  return schema.items === undefined && schema.prefixItems === undefined ? anything : array(schema, at)
}

const plain = (schema: Node, at: string): Json => {
  for (const name of ["allOf", "not", "if", "patternProperties"])
    if (schema[name] !== undefined) throw new Refused(`${at}.${name} has no word in a grammar`)
  if (typeof schema.$ref === "string") {
    const name = /^#\/(?:\$defs|definitions)\/([^/]+)$/.exec(schema.$ref)?.[1]
    if (name === undefined) throw new Refused(`${at}.$ref points to ${schema.$ref}`)
    return { $ref: `#/$defs/${name}` }
  }
  if (schema.const !== undefined || schema.enum !== undefined) return kept(schema, "const", "enum", "description")
  const choices = schema.anyOf === undefined ? "oneOf" : "anyOf"
  return schema[choices] === undefined ? typed(schema, at) : { oneOf: all(schema[choices], `${at}.${choices}`) }
}

/** Throws `Refused` with the place where a word is not known. */
export const adapt = (schema: Json, at = "schema"): Json => {
  if (schema === true) return anything
  if (!isNode(schema)) throw new Refused(`${at} is no schema`)
  const defs = { ...record(schema.definitions, `${at}.definitions`), ...record(schema.$defs, `${at}.$defs`) }
  const own = plain(schema, at)
  return isNode(own) && Object.keys(defs).length > 0 ? { ...own, $defs: defs } : own
}
