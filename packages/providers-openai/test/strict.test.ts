import { message } from "@consortium/core/Prompt"
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { familyOf } from "../src/Family.js"
import * as Request from "../src/Request.js"

const strictOf = (schema: Schema.Json): unknown => {
  const request = { messages: [message("user", "hi")], responseSchema: { name: "x", schema } } as const
  const { text } = Request.body(request, familyOf("gpt-4o"), "m", false)
  const decode = Schema.decodeUnknownSync(Schema.Struct({ format: Schema.Struct({ strict: Schema.Boolean }) }))
  return decode(text).format.strict
}

const object = (properties: Schema.JsonObject, more: Schema.JsonObject = {}): Schema.JsonObject => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more
})
const nested = (levels: number): Schema.Json => (levels === 0 ? { type: "string" } : object({ in: nested(levels - 1) }))

describe("a schema is enforced", () => {
  const allowed: ReadonlyArray<readonly [string, Schema.Json]> = [
    [
      "of closed objects",
      object({ a: object({ b: { type: "string" } }), c: { type: "array", items: { type: "number" } } })
    ],
    ["without fields", object({})],
    ["with a field that may be null", object({ a: { type: ["string", "null"], description: "x" } })],
    ["with a choice inside", object({ a: { anyOf: [{ type: "string" }, object({ b: { const: 1 } })] } })],
    ["that names itself", object({ next: { anyOf: [{ $ref: "#" }, { type: "null" }] } })],
    ["with definitions", object({ a: { $ref: "#/$defs/a" } }, { $defs: { a: { enum: ["x", "y"] } } })],
    ["with bounds and a format", object({ a: { type: "integer", minimum: 1 }, b: { type: "string", format: "date" } })],
    ["of nine levels below the root", nested(9)]
  ]
  for (const [name, schema] of allowed) it(name, () => assert.strictEqual(strictOf(schema), true))
})

describe("a schema is only asked for", () => {
  const refused: ReadonlyArray<readonly [string, Schema.Json]> = [
    ["with an open object", { type: "object", properties: {}, required: [] }],
    ["with an open object inside", object({ a: { type: "object" } })],
    ["with a field that may be missing", object({ a: { type: "string" } }, { required: [] })],
    ["that requires what it does not name", object({}, { required: ["a"] })],
    ["with a list at its root", { type: "array", items: { type: "string" } }],
    ["with a choice at its root", { anyOf: [object({})] }],
    ["with a list of anything", object({ a: { type: "array" } })],
    ["with anything", object({ a: {} })],
    ["with true", object({ a: true })],
    ["with a keyword beyond the subset", object({ a: { allOf: [{ type: "string" }] } })],
    ["that points elsewhere", object({ a: { $ref: "https://elsewhere.test/a" } })],
    ["with a format of its own", object({ a: { type: "string", format: "uri" } })],
    ["with a pattern that looks around", object({ a: { type: "string", pattern: "^(?!x)" } })],
    ["whose definitions are open", object({ a: { $ref: "#/$defs/a" } }, { $defs: { a: { type: "object" } } })],
    ["of ten levels below the root", nested(10)],
    ["that is no object", "string"]
  ]
  for (const [name, schema] of refused) it(name, () => assert.strictEqual(strictOf(schema), false))
})
