import { assert, describe, it } from "@effect/vitest"
import { adapt } from "../src/OutputSchema.js"

describe("schemas for structured outputs", () => {
  const closed = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: { minimum: { type: "string", format: "date", enum: ["a"] }, list: { type: "array", minItems: 1 } },
    required: ["minimum"],
    additionalProperties: false,
    $defs: { a: { type: "object", properties: {}, additionalProperties: false } }
  }

  it("leaves a schema alone that the wire takes, also where a property is named like a keyword", () => {
    assert.deepStrictEqual(adapt(closed), closed)
  })

  it("closes what is left open without saying so, and keeps what is said", () => {
    assert.deepStrictEqual(
      adapt({
        properties: { a: { type: "array", items: { type: "object" } } },
        anyOf: [{ type: "object", additionalProperties: { type: "object" } }]
      }),
      {
        properties: { a: { type: "array", items: { type: "object", additionalProperties: false } } },
        anyOf: [{ type: "object", additionalProperties: { type: "object", additionalProperties: false } }],
        additionalProperties: false
      }
    )
  })

  it("puts what the wire refuses into words", () => {
    assert.deepStrictEqual(adapt({ type: "integer", description: "An age.", minimum: 1, maximum: 9 }), {
      type: "integer",
      description: "An age.\n\n{minimum: 1, maximum: 9}"
    })
    assert.deepStrictEqual(adapt({ type: "string", format: "phone" }), {
      type: "string",
      description: '{format: "phone"}'
    })
    assert.deepStrictEqual(adapt({ oneOf: [{ type: "array", minItems: 3 }] }), {
      anyOf: [{ type: "array", description: "{minItems: 3}" }]
    })
  })

  it("changes nothing more the second time", () => {
    const once = adapt({ type: "object", properties: { a: { type: "string", pattern: "^a" } }, maxProperties: 3 })
    assert.deepStrictEqual(adapt(once), once)
  })
})
