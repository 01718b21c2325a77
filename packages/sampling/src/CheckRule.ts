/** Rules that a candidate must pass before any judge is paid: exact matches, tests, formats; never a model's taste. */
import { type Candidate, type Check, type Eligible, isEligible, withEmptyCheck } from "@consortium/core/Candidates"
import * as Completion from "@consortium/core/Completion"
import type { Prompt } from "@consortium/core/Prompt"
import * as Effect from "effect/Effect"

export interface CheckRule {
  /** Names the rule in datasets and reports. */
  readonly by: string
  /** A rule that can't decide answers with a failed check and a note. */
  readonly check: (candidate: Eligible, prompt: Prompt) => Effect.Effect<Omit<Check, "by">>
}

/** A rule from a predicate over the answer's text. */
export const fromText = (by: string, passes: (text: string, prompt: Prompt) => boolean): CheckRule => ({
  by,
  check: (candidate, prompt) =>
    Effect.sync(() => ({ passed: passes(Completion.text(candidate.outcome.success), prompt) }))
})

/** The candidate with what the rules say of it, in their order; of one without an answer there is nothing to say. */
export const checked = Effect.fnUntraced(function* (
  rules: ReadonlyArray<CheckRule>,
  answered: Candidate,
  prompt: Prompt
): Effect.fn.Return<Candidate> {
  const candidate = withEmptyCheck(answered)
  if (!isEligible(candidate)) return candidate
  const said: ReadonlyArray<Check> = yield* Effect.forEach(rules, (rule) =>
    Effect.map(rule.check(candidate, prompt), (verdict) => ({ by: rule.by, ...verdict }))
  )
  return { ...candidate, checks: [...candidate.checks, ...said] }
})
