/** The rules by name: each gives a score of every candidate, 0 to 1, higher for better. */
import * as Borda from "./Borda.js"
import * as BradleyTerry from "./BradleyTerry.js"
import * as Copeland from "./Copeland.js"
import { bySize, emptyPool, pool, type Scorer } from "./internal/group.js"
import { meanWins } from "./internal/linear.js"
import * as Kemeny from "./Kemeny.js"
import * as LogOdds from "./LogOdds.js"
import { meanRank, reciprocalRank } from "./MeanRank.js"
import type { Pooled } from "./Pairs.js"
import * as PlackettLuce from "./PlackettLuce.js"
import * as Schulze from "./Schulze.js"

/** On pooled preferences; `verdicts` makes of each judge's mean preference one vote for whom it prefers. */
const pooled =
  (scores: (pooled: Pooled, out: Float64Array, to: number) => void, verdicts = false): (() => Scorer) =>
  () => {
    const room = bySize(emptyPool)
    return (group, out, to) => scores(pool(group, room(group.n), verdicts), out, to)
  }

const bradleyTerry = (): Scorer => {
  const room = bySize(emptyPool)
  const solver = bySize((n) => BradleyTerry.solver(n))
  return (group, out, to) => meanWins(solver(group.n)(pool(group, room(group.n))).strengths, out, to)
}

const schulze = (): Scorer => {
  const room = bySize(emptyPool)
  const paths = bySize((n) => new Float64Array(n * n))
  return (group, out, to) => Schulze.scores(pool(group, room(group.n), true), out, to, paths(group.n))
}

const scorers = {
  borda: pooled(Borda.scores),
  copeland: pooled((one, out, to) => Copeland.scores(one, Copeland.tieBand, out, to)),
  majority: pooled((one, out, to) => Copeland.scores(one, 1e-9, out, to), true),
  schulze,
  kemeny: pooled(Kemeny.scores),
  "bradley-terry": bradleyTerry,
  "plackett-luce": PlackettLuce.scorer,
  "mean-rank": meanRank,
  "reciprocal-rank": () => reciprocalRank(),
  "log-odds": LogOdds.scorer
} as const satisfies Readonly<Record<string, () => Scorer>>

/**
 * `borda`: mean preference over the others. `copeland`: share of the others beaten by mean preference. `majority`: the
 * same, one vote per judge and pair. `schulze`: beat paths over such votes. `kemeny`: the order of least disagreement,
 * exact to eight candidates. `bradley-terry`, `plackett-luce`: a model's mean chance of standing above another.
 * `mean-rank`, `reciprocal-rank`: over each judge's own order. `log-odds`: for weights in logits.
 */
export type Rule = keyof typeof scorers

/** All of them. */
export const names = Object.keys(scorers).filter((name): name is Rule => name in scorers)

/** Scores groups by a rule, one after the other, in scratch space of its own. */
export const scorer = (rule: Rule): Scorer => scorers[rule]()
