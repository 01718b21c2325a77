/** What a rule says of a text. */
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

export const ask = (rule: CheckRule, text: string, asked: Prompt, finish: Completion["finish"]["kind"] = "stop") =>
  rule.check(
    {
      id: CandidateId.make("p/m/0"),
      member: MemberId.make("m"),
      sample: 0,
      outcome: Result.succeed<Completion>({
        parts: [{ _tag: "Text", text }],
        finish: { kind: finish, raw: finish },
        usage: {},
        model: "made"
      }) as Result.Success<Completion, never>,
      checks: [],
      receipt: fromEvents([], 0, 0)
    },
    asked
  )
