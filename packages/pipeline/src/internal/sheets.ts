/** Ballots as statistics read them. */
import type * as Votes from "@consortium/aggregation/Votes"
import type { Ballots } from "@consortium/core/Judge"
import * as Result from "effect/Result"

/** Orders by label; the unacceptable ones stand last. */
export const sheetOf = (ballots: Ballots): Votes.Sheet => ({
  candidates: ballots.labels,
  votes: ballots.votes.flatMap(({ judge, order, outcome }) => {
    if (Result.isFailure(outcome)) return []
    const { tiers, unacceptable } = outcome.success
    return [{ judge, order: [...tiers, ...(unacceptable.length > 0 ? [unacceptable] : [])], shown: order }]
  })
})
