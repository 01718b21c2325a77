/** A row of the dataset: the join, by id, of what the stages kept apart. */
import * as Context from "effect/Context"
import * as Schema from "effect/Schema"
import type { Call, Failure } from "./Call.js"
import type { Candidate, Candidates, Eligible } from "./Candidates.js"
import type { Ballots } from "./Judge.js"
import type { Prompt } from "./Prompt.js"
import type { Verdict } from "./Ranking.js"

export interface Example {
  readonly prompt: Prompt
  readonly chosen: Eligible
  readonly verdict: Verdict
  readonly candidates: Candidates
  readonly ballots: Ballots
}

/** Joins by id. A verdict of another prompt is a defect. */
export const example = (candidates: Candidates, ballots: Ballots, verdict: Verdict): Example => {
  const chosen = candidates.eligible.find((candidate) => candidate.id === verdict.places[0].candidates[0])
  if (chosen === undefined || verdict.promptId !== candidates.prompt.id || ballots.promptId !== candidates.prompt.id) {
    throw new Error(`the verdict on ${verdict.promptId} is not of prompt ${candidates.prompt.id}`)
  }
  return { prompt: candidates.prompt, chosen, verdict, candidates, ballots }
}

/** A prompt that was asked but gave no example, and why. */
export interface Rejected {
  readonly prompt: Prompt
  readonly why: "no-candidate" | "no-quorum" | "unacceptable"
  readonly failure: Failure
  readonly candidates: ReadonlyArray<Candidate>
  readonly ballots: Ballots | undefined
}

/** An output could not be written. */
export class WriteError extends Schema.TaggedError<WriteError>()("WriteError", {
  path: Schema.String,
  reason: Schema.String
}) {
  readonly isRetryable = false
  override get message(): string {
    return `cannot write ${this.path}: ${this.reason}`
  }
}

/** The end of the road: keeps examples where a trainer finds them. */
export class DatasetWriter extends Context.Service<
  DatasetWriter,
  { readonly write: Call<Example, void, WriteError> }
>()("@consortium/core/DatasetWriter") {}
