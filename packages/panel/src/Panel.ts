/** Asks every judge at once, and once more in reverse order where the panel is not sure. */
import { stopConfidence } from "@consortium/aggregation/Aggregate"
import type { Ballot } from "@consortium/core/Ballot"
import { arrange, type Sheet } from "@consortium/core/Blind"
import { type CallFailure, Failure, Halted } from "@consortium/core/Call"
import { type Ballots, type Judge, Panel, type Vote } from "@consortium/core/Judge"
import { map, type NonEmpty } from "@consortium/core/NonEmpty"
import type { Weighting } from "@consortium/core/Ranking"
import { record } from "@consortium/core/Receipt"
import type { Seed } from "@consortium/core/Seed"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"

export interface Options {
  /** Each with its own id; their order decides what each of them sees. */
  readonly judges: NonEmpty<Judge>
  /** Letters and orders are drawn from it. */
  readonly seed: Seed
  /** How often each judge may be asked; every second time in reverse order. @default 2 */
  readonly maxPasses?: number
  /** The certainty of the best candidate, 0 to 1, that makes another pass needless; above 1 none does. @default 0.75 */
  readonly stopAt?: number
  /** The judges' weights and offsets, for that certainty. @default all judges alike */
  readonly weighting?: Weighting
  /** Hears of each vote as soon as it is cast, also of an absent judge. */
  readonly onVote?: (vote: Vote, sheet: Sheet) => Effect.Effect<void>
}

const defaults = { maxPasses: 2, stopAt: 0.75 } satisfies Partial<Options>

const withOwnIds = (judges: NonEmpty<Judge>): NonEmpty<Judge> => {
  const ids = new Set(judges.map((judge) => judge.id))
  if (ids.size < judges.length)
    throw new Error("two judges with one id: give each its own, or one would count as a pass of the other")
  return judges
}

/** The service. Two judges with one id are a defect. */
export const make = (options: Options): Panel["Service"] => {
  const { seed, maxPasses, stopAt, weighting, onVote } = { ...defaults, ...options }
  const judges = withOwnIds(options.judges)

  const ask = Effect.fnUntraced(function* (
    sheet: Sheet,
    index: number,
    judge: Judge,
    pass: number
  ): Effect.fn.Return<Vote, Halted> {
    const shown = arrange(sheet, seed, { judge: index, judges: judges.length, pass })
    const [answer, receipt] = yield* record(judge.judge)(shown.sheet)
    const outcome: Result.Result<Ballot, CallFailure> = Result.flatMap(answer, (ballot) =>
      ballot.restore(sheet, shown.restore)
    )
    if (Result.isFailure(outcome) && outcome.failure instanceof Halted) return yield* outcome.failure
    const vote: Vote = {
      judge: judge.id,
      pass,
      order: shown.order,
      outcome: Result.mapError(outcome, Failure.from),
      receipt
    }
    if (onVote !== undefined) yield* onVote(vote, sheet)
    return vote
  })

  return {
    judge: Effect.fnUntraced(function* (sheet: Sheet): Effect.fn.Return<Ballots, Halted> {
      const labels = map(sheet.options, (option) => option.label)
      let ballots: Ballots = { promptId: sheet.promptId, labels, votes: [] }
      // One candidate wins without a fight.
      if (labels.length === 1) return ballots
      for (let pass = 0; pass < maxPasses; pass++) {
        // In the judges' order, whoever answered first.
        const heard = yield* Effect.forEach(judges, (judge, index) => ask(sheet, index, judge, pass), {
          concurrency: "unbounded"
        })
        ballots = { ...ballots, votes: [...ballots.votes, ...heard] }
        if (stopConfidence(ballots, { seed, ...(weighting !== undefined && { weighting }) }) >= stopAt) break
      }
      return ballots
    })
  }
}

/** Stage 5 as a layer. */
export const layer = (options: Options): Layer.Layer<Panel> => Layer.sync(Panel, () => make(options))
