/** Synthetic values for the tests of this room. */
import { Candidates, type Candidate } from "@consortium/core/Candidates"
import type { Completion } from "@consortium/core/Completion"
import { seal, type Sheet } from "@consortium/core/Blind"
import { Failure } from "@consortium/core/Call"
import { candidateId, MemberId } from "@consortium/core/Ids"
import { map, type NonEmpty } from "@consortium/core/NonEmpty"
import { fromText } from "@consortium/core/Prompt"
import type { Receipt } from "@consortium/core/Receipt"
import { Seed } from "@consortium/core/Seed"
import * as Result from "effect/Result"

export const seed = Seed.make(7)

export const completion = (text: string): Completion => ({
  parts: [{ _tag: "Text", text }],
  finish: { kind: "stop", raw: "stop" },
  usage: {},
  model: "synthetic-1"
})

const receipt: Receipt = { startedAt: 0, millis: 1, attempts: 1, waitedMillis: 0, cached: false, events: [] }

const failure = new Failure({
  tag: "ModelError",
  reason: "Overloaded",
  message: "no capacity",
  isRetryable: true
})

export const prompt = fromText("p1", "why?")

/** One candidate for each text, or a failed one for `null`. */
export const candidate = (text: string | null, index: number): Candidate => {
  const member = MemberId.make(`m${index}`)
  return {
    id: candidateId(prompt.id, member, 0),
    member,
    sample: 0,
    outcome: text === null ? Result.fail(failure) : Result.succeed(completion(text)),
    checks: [],
    receipt
  }
}

export const candidatesOf = (texts: NonEmpty<string | null>): Candidates =>
  Result.getOrThrow(Candidates.make(prompt, map(texts, candidate)))

/** A sheet of `n` different answers. */
export const sheetOf = (n: number): Sheet => {
  const rest = Array.from({ length: n - 1 }, (_, index) => `answer ${index + 1}`)
  return seal(candidatesOf(["answer 0", ...rest]), seed)[0]
}
