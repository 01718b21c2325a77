/**
 * From ballots to a ranking: score by a rule, certainty by Bradley–Terry, ties by ways that never look at a text.
 */
import { isNonEmpty, map } from "@consortium/core/NonEmpty"
import type { Ballots } from "@consortium/core/Judge"
import { Aggregator, NoQuorum, type Ranking, type Weighting } from "@consortium/core/Ranking"
import type { Seed } from "@consortium/core/Seed"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Certainty from "./Certainty.js"
import { firsts, orderOf, tieBandOf } from "./internal/order.js"
import * as Pairs from "./Pairs.js"
import { type Rule, scorer } from "./Rule.js"

export interface Options {
  /** What a place's score is. @default "borda" */
  readonly rule?: Rule
  /** Judges with an order that are needed. @default 1 */
  readonly quorum?: number
  /** What a judge counts for in `pBest`; `EffectiveVotes` measures it on labels. @default 0.6 */
  readonly effectiveVotes?: number
  /** For the draws behind `pBest`. */
  readonly seed: Seed
}

const defaults = { rule: "borda", quorum: 1, effectiveVotes: Certainty.effectiveVotes } as const

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
  const { rule, quorum, effectiveVotes, seed } = { ...defaults, ...options }
  const needed = Math.max(1, quorum)
  const score = scorer(rule)
  return {
    aggregate: (ballots: Ballots, weighting: Weighting = {}) => {
      if (ballots.labels.length === 1) return Result.succeed(walkover(ballots))
      const pairs = Pairs.make(ballots, weighting)
      const judges = pairs.judges.length
      if (judges < needed) {
        const failures = failuresOf(ballots, new Set(pairs.judges))
        return Result.fail(new NoQuorum({ prompt: ballots.promptId, needed, judges, failures }))
      }
      const group = Pairs.groupOf(pairs)
      const pooled = Pairs.pool(pairs)
      const scores = new Float64Array(group.n)
      score(group, scores, 0)
      const pBest = Certainty.pBest(pooled, seed, ballots.promptId, effectiveVotes)
      const acceptable = Array.from(Pairs.rejection(pairs), (share) => share <= 0.5 + 1e-12)
      const order = orderOf(group, pooled, scores, acceptable, tieBandOf(rule, group.n))
      const winner = order[0]
      const agree = pairs.judges.filter((_, judge) => firsts(group, judge)[winner]).length
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
export const stopConfidence = (
  ballots: Ballots,
  options: { readonly seed: Seed; readonly weighting?: Weighting }
): number => {
  if (ballots.labels.length === 1) return 1
  const pairs = Pairs.make(ballots, options.weighting)
  if (!isNonEmpty(pairs.judges)) return 0
  return Certainty.stopConfidence(Pairs.pool(pairs), options.seed, ballots.promptId)
}
