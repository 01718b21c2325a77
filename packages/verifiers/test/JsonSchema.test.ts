import { jsonSchema } from "@consortium/verifiers/JsonSchema"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { ask, prompt } from "./rules.js"

const schema = {
  type: "object",
  properties: { city: { type: "string" }, people: { type: "integer", minimum: 0 } },
  required: ["city", "people"],
  additionalProperties: false
}

it.effect("passes valid JSON, bare or in the only block, and says what is wrong with the rest", () =>
  Effect.gen(function* () {
    const rule = Result.getOrThrow(jsonSchema(schema))
    const says = (text: string) => ask(rule, text, prompt("Where?"))
    const good = '{"city": "Ghent", "people": 265086}'
    assert.isTrue((yield* says(good)).passed)
    assert.isTrue((yield* says(`Here it is:\n\`\`\`json\n${good}\n\`\`\`\n`)).passed)
    assert.strictEqual((yield* says('{"city": "Ghent", "people": -1}')).note, "/people must be >= 0")
    assert.strictEqual((yield* says('{"city": "Ghent"}')).note, "the answer must have required property 'people'")
    assert.strictEqual((yield* says("Ghent, 265086")).note, "the answer is not JSON")
    assert.isFalse((yield* says(`\`\`\`json\n${good}\n\`\`\`\n\`\`\`json\n{}\n\`\`\``)).passed)
  })
)

it("refuses what is no schema, and tells two schemas apart", () => {
  const broken = jsonSchema({ type: "nothing" })
  assert.include(Result.isFailure(broken) ? broken.failure.message : "", "the schema can't be used")
  const by = (one: Readonly<Record<string, unknown>>) => Result.getOrThrow(jsonSchema(one)).by
  assert.notStrictEqual(by(schema), by({ ...schema, required: [] }))
  assert.strictEqual(by(schema), by({ ...schema }))
})
