import { assert, describe, it } from "@effect/vitest"
import { adapt, Refused } from "../src/internal/grammarSchema.js"

const anything = {
  oneOf: [
    { type: ["string", "number", "boolean", "null"] },
    { type: "object", additionalProperties: true },
    { type: "array" }
  ]
}

describe("a schema as a grammar takes it", () => {
  it("keeps what it knows, and drops what it can't enforce", () => {
    const schema = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      title: "Verdict",
      type: "object",
      description: "Of a judge.",
      required: ["tiers"],
      properties: {
        tiers: { type: "array", minItems: 1, items: { type: "array", items: { enum: ["A", "B"] } } },
        why: { type: "string", maxLength: 100, pattern: "^a" },
        on: { type: "string", format: "date" },
        by: { type: "string", format: "email" },
        sure: { type: "number", minimum: 0 },
        kind: { const: "ranking" }
      },
      additionalProperties: false
    }
    assert.deepStrictEqual(adapt(schema), {
      type: "object",
      description: "Of a judge.",
      properties: {
        tiers: { type: "array", minItems: 1, items: { type: "array", items: { enum: ["A", "B"] } } },
        why: { type: "string", maxLength: 100 },
        on: { type: "string", format: "date" },
        by: { type: "string" },
        sure: { type: "number" },
        kind: { const: "ranking" }
      },
      additionalProperties: false
    })
  })

  it("names the integers between two bounds that are near", () => {
    assert.deepStrictEqual(adapt({ type: "integer", minimum: 0.5, maximum: 3, description: "Of 3." }), {
      enum: [1, 2, 3],
      description: "Of 3."
    })
    for (const bounds of [{ minimum: 1 }, { minimum: 1, maximum: 1000 }, { minimum: 2, maximum: 1 }])
      assert.deepStrictEqual(adapt({ type: "integer", ...bounds }), { type: "integer" })
  })

  it("spells choices, lists of types, whatever may be, and names in one way", () => {
    assert.deepStrictEqual(adapt({ anyOf: [{ type: "integer" }, { type: "boolean" }] }), {
      oneOf: [{ type: "integer" }, { type: "boolean" }]
    })
    assert.deepStrictEqual(adapt({ type: ["object", "null"], properties: { a: true } }), {
      oneOf: [{ type: "object", properties: { a: anything } }, { type: "null" }]
    })
    assert.deepStrictEqual(adapt({}), anything)
    assert.deepStrictEqual(adapt({ properties: { a: {} } }), { type: "object", properties: { a: anything } })
    assert.deepStrictEqual(adapt({ prefixItems: [{ type: "null" }] }), {
      type: "array",
      prefixItems: [{ type: "null" }]
    })
    const tree = { type: "object", properties: { next: { $ref: "#/definitions/tree" } } }
    const named = { type: "object", properties: { next: { $ref: "#/$defs/tree" } } }
    assert.deepStrictEqual(adapt({ definitions: { tree }, $ref: "#/definitions/tree" }), {
      $ref: "#/$defs/tree",
      $defs: { tree: named }
    })
    assert.deepStrictEqual(adapt({ type: "object", additionalProperties: { type: "number" } }), {
      type: "object",
      properties: {},
      additionalProperties: { type: "number" }
    })
  })

  it("refuses what would be read as null, with its place", () => {
    const refused = [
      [false, "schema is no schema"],
      ["string", "schema is no schema"],
      [{ type: "text" }, 'schema.type is "text"'],
      [{ allOf: [] }, "schema.allOf has no word"],
      [{ type: "array", items: { not: {} } }, "schema.items.not has no word"],
      [{ $ref: "https://a.test/b.json" }, "schema.$ref points to"],
      [{ oneOf: {} }, "schema.oneOf is no list"]
    ] as const
    for (const [schema, words] of refused) assert.throws(() => adapt(schema), Refused, words)
  })
})
