/** The names that stages join by. Each is a brand, so that one kind of id never stands where another is meant. */
import * as Schema from "effect/Schema"

/** Names a prompt within a run. */
export const PromptId = Schema.NonEmptyString.pipe(Schema.brand("PromptId"))
export type PromptId = typeof PromptId.Type

/** Names one answer: `prompt/member/sample`. */
export const CandidateId = Schema.NonEmptyString.pipe(Schema.brand("CandidateId"))
export type CandidateId = typeof CandidateId.Type

/** Names a seat among the members; the same model may sit twice. */
export const MemberId = Schema.NonEmptyString.pipe(Schema.brand("MemberId"))
export type MemberId = typeof MemberId.Type

/** Names a judge. */
export const JudgeId = Schema.NonEmptyString.pipe(Schema.brand("JudgeId"))
export type JudgeId = typeof JudgeId.Type

/** Names a candidate on a judge's sheet; says nothing about who wrote it. */
export const Label = Schema.NonEmptyString.pipe(Schema.brand("Label"))
export type Label = typeof Label.Type

/** The only id of a member's answer to a prompt. */
export const candidateId = (prompt: PromptId, member: MemberId, sample: number): CandidateId =>
  CandidateId.make(`${prompt}/${member}/${sample}`)
