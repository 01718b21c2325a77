/** What happens in a run: one union that feeds progress, `--json`, reports and servers. */
import * as Schema from "effect/Schema"
import { CandidateId, JudgeId, MemberId, PromptId } from "./Ids.js"

/** Where every input row is; the sums agree at any time. */
export const Ledger = Schema.Struct({
  /** Rows read, up to the limit. */
  rows: Schema.Int,
  selected: Schema.Int,
  notSelected: Schema.Int,
  duplicate: Schema.Int,
  invalid: Schema.Int,
  /** Rows left out on purpose: leaks, lengths, languages. Absent where there are none. */
  dropped: Schema.optionalKey(Schema.Int),
  /** Rows that could not be embedded. */
  failed: Schema.Int,
  /** Rows whose place is not decided yet. */
  pending: Schema.Int,
  /** Of the selected: those that gave an example, gave none, or are not finished. */
  examples: Schema.Int,
  rejected: Schema.Int,
  unfinished: Schema.Int
})
export type Ledger = typeof Ledger.Type

/** Whether every row is accounted for once. */
export const balances = (ledger: Ledger): boolean =>
  ledger.rows ===
    ledger.selected +
      ledger.notSelected +
      ledger.duplicate +
      ledger.invalid +
      (ledger.dropped ?? 0) +
      ledger.failed +
      ledger.pending && ledger.selected === ledger.examples + ledger.rejected + ledger.unfinished

const Receipted = {
  millis: Schema.Finite,
  attempts: Schema.Int,
  cached: Schema.Boolean,
  usd: Schema.NullOr(Schema.Finite)
}

export const RunEvent = Schema.Union([
  Schema.TaggedStruct("Started", {
    seed: Schema.Int,
    simulated: Schema.Boolean,
    resumed: Schema.Boolean,
    out: Schema.String
  }),
  /** Rows read so far, and after the last one `done`. */
  Schema.TaggedStruct("Read", {
    rows: Schema.Int,
    prompts: Schema.Int,
    duplicate: Schema.Int,
    invalid: Schema.Int,
    /** Absent where there are none. */
    dropped: Schema.optionalKey(Schema.Int),
    done: Schema.Boolean
  }),
  /** `cut`: prompts of which only the beginning was short enough; `averaged`: those that are the mean of their parts. */
  Schema.TaggedStruct("Embedded", {
    prompts: Schema.Int,
    failed: Schema.Int,
    cut: Schema.Int,
    /** Absent where there are none. */
    averaged: Schema.optionalKey(Schema.Int),
    /** Texts that a cache of vectors answered; absent without one. */
    kept: Schema.optionalKey(Schema.Int),
    space: Schema.String
  }),
  Schema.TaggedStruct("Selected", {
    prompts: Schema.Int,
    of: Schema.Int,
    stopped: Schema.Literals(["target", "tripwire", "exhausted", "guarded"])
  }),
  Schema.TaggedStruct("Answered", {
    prompt: PromptId,
    candidate: CandidateId,
    member: MemberId,
    outcome: Schema.String,
    ...Receipted
  }),
  Schema.TaggedStruct("Judged", {
    prompt: PromptId,
    judge: JudgeId,
    pass: Schema.Int,
    outcome: Schema.String,
    ...Receipted
  }),
  Schema.TaggedStruct("Ranked", {
    prompt: PromptId,
    chosen: CandidateId,
    score: Schema.Finite,
    pBest: Schema.Finite,
    done: Schema.Int,
    of: Schema.Int
  }),
  Schema.TaggedStruct("Rejected", {
    prompt: PromptId,
    why: Schema.String,
    detail: Schema.String,
    done: Schema.Int,
    of: Schema.Int
  }),
  Schema.TaggedStruct("Warned", { what: Schema.String }),
  Schema.TaggedStruct("Finished", {
    outcome: Schema.Literals(["done", "stopped"]),
    ledger: Ledger,
    calls: Schema.Int,
    stored: Schema.Int,
    usd: Schema.NullOr(Schema.Finite),
    files: Schema.Array(Schema.String)
  })
])
export type RunEvent = typeof RunEvent.Type
