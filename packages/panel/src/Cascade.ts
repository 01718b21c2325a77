/** A cheap panel first, the whole one where it is unsure: most questions are easy. */
import type { Sheet } from "@consortium/core/Blind"
import type { Halted } from "@consortium/core/Call"
import type { Label } from "@consortium/core/Ids"
import { type Ballots, Panel } from "@consortium/core/Judge"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"

export interface Options {
  /** Asked first: a panel of one cheap judge with two passes that never stops early (`stopAt: 2`), say. */
  readonly first: Panel["Service"]
  /** Asked where the first is unsure; its votes join the first's. Its judges have other ids. */
  readonly then: Panel["Service"]
  /** Whether the first's word is enough. @default `agrees` */
  readonly isEnough?: (ballots: Ballots) => boolean
}

/** The one best label of a vote, where it names one. */
const winner = (vote: Ballots["votes"][number]): Label | undefined => {
  if (Result.isFailure(vote.outcome)) return undefined
  const [best] = vote.outcome.success.tiers
  return best?.length === 1 ? best[0] : undefined
}

/** A stated certainty below this is a doubt. */
const doubt = 0.6

/** At least two votes, all of which name the same single winner, and none of which states a doubt. */
export const agrees = ({ votes }: Ballots): boolean => {
  const names = new Set(votes.map(winner))
  const doubts = votes.some(({ outcome }) => Result.isSuccess(outcome) && (outcome.success.confidence ?? 1) < doubt)
  return votes.length > 1 && names.size === 1 && !names.has(undefined) && !doubts
}

/** The service. One candidate is a walkover for both. */
export const make = ({ first, isEnough = agrees, then }: Options): Panel["Service"] => ({
  judge: Effect.fnUntraced(function* (sheet: Sheet): Effect.fn.Return<Ballots, Halted> {
    const early = yield* first.judge(sheet)
    if (sheet.options.length === 1 || isEnough(early)) return early
    const late = yield* then.judge(sheet)
    return { ...late, votes: [...early.votes, ...late.votes] }
  })
})

/** Stage 5 as a layer. */
export const layer = (options: Options): Layer.Layer<Panel> => Layer.succeed(Panel, make(options))
