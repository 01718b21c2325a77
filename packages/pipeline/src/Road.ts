/** Stages 3 to 7 for one prompt: sample, seal, judge, aggregate, open; every way it can end is an outcome. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { Key, seal } from "@consortium/core/Blind"
import { Failure } from "@consortium/core/Call"
import { type Candidate, type QuorumNotMet, Sampler } from "@consortium/core/Candidates"
import { type Example, example, type Rejected } from "@consortium/core/Example"
import type { CandidateId, Label } from "@consortium/core/Ids"
import { Panel } from "@consortium/core/Judge"
import type { Prompt } from "@consortium/core/Prompt"
import { Aggregator, open, type Weighting } from "@consortium/core/Ranking"
import type { Seed } from "@consortium/core/Seed"
import { surfaceFor } from "@consortium/judge-strategies/Surface"

/** How a prompt ends. */
export type End =
  | { readonly _tag: "Example"; readonly example: Example }
  | {
      readonly _tag: "Rejected"
      readonly rejected: Rejected
      readonly idsOf: (label: Label) => ReadonlyArray<CandidateId>
    }

export interface Options {
  readonly seed: Seed
  /** What the members said to a prompt whose quorum was not met. */
  readonly heard: (prompt: Prompt) => ReadonlyArray<Candidate>
  /** The judges' weights that the run started with. @default all judges alike */
  readonly weighting?: Weighting
}

const reject = (rejected: Rejected, idsOf: (label: Label) => ReadonlyArray<CandidateId> = () => []): End => ({
  _tag: "Rejected",
  rejected,
  idsOf
})

/** The road of one prompt; it fails only when the whole run has to stop. */
export const walk = Effect.fnUntraced(function* (prompt: Prompt, options: Options) {
  const sampled = yield* Effect.catchTag(
    Effect.map((yield* Sampler).sample(prompt), Result.succeed),
    "QuorumNotMet",
    (error: QuorumNotMet) => Effect.succeed(Result.fail(error))
  )
  if (Result.isFailure(sampled)) {
    const failure = Failure.from(sampled.failure)
    return reject({ prompt, why: "no-candidate", failure, candidates: options.heard(prompt), ballots: undefined })
  }
  const candidates = sampled.success
  const [sheet, key] = seal(candidates, options.seed, surfaceFor(prompt))
  const idsOf = (label: Label) => Key.open(key, label)
  const ballots = yield* (yield* Panel).judge(sheet)
  const ranked = (yield* Aggregator).aggregate(ballots, options.weighting)
  if (Result.isFailure(ranked)) {
    const failure = Failure.from(ranked.failure)
    return reject({ prompt, why: "no-quorum", failure, candidates: candidates.all, ballots }, idsOf)
  }
  const verdict = open(key, ranked.success)
  if (!verdict.places[0].acceptable) {
    const message = `${prompt.id}: the judges found no candidate acceptable`
    const failure = new Failure({ tag: "Unacceptable", message, isRetryable: false })
    return reject({ prompt, why: "unacceptable", failure, candidates: candidates.all, ballots }, idsOf)
  }
  const end: End = { _tag: "Example", example: example(candidates, ballots, verdict) }
  return end
})
