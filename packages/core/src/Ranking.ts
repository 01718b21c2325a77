/** From ballots to an order with scores, and from there to names. */
import * as Context from "effect/Context"
import type * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Key } from "./Blind.js"
import type { CandidateId, JudgeId, Label, PromptId } from "./Ids.js"
import type { Ballots } from "./Judge.js"
import { map, type NonEmpty } from "./NonEmpty.js"

/** Too few judges gave an order. */
export class NoQuorum extends Schema.TaggedError<NoQuorum>()("NoQuorum", {
  prompt: Schema.String,
  needed: Schema.Int,
  judges: Schema.Int,
  /** `judge: what happened`, one line for each absence. */
  failures: Schema.Array(Schema.String)
}) {
  readonly isRetryable = false
  override get message(): string {
    return `${this.prompt}: orders of ${this.judges} judges where ${this.needed} are needed (${this.failures.join("; ")})`
  }
}

export interface Place {
  readonly label: Label
  /** Weighted mean preference over the other candidates, 0 to 1; 1 for one that stands alone. */
  readonly score: number
  /** The chance of being the best under the aggregator's model; the places' sum to 1. Not calibrated on labels. */
  readonly pBest: number
  /** Whether at most half of the judges' weight calls it unacceptable. */
  readonly acceptable: boolean
}

/** Best first; acceptable candidates stand before unacceptable ones. */
export interface Ranking {
  readonly promptId: PromptId
  readonly places: NonEmpty<Place>
  /** Judges with at least one order. */
  readonly judges: number
  /** How many of those put the winner first (alone or tied). */
  readonly agree: number
}

/** Plain numbers by label; who is behind them is not the aggregator's to know. */
export interface Weighting {
  /** A judge's weight. @default 1 for all */
  readonly weight?: (judge: JudgeId) => number
  /** What a judge's preference for a label is lowered by, in preference units; for own answers. @default 0 */
  readonly offset?: (judge: JudgeId, label: Label) => number
}

/** Stage 6. Pure, so it answers a `Result` and can be used without Effect. */
export class Aggregator extends Context.Service<
  Aggregator,
  { readonly aggregate: (ballots: Ballots, weighting?: Weighting) => Result.Result<Ranking, NoQuorum> }
>()("@consortium/core/Aggregator") {}

/** A ranking with the names put back. */
export interface Verdict {
  readonly promptId: PromptId
  readonly places: NonEmpty<
    Omit<Place, "label"> & { readonly label: Label; readonly candidates: NonEmpty<CandidateId> }
  >
  readonly judges: number
  readonly agree: number
}

/** Stage 7: puts the names back. */
export const open = (key: Key, ranking: Ranking): Verdict => ({
  ...ranking,
  places: map(ranking.places, (place) => ({ ...place, candidates: Key.open(key, place.label) }))
})
