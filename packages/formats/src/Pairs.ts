/** Preference pairs out of a ranking, each with what it rests on. */
import type { PairName } from "./Names.js"
import { type Answer, answersOf, type Ranked } from "./Ranked.js"

/** How judges' orders decided between two answers. */
export interface Votes {
  readonly for: number
  readonly against: number
  readonly tied: number
}

export interface Pair {
  readonly chosen: Answer
  readonly rejected: Answer
  /** Difference of the scores, above 0. */
  readonly margin: number
  readonly votes: Votes
  /** The share of orders for it, of those that rank both; null where none does. */
  readonly agreement: number | null
}

/** The group of an order in which an answer stands; behind all groups where it was called unacceptable. */
const tierOf = ({ order, unacceptable }: Ranked["judges"][number], id: string): number => {
  if (order === undefined) return -1
  const tier = order.findIndex((ids) => ids.includes(id))
  return tier < 0 && unacceptable?.includes(id) === true ? order.length : tier
}

const votesOn = (judges: Ranked["judges"], chosen: string, rejected: string): Votes => {
  const votes = { for: 0, against: 0, tied: 0 }
  for (const judge of judges) {
    const [a, b] = [tierOf(judge, chosen), tierOf(judge, rejected)]
    if (a < 0 || b < 0) continue
    votes[a < b ? "for" : a > b ? "against" : "tied"]++
  }
  return votes
}

const places = function* (which: PairName, count: number): Generator<readonly [number, number]> {
  if (which === "best-worst") {
    if (count > 1) yield [0, count - 1]
    return
  }
  for (let i = 0; i < count; i++) {
    const end = which === "adjacent" ? Math.min(i + 2, count) : count
    for (let j = i + 1; j < end; j++) yield [i, j]
  }
}

/** Pairs whose better answer is acceptable and ahead; equal scores prefer nothing. */
export const pairsOf = (row: Ranked, which: PairName, answers = answersOf(row)): ReadonlyArray<Pair> => {
  const pairs: Array<Pair> = []
  for (const [better, worse] of places(which, answers.length)) {
    const [chosen, rejected] = [answers[better], answers[worse]]
    if (chosen === undefined || rejected === undefined || !chosen.acceptable) continue
    const margin = chosen.score - rejected.score
    if (!(margin > 0)) continue
    const votes = votesOn(row.judges, chosen.id, rejected.id)
    const of = votes.for + votes.against + votes.tied
    pairs.push({ chosen, rejected, margin, votes, agreement: of === 0 ? null : votes.for / of })
  }
  return pairs
}
