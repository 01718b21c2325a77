/**
 * From ballots to a ranking: score by Borda or Copeland, certainty by Bradley–Terry, ties by rules that never look at a
 * text.
 */
import { isNonEmpty, map } from "@consortium/core/NonEmpty"
import type { Ballots } from "@consortium/core/Judge"
import { Aggregator, NoQuorum, type Ranking, type Weighting } from "@consortium/core/Ranking"
import type { Seed } from "@consortium/core/Seed"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Borda from "./Borda.js"
import * as BradleyTerry from "./BradleyTerry.js"
import * as Copeland from "./Copeland.js"
import { orderOf } from "./internal/order.js"
import * as Pairs from "./Pairs.js"

export interface Options {
  /** What a place's score is: mean preference, or share of the others beaten. @default "borda" */
  readonly rule?: "borda" | "copeland"
  /** Judges with an order that are needed. @default 1 */
  readonly quorum?: number
  /** For the draws behind `pBest`. */
  readonly seed: Seed
}

const defaults = { rule: "borda", quorum: 1 } as const

/**
 * Judges err alike: five to nine were worth about two independent ones, so the certainty that is shown counts each
 * judge for less than a whole one. The certainty that stops the panel doesn't.
 */
export const effectiveVotes = 0.6

const rules = { borda: Borda.scores, copeland: Copeland.scores } as const

const failuresOf = (ballots: Ballots, heard: ReadonlySet<string>): ReadonlyArray<string> =>
  ballots.votes.flatMap((vote) => {
    if (Result.isFailure(vote.outcome)) return [`${vote.judge}: ${vote.outcome.failure.message}`]
    return heard.has(vote.judge) ? [] : [`${vote.judge}: has no weight`]
  })

const walkover = (ballots: Ballots): Ranking => ({
  promptId: ballots.promptId,
  places: [{ label: ballots.labels[0], score: 1, pBest: 1, acceptable: true }],
  judges: 0,
  agree: 0
})

/** The service. A sheet with one label is a walkover and needs no judge. */
export const make = (options: Options): Aggregator["Service"] => {
  const { rule, quorum, seed } = { ...defaults, ...options }
  const needed = Math.max(1, quorum)
  return {
    aggregate: (ballots: Ballots, weighting: Weighting = {}) => {
      if (ballots.labels.length === 1) return Result.succeed(walkover(ballots))
      const pairs = Pairs.make(ballots, weighting)
      const judges = pairs.judges.length
      if (judges < needed) {
        const failures = failuresOf(ballots, new Set(pairs.judges))
        return Result.fail(new NoQuorum({ prompt: ballots.promptId, needed, judges, failures }))
      }
      const pooled = Pairs.pool(pairs)
      const scores = rules[rule](pooled)
      const pBest = BradleyTerry.bestShares(BradleyTerry.fit(pooled, effectiveVotes), seed, ballots.promptId)
      const acceptable = Array.from(Pairs.rejection(pairs), (share) => share <= 0.5 + 1e-12)
      const order = orderOf(pairs, pooled, scores, acceptable)
      const winner = order[0]
      const agree = pairs.judges.filter((_, judge) => Pairs.firsts(pairs, judge)[winner]).length
      const places = map(order, (at) => ({
        label: pairs.labels[at] as (typeof pairs.labels)[0],
        score: scores[at] as number,
        pBest: pBest[at] as number,
        acceptable: acceptable[at] as boolean
      }))
      return Result.succeed({ promptId: ballots.promptId, places, judges, agree })
    }
  }
}

/** Stage 6 as a layer. */
export const layer = (options: Options): Layer.Layer<Aggregator> => Layer.succeed(Aggregator, make(options))

/**
 * How sure the ballots are of the best candidate, 0 to 1: the leader's share under Bradley–Terry with whole weights.
 * It decides whether to ask on; 1 for a single candidate, 0 where nobody gave an order.
 */
export const stopConfidence = (ballots: Ballots, options: { readonly seed: Seed; readonly weighting?: Weighting }): number => {
  if (ballots.labels.length === 1) return 1
  const pairs = Pairs.make(ballots, options.weighting)
  if (!isNonEmpty(pairs.judges)) return 0
  const shares = BradleyTerry.bestShares(BradleyTerry.fit(Pairs.pool(pairs)), options.seed, ballots.promptId)
  return shares.reduce((high, share) => Math.max(high, share), 0)
}
