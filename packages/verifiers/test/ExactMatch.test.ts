import { exactMatch } from "@consortium/verifiers/ExactMatch"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import { ask, prompt } from "./rules.js"

const right = (answer: Schema.Json, text: string, compare?: "whole" | "contains" | "last-line" | "last-number") =>
  ask(exactMatch({ field: "answer", ...(compare !== undefined && { compare }) }), text, prompt("How many?", { answer }))

it.effect.each([
  [18, "She has 16 eggs, eats 3, so 9 × 2 = $18."],
  ["18", "Reasoning first.\n#### 18"],
  ["1,250", "So the total is 1250"],
  [0.5, "The probability is 0.50."],
  ["Paris", "Let me think.\nAnswer: **Paris**."],
  ["(B)", "Because of this,\nthe answer is (B)"],
  [["colour", "color"], "Color"],
  ["x^2", "Thus\n$\\boxed{x^2}$"]
] as const)("%j is said by %j", ([answer, text]) =>
  Effect.gen(function* () {
    assert.isTrue((yield* right(answer, text)).passed)
  })
)

it.effect.each([
  [18, "It is 18 at first, and 19 in the end."],
  ["Paris", "Answer: Paris, Texas"],
  [18, "eighteen"]
] as const)("%j is not said by %j", ([answer, text]) =>
  Effect.gen(function* () {
    assert.isFalse((yield* right(answer, text)).passed)
  })
)

it.effect("compares what it is told to; a prompt without an answer passes and says so", () =>
  Effect.gen(function* () {
    assert.isFalse((yield* right("blue", "It is blue.", "whole")).passed)
    assert.isTrue((yield* right("blue", " Blue. ", "whole")).passed)
    assert.isTrue((yield* right("blue", "It is Blue, I say", "contains")).passed)
    const none = yield* ask(exactMatch({ field: "answer" }), "anything", prompt("How many?"))
    const by = (compare: "whole" | "contains") => exactMatch({ field: "answer", compare }).by
    assert.notStrictEqual(by("whole"), by("contains"))
    assert.deepStrictEqual(none, { passed: true, note: "the prompt has no field answer" })
  })
)
