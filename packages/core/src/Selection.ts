/** Which prompts, in which order, and why it stopped. */
import * as Context from "effect/Context"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type { Call } from "./Call.js"
import type { EmbeddingMatrix } from "./EmbeddingMatrix.js"
import type { PromptId } from "./Ids.js"

/** How many prompts to choose: a positive integer. */
export const TargetSize = Schema.Int.check(Schema.isGreaterThan(0))
/** A cosine similarity: -1 to 1. */
export const Cosine = Schema.Finite.check(Schema.isBetween({ minimum: -1, maximum: 1 }))

/** At least one of the two, so that a selection always ends for a reason. */
export const StopRule = Schema.Union([
  Schema.Struct({ targetSize: TargetSize, tripwire: Schema.optionalKey(Cosine) }),
  Schema.Struct({ tripwire: Cosine, targetSize: Schema.optionalKey(TargetSize) })
])
export type StopRule = typeof StopRule.Type

/**
 * Why a selection ended: its size was reached; the next prompt was too similar; there were no more; or all that were
 * left are near-duplicates of chosen ones.
 */
export type Stopped = "target" | "tripwire" | "exhausted" | "guarded"

/** What there is to choose from. */
export interface Pool {
  readonly matrix: EmbeddingMatrix
  /** Rows of an earlier collection: they count as chosen and are not chosen again. */
  readonly earlier?: Uint32Array
  /** One weight a row; a heavier row is preferred among equally dissimilar ones. */
  readonly weights?: Float64Array
  /** One stratum a row; the selection takes turns over strata. */
  readonly strata?: Uint32Array
}

/** One choice, as it is made. */
export interface Pick {
  /** The row in the matrix. */
  readonly row: number
  readonly id: PromptId
  /** Cosine to the average of the collection at that moment; absent when there was none, or when it has no direction. */
  readonly cosine: number | undefined
}

/** The choices in columns: a million of them are two typed arrays. */
export interface Selection {
  readonly matrix: EmbeddingMatrix
  /** Rows of the matrix, in the order of choice. */
  readonly picks: Uint32Array
  /** For each pick its cosine to the average of the collection at that moment; -2 stands for "had none". */
  readonly cosines: Float64Array
  readonly stopped: Stopped
  /** The cosine that the next pick would have had, when the tripwire ended it. */
  readonly nextCosine?: number
}

/** The `index`-th choice of a selection. */
export const pickAt = (selection: Selection, index: number): Pick => {
  const row = selection.picks[index]
  const id = row === undefined ? undefined : selection.matrix.ids[row]
  if (row === undefined || id === undefined) throw new RangeError(`no pick ${index} of ${selection.picks.length}`)
  const cosine = selection.cosines[index]
  return { row, id, cosine: cosine === -2 ? undefined : cosine }
}

export class SelectionError extends Schema.TaggedError<SelectionError>()("SelectionError", {
  why: Schema.Literals(["unknown-start", "wrong-shape", "unsupported", "thread-lost", "unreadable"]),
  detail: Schema.String
}) {
  readonly isRetryable = false
  override get message(): string {
    return `selection ${this.why}: ${this.detail}`
  }
}

/** Stage 2. The rule and when it stops are options of its layer. */
export class Selector extends Context.Service<
  Selector,
  {
    readonly select: Call<Pool, Selection, SelectionError>
    /** The same choices, each as soon as it is made. */
    readonly stream: (pool: Pool) => Stream.Stream<Pick, SelectionError>
  }
>()("@consortium/core/Selector") {}
