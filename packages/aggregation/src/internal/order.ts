/** The order of places: acceptable first, then score, then ties by duels, first places, the heaviest judge, the sheet. */
import { isNonEmpty, type NonEmpty } from "@consortium/core/NonEmpty"
import { duel, tieBand } from "../Copeland.js"
import type { Pooled } from "../Pairs.js"
import type { Rule } from "../Rule.js"
import type { Group } from "./group.js"

const closeEnough = 1e-9

/** How near scores are tied: what a tie in one pair can make of the mean over n − 1 pairs, on both sides. */
export const tieBandOf = (rule: Rule, n: number): number =>
  (rule === "borda" || rule === "copeland" ? (2 * tieBand) / Math.max(1, n - 1) : 0) + closeEnough

const rankedBy = (group: Group, judge: number): ReadonlyArray<boolean> => {
  const { n, orders, firstOrder, levelsAt, judgeOf, levels } = group
  return Array.from({ length: n }, (_, a) => {
    for (let order = 0; order < orders; order++) {
      if (judgeOf[firstOrder + order] === judge && (levels[levelsAt + order * n + a] as number) >= 0) return true
    }
    return false
  })
}

/** A judge's own score of each candidate: mean preference over those it compared it with; -1 where it never ranked it. */
export const ownScores = (group: Group, judge: number): Float64Array => {
  const { n, preference, heard } = group
  const ranked = rankedBy(group, judge)
  return Float64Array.from(ranked, (isRanked, a) => {
    if (!isRanked) return -1
    let sum = 0
    let count = 0
    for (let b = 0; b < n; b++) {
      const at = group.at + (judge * n + a) * n + b
      if (heard[at] === 0) continue
      sum += preference[at] as number
      count++
    }
    return count === 0 ? 0.5 : sum / count
  })
}

/** Whether a judge's averaged order puts each candidate first, alone or tied. */
export const firsts = (group: Group, judge: number): ReadonlyArray<boolean> => {
  const scores = ownScores(group, judge)
  const best = scores.reduce((high, score) => Math.max(high, score), 0)
  return Array.from(scores, (score) => score >= best - closeEnough)
}

/** The weight of the judges that put each candidate first, shared where several are tied there. */
const firstWeights = (group: Group): Float64Array => {
  const out = new Float64Array(group.n)
  for (let judge = 0; judge < group.judges; judge++) {
    const weight = group.weights[judge] as number
    if (weight === 0) continue
    const first = firsts(group, judge)
    const share = weight / Math.max(1, first.filter(Boolean).length)
    for (let a = 0; a < out.length; a++) if (first[a]) out[a] = (out[a] as number) + share
  }
  return out
}

/** The scores of the one judge that weighs most; all equal where no single one does. */
const heaviestScores = (group: Group): Float64Array => {
  const most = group.weights.reduce((high, weight) => Math.max(high, weight), 0)
  const heaviest = group.weights.indexOf(most)
  return heaviest >= 0 && heaviest === group.weights.lastIndexOf(most)
    ? ownScores(group, heaviest)
    : new Float64Array(group.n)
}

/** Higher first; differences of rounding are none. */
const byKey =
  (key: ArrayLike<number>) =>
  (a: number, b: number): number => {
    const difference = (key[b] as number) - (key[a] as number)
    return Math.abs(difference) < closeEnough ? 0 : difference
  }

/** Sorts a group whose scores are as good as equal. */
const untie = (
  tied: ReadonlyArray<number>,
  pooled: Pooled,
  keys: ReadonlyArray<ArrayLike<number>>
): ReadonlyArray<number> => {
  const duels = new Float64Array(pooled.n)
  for (const a of tied) for (const b of tied) if (a !== b) duels[a] = (duels[a] as number) + duel(pooled, a, b)
  return [...tied].sort((a, b) => {
    for (const key of [duels, ...keys]) {
      const order = byKey(key)(a, b)
      if (order !== 0) return order
    }
    return a - b
  })
}

/** Indices of candidates, best first. */
export const orderOf = (
  group: Group,
  pooled: Pooled,
  scores: Float64Array,
  acceptable: ReadonlyArray<boolean>,
  band: number
): NonEmpty<number> => {
  const keys = [firstWeights(group), heaviestScores(group)]
  const out: Array<number> = []
  for (const wanted of [true, false]) {
    const left = Array.from(scores, (_, a) => a).filter((a) => acceptable[a] === wanted)
    left.sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b)
    while (left[0] !== undefined) {
      const lead = scores[left[0]] as number
      const end = left.findIndex((a) => lead - (scores[a] as number) > band)
      out.push(...untie(left.splice(0, end < 0 ? left.length : end), pooled, keys))
    }
  }
  if (!isNonEmpty(out)) throw new Error("a group without candidates")
  return out
}
