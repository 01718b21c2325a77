/** What the members said to one prompt. A member that failed is a value here; only too few answers fail the stage. */
import * as Context from "effect/Context"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Call, Failure, Halted } from "./Call.js"
import type { ChatModel, Sampling } from "./ChatModel.js"
import * as Completion from "./Completion.js"
import type { CandidateId, MemberId } from "./Ids.js"
import { isNonEmpty, type NonEmpty } from "./NonEmpty.js"
import type { Prompt } from "./Prompt.js"
import type { Receipt } from "./Receipt.js"

/** A model with a seat in the consortium: the same model may sit twice with other settings. */
export interface Member {
  readonly id: MemberId
  readonly model: ChatModel
  /** Answers asked of it for each prompt. */
  readonly samples: number
  /** The vendor or model family, for own-answer rules. */
  readonly family?: string
  /** Put before the prompt's own messages. */
  readonly system?: string
  readonly sampling?: Sampling
}

/** A verdict on one candidate before any judge: a rule, a test, an exact match; never a model's taste. */
export const Check = Schema.Struct({
  by: Schema.String,
  passed: Schema.Boolean,
  note: Schema.optionalKey(Schema.String)
})
export type Check = typeof Check.Type

export interface Candidate {
  readonly id: CandidateId
  readonly member: MemberId
  /** Which of the member's answers, from 0. */
  readonly sample: number
  readonly outcome: Result.Result<Completion.Completion, Failure>
  readonly checks: ReadonlyArray<Check>
  readonly receipt: Receipt
}

/** A candidate that answered and passed every check: one that judges may see. */
export interface Eligible extends Candidate {
  readonly outcome: Result.Success<Completion.Completion, Failure>
}

export const isEligible = (candidate: Candidate): candidate is Eligible =>
  Result.isSuccess(candidate.outcome) && candidate.checks.every((check) => check.passed)

/** Too few members answered. */
export class QuorumNotMet extends Schema.TaggedError<QuorumNotMet>()("QuorumNotMet", {
  prompt: Schema.String,
  needed: Schema.Int,
  eligible: Schema.Int,
  /** `member: what happened`, one line for each that has no eligible answer. */
  failures: Schema.Array(Schema.String)
}) {
  readonly isRetryable = false
  override get message(): string {
    return `${this.prompt}: ${this.eligible} eligible answers where ${this.needed} are needed (${this.failures.join("; ")})`
  }
}

const trouble = (candidate: Candidate): ReadonlyArray<string> =>
  Result.isFailure(candidate.outcome)
    ? [`${candidate.member}: ${candidate.outcome.failure.message}`]
    : candidate.checks.filter((check) => !check.passed).map((check) => `${candidate.member}: ${check.by}`)

/** All candidates of a prompt, of which at least one can be judged: so everything after this stage is total. */
export class Candidates {
  /** TypeScript is structural: without a private member an object literal would pass. */
  declare private readonly made: never
  readonly prompt: Prompt
  readonly all: NonEmpty<Candidate>
  readonly eligible: NonEmpty<Eligible>
  readonly quorum: number

  private constructor(prompt: Prompt, all: NonEmpty<Candidate>, eligible: NonEmpty<Eligible>, quorum: number) {
    this.prompt = prompt
    this.all = all
    this.eligible = eligible
    this.quorum = quorum
  }

  /** Marks an empty answer as not eligible, and counts. @param quorum eligible answers needed */
  static make(prompt: Prompt, answered: NonEmpty<Candidate>, quorum = 1): Result.Result<Candidates, QuorumNotMet> {
    const all: NonEmpty<Candidate> = [withEmptyCheck(answered[0]), ...answered.slice(1).map(withEmptyCheck)]
    const eligible = all.filter(isEligible)
    const needed = Math.max(1, quorum)
    return isNonEmpty(eligible) && eligible.length >= needed
      ? Result.succeed(new Candidates(prompt, all, eligible, needed))
      : Result.fail(
          new QuorumNotMet({ prompt: prompt.id, needed, eligible: eligible.length, failures: all.flatMap(trouble) })
        )
  }
}

/** Marks an answer without text and without a tool to call as not eligible, once: the one rule that every candidate is under. */
export const withEmptyCheck = (candidate: Candidate): Candidate =>
  Result.isSuccess(candidate.outcome) &&
  Completion.said(candidate.outcome.success).trim() === "" &&
  !candidate.checks.some((check) => check.by === "not-empty")
    ? {
        ...candidate,
        checks: [...candidate.checks, { by: "not-empty", passed: false, note: "the answer has no text" }]
      }
    : candidate

/** Stage 3. Members live inside the service: nobody after it counts them. */
export class Sampler extends Context.Service<
  Sampler,
  { readonly sample: Call<Prompt, Candidates, QuorumNotMet | Halted> }
>()("@consortium/core/Sampler") {}
