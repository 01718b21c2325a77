/** One judge says an order; the panel asks every judge. */
import * as Context from "effect/Context"
import type * as Result from "effect/Result"
import type { Ballot, InvalidBallot } from "./Ballot.js"
import type { Sheet } from "./Blind.js"
import type { Call, CallFailure, Failure, Halted } from "./Call.js"
import type { JudgeId, Label, PromptId } from "./Ids.js"
import type { NonEmpty } from "./NonEmpty.js"
import type { Receipt } from "./Receipt.js"

/** A judge as a value, like a model: many in one program. */
export interface Judge<out E extends CallFailure = CallFailure> {
  readonly id: JudgeId
  /** The vendor or model family, for own-answer rules. */
  readonly family?: string
  readonly judge: Call<Sheet, Ballot, E | InvalidBallot>
}

/** The tag, for programs that need exactly one judge. */
export const Judge = Context.Service<Judge>("@consortium/core/Judge")

/** One judge's word in one pass, or its absence. */
export interface Vote {
  readonly judge: JudgeId
  /** From 0. */
  readonly pass: number
  /** The sheet's labels in the order in which this judge saw them. */
  readonly order: NonEmpty<Label>
  readonly outcome: Result.Result<Ballot, Failure>
  readonly receipt: Receipt
}

/** Everything that the panel heard of one sheet. It carries the labels, because there may be no ballot to read them from. */
export interface Ballots {
  readonly promptId: PromptId
  readonly labels: NonEmpty<Label>
  readonly votes: ReadonlyArray<Vote>
  /** Judge → the labels of its own answers, for own-answer offsets; joined in by whoever holds the key. */
  readonly kin?: ReadonlyMap<JudgeId, ReadonlyArray<Label>>
}

/** Stage 5. Judges, passes, early stop and play-off live inside the service. An absent judge is a value. */
export class Panel extends Context.Service<Panel, { readonly judge: Call<Sheet, Ballots, Halted> }>()(
  "@consortium/core/Panel"
) {}
