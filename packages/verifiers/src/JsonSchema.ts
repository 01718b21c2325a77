/** Answers that have to be JSON of a shape, by Ajv (JSON Schema draft 2020-12). */
import * as Completion from "@consortium/core/Completion"
import { hash, Seed } from "@consortium/core/Seed"
import type { CheckRule } from "@consortium/sampling/CheckRule"
import { Ajv2020 } from "ajv/dist/2020.js"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/** The schema itself is none. */
export class InvalidSchema extends Schema.TaggedError<InvalidSchema>()("InvalidSchema", { detail: Schema.String }) {
  readonly isRetryable = false
  override get message(): string {
    return `the schema can't be used: ${this.detail}; give a JSON Schema (draft 2020-12)`
  }
}

/** The whole text, or its only fenced block. */
const jsonIn = (text: string): string => {
  const blocks = [...text.matchAll(/```(?:json)?[^\S\n]*\n([\s\S]*?)```/g)]
  return blocks.length === 1 && !/^\s*[[{"]/.test(text) ? (blocks[0]?.[1] ?? text) : text
}

const parse = (text: string): Result.Result<unknown, string> => {
  try {
    const value: unknown = JSON.parse(jsonIn(text))
    return Result.succeed(value)
  } catch {
    return Result.fail("the answer is not JSON")
  }
}

/** Passes answers whose JSON is valid: the whole answer, or the only fenced block in it. */
export const jsonSchema = (schema: Readonly<Record<string, unknown>>): Result.Result<CheckRule, InvalidSchema> =>
  Result.map(
    Result.try({
      try: () => new Ajv2020({ strict: false, logger: false }).compile(schema),
      catch: (cause) => new InvalidSchema({ detail: cause instanceof Error ? cause.message : String(cause) })
    }),
    (validate) => ({
      by: `json-schema:${hash(Seed.make(0), JSON.stringify(schema)).toString(16)}`,
      check: ({ outcome }) =>
        Effect.sync(() => {
          const read = parse(Completion.text(outcome.success))
          if (Result.isFailure(read)) return { passed: false, note: read.failure }
          if (validate(read.success)) return { passed: true }
          const [first] = validate.errors ?? []
          return { passed: false, note: `${first?.instancePath || "the answer"} ${first?.message ?? "is not valid"}` }
        })
    })
  )
