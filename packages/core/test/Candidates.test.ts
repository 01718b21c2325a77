import { Candidates } from "@consortium/core/Candidates"
import { map } from "@consortium/core/NonEmpty"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { candidate, candidatesOf, prompt } from "./Synthetic.js"

describe("Candidates.make", () => {
  it("keeps all, and calls eligible what answered and passed its checks", () => {
    const failed = { ...candidate("wrong", 2), checks: [{ by: "exact", passed: false, note: "42" }] }
    const passed = { ...candidate("right", 3), checks: [{ by: "exact", passed: true }] }
    const made = Result.getOrThrow(Candidates.make(prompt, [candidate("a", 0), candidate(null, 1), failed, passed]))
    assert.deepStrictEqual(
      made.all.map((one) => one.member),
      ["m0", "m1", "m2", "m3"]
    )
    assert.deepStrictEqual(
      made.eligible.map((one) => one.member),
      ["m0", "m3"]
    )
  })

  it("marks an empty answer once, and does not show it to judges", () => {
    const made = candidatesOf(["a", " \n", "<think>only thoughts</think>"])
    assert.deepStrictEqual(
      made.eligible.map((one) => one.member),
      ["m0"]
    )
    assert.deepStrictEqual(
      made.all[1]?.checks.map((check) => check.by),
      ["not-empty"]
    )
    const again = Result.getOrThrow(Candidates.make(prompt, made.all))
    assert.strictEqual(again.all[1]?.checks.length, 1)
  })

  it("fails below the quorum, with a line for each that has no eligible answer", () => {
    const answered = map(["a", null, ""] as const, candidate)
    const result = Candidates.make(prompt, answered, 2)
    const error = Result.isFailure(result) ? result.failure : undefined
    assert.deepStrictEqual([error?.needed, error?.eligible], [2, 1])
    assert.deepStrictEqual(error?.failures, ["m1: no capacity", "m2: not-empty"])
    assert.strictEqual(error?.message, "p1: 1 eligible answers where 2 are needed (m1: no capacity; m2: not-empty)")
    assert.isTrue(Result.isSuccess(Candidates.make(prompt, answered, 1)))
  })

  it("always needs one", () => {
    assert.isTrue(Result.isFailure(Candidates.make(prompt, [candidate(null, 0)], 0)))
  })
})
