/** Ballots for tests, written as `"A>B=C|D!E"`: tiers, then after `|` unranked, after `!` unacceptable. */
import { Ballot } from "@consortium/core/Ballot"
import type { Sheet } from "@consortium/core/Blind"
import { Failure } from "@consortium/core/Call"
import { JudgeId, Label, PromptId } from "@consortium/core/Ids"
import type { Ballots, Vote } from "@consortium/core/Judge"
import { map, type NonEmpty } from "@consortium/core/NonEmpty"
import { message } from "@consortium/core/Prompt"
import * as Result from "effect/Result"

export const labels = map(["A", "B", "C", "D", "E"] as const, (label) => Label.make(label))
const receipt = { startedAt: 0, millis: 0, attempts: 1, waitedMillis: 0, cached: false, events: [] }
const of = (letters: string) => [...letters.replaceAll("=", "")].map((letter) => Label.make(letter))

const sheetOf = (shown: NonEmpty<Label>): Sheet => ({
  promptId: PromptId.make("p"),
  task: [message("user", "Why?")],
  options: map(shown, (label) => ({ label, text: `the answer ${label}` }))
})

export const vote = (shown: NonEmpty<Label>, judge: string, said: string | Failure, pass = 0): Vote => {
  const common = { judge: JudgeId.make(judge), pass, order: shown, receipt }
  if (typeof said !== "string") return { ...common, outcome: Result.fail(said) }
  const [, tiers = "", unranked = "", unacceptable = ""] = /^([^|!]*)(?:\|([^!]*))?(?:!(.*))?$/.exec(said) ?? []
  const ballot = Ballot.make(sheetOf(shown), {
    tiers: tiers === "" ? [] : tiers.split(">").map(of),
    unranked: of(unranked),
    unacceptable: of(unacceptable)
  })
  if (Result.isFailure(ballot)) throw ballot.failure
  return { ...common, outcome: Result.succeed(ballot.success) }
}

/** `[judge, first pass, second pass, ...]` for each judge. */
export const ballotsOf = (count: number, ...judges: ReadonlyArray<ReadonlyArray<string>>): Ballots => {
  const shown: NonEmpty<Label> = [labels[0], ...labels.slice(1, count)]
  return {
    promptId: PromptId.make("p"),
    labels: shown,
    votes: judges.flatMap(([judge = "", ...passes]) => passes.map((said, pass) => vote(shown, judge, said, pass)))
  }
}

export const absent = new Failure({ tag: "InvalidBallot", message: "no order", isRetryable: false })
