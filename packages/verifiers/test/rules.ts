/** What a rule says of a text. */
import { type Candidate, isEligible } from "@consortium/core/Candidates"
import { CandidateId, MemberId } from "@consortium/core/Ids"
import type { Completion } from "@consortium/core/Completion"
import { fromText, type Prompt } from "@consortium/core/Prompt"
import { fromEvents } from "@consortium/core/Receipt"
import type { CheckRule } from "@consortium/sampling/CheckRule"
import * as Result from "effect/Result"

export const prompt = (text: string, carried?: Prompt["carried"]): Prompt => ({
  ...fromText("p", text),
  ...(carried !== undefined && { carried })
})

export const ask = (rule: CheckRule, text: string, asked: Prompt, finish: Completion["finish"]["kind"] = "stop") => {
  const candidate: Candidate = {
    id: CandidateId.make("p/m/0"),
    member: MemberId.make("m"),
    sample: 0,
    outcome: Result.succeed({
      parts: [{ _tag: "Text", text }],
      finish: { kind: finish, raw: finish },
      usage: {},
      model: "made"
    }),
    checks: [],
    receipt: fromEvents([], 0, 0)
  }
  if (!isEligible(candidate)) throw new Error("an answer without checks is eligible")
  return rule.check(candidate, asked)
}
