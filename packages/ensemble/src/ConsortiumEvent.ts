/** What happens while a consortium answers. */
import type { JudgeId, MemberId } from "@consortium/core/Ids"
import type { Answer, Asked } from "./Answer.js"

export type ConsortiumEvent<A = string> =
  | { readonly _tag: "MemberStarted"; readonly member: MemberId }
  /** A member's own words while it writes: not the answer, and maybe never. */
  | { readonly _tag: "Provisional"; readonly member: MemberId; readonly delta: string }
  | { readonly _tag: "FirstToken"; readonly member: MemberId; readonly millis: number }
  | { readonly _tag: "MemberEnded"; readonly member: MemberId; readonly state: Asked["state"]; readonly millis: number }
  | { readonly _tag: "JudgeVoted"; readonly judge: JudgeId; readonly pass: number; readonly ok: boolean }
  /** Who would win if it ended now. */
  | { readonly _tag: "Leader"; readonly member: MemberId; readonly pBest: number }
  /** The winner's text, in pieces, from the moment when it is certain. */
  | { readonly _tag: "Text"; readonly delta: string }
  /** The last one. */
  | { readonly _tag: "Answered"; readonly answer: Answer<A> }
