/** Whether judges prefer what they saw first, with intervals over groups; from votes that say what was shown. */
import type { Seed } from "@consortium/core/Seed"
import { cellOf, forPairs } from "./internal/labelled.js"
import { type Interval, ofRatio } from "./Interval.js"
import type { Votes } from "./Votes.js"

export interface Position {
  readonly judge: string
  /** Pairs in orders whose places are known. */
  readonly pairs: number
  /** The share of those in which the one shown earlier is preferred, a tie for half; 0.5 is no bias. */
  readonly first: Interval
  /** The share of pairs judged twice or more on which the verdicts cancel out, NaN without any; ties don't count. */
  readonly reverses: Interval
}

interface Sums {
  readonly first: Float64Array
  readonly pairs: Float64Array
  readonly reversed: Float64Array
  readonly twice: Float64Array
}

const addOrder = (votes: Votes, at: number, n: number, group: number, sums: Sums): void => {
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < n; b++) {
      const placeA = votes.shown[at + a] as number
      const placeB = votes.shown[at + b] as number
      const levelA = votes.levels[at + a] as number
      const levelB = votes.levels[at + b] as number
      if (placeA < 0 || placeB <= placeA || levelA < 0 || levelB < 0) continue
      sums.pairs[group] = (sums.pairs[group] as number) + 1
      sums.first[group] = (sums.first[group] as number) + (levelA < levelB ? 1 : levelA === levelB ? 0.5 : 0)
    }
  }
}

/** Marks pairs on which a judge's strict verdicts went both ways and cancel out. */
const addReversals = (votes: Votes, sums: ReadonlyArray<Sums>): void => {
  const decided = decidedPairs(votes)
  forPairs(votes, (group, _, __, n, truthCell) => {
    for (const [j, one] of sums.entries()) {
      const cell = cellOf(votes, group, j, n, truthCell)
      if ((votes.heard[cell] as number) < 2) continue
      one.twice[group] = (one.twice[group] as number) + 1
      if (votes.preference[cell] === 0.5 && decided[cell] === 1)
        one.reversed[group] = (one.reversed[group] as number) + 1
    }
  })
}

/** Cells on which some order was strict. */
const decidedPairs = (votes: Votes): Uint8Array => {
  const out = new Uint8Array(votes.preference.length)
  for (let g = 0; g + 1 < votes.starts.length; g++) {
    const n = (votes.starts[g + 1] as number) - (votes.starts[g] as number)
    const first = votes.orders[g] as number
    for (let order = first; order < (votes.orders[g + 1] as number); order++) {
      const at = (votes.levelStarts[g] as number) + (order - first) * n
      const block = votes.judges.length * (votes.blocks[g] as number) + (votes.judgeOf[order] as number) * n * n
      for (let a = 0; a < n; a++) {
        for (let b = 0; b < n; b++) {
          const [la, lb] = [votes.levels[at + a] as number, votes.levels[at + b] as number]
          if (la >= 0 && lb >= 0 && la !== lb) out[block + a * n + b] = 1
        }
      }
    }
  }
  return out
}

/** The audit of each judge. */
export const audit = (votes: Votes, seed: Seed): ReadonlyArray<Position> => {
  const groups = votes.starts.length - 1
  const make = () => new Float64Array(groups)
  const sums = votes.judges.map((): Sums => ({ first: make(), pairs: make(), reversed: make(), twice: make() }))
  for (let g = 0; g < groups; g++) {
    const n = (votes.starts[g + 1] as number) - (votes.starts[g] as number)
    const from = votes.orders[g] as number
    for (let order = from; order < (votes.orders[g + 1] as number); order++) {
      const one = sums[votes.judgeOf[order] as number] as Sums
      addOrder(votes, (votes.levelStarts[g] as number) + (order - from) * n, n, g, one)
    }
  }
  addReversals(votes, sums)
  return sums.map(({ first, pairs, reversed, twice }, j) => {
    const judge = votes.judges[j] as string
    return {
      judge,
      pairs: pairs.reduce((sum, count) => sum + count, 0),
      first: ofRatio(first, pairs, { seed, word: `first ${judge}` }),
      reverses: ofRatio(reversed, twice, { seed, word: `reverses ${judge}` })
    }
  })
}
