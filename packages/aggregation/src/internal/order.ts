/** The order of places: acceptable first, then score, then ties by duels, first places, the heaviest judge, the sheet. */
import { isNonEmpty, type NonEmpty } from "@consortium/core/NonEmpty"
import { duel, tieBand } from "../Copeland.js"
import { firsts, ownScores, type Pairs, type Pooled } from "../Pairs.js"

/** The weight of the judges that put each label first, shared where several are tied there. */
const firstWeights = (pairs: Pairs): Float64Array => {
  const out = new Float64Array(pairs.labels.length)
  for (let judge = 0; judge < pairs.judges.length; judge++) {
    const first = firsts(pairs, judge)
    const share = (pairs.weights[judge] as number) / first.filter(Boolean).length
    for (let a = 0; a < out.length; a++) if (first[a]) out[a] = (out[a] as number) + share
  }
  return out
}

/** The scores of the one judge that weighs most; all equal where no single one does. */
const heaviestScores = (pairs: Pairs): Float64Array => {
  const most = pairs.weights.reduce((high, weight) => Math.max(high, weight), 0)
  const heaviest = pairs.weights.indexOf(most)
  return heaviest >= 0 && heaviest === pairs.weights.lastIndexOf(most)
    ? ownScores(pairs, heaviest)
    : new Float64Array(pairs.labels.length)
}

/** Higher first; differences of rounding are none. */
const byKey = (key: ArrayLike<number>) => (a: number, b: number): number => {
  const difference = (key[b] as number) - (key[a] as number)
  return Math.abs(difference) < 1e-9 ? 0 : difference
}

/** Sorts a group whose scores are as good as equal. */
const untie = (group: ReadonlyArray<number>, pooled: Pooled, keys: ReadonlyArray<ArrayLike<number>>): ReadonlyArray<number> => {
  const duels = new Float64Array(pooled.n)
  for (const a of group) for (const b of group) if (a !== b) duels[a] = (duels[a] as number) + duel(pooled, a, b)
  return [...group].sort((a, b) => {
    for (const key of [duels, ...keys]) {
      const order = byKey(key)(a, b)
      if (order !== 0) return order
    }
    return a - b
  })
}

/** Indices of labels, best first. */
export const orderOf = (
  pairs: Pairs,
  pooled: Pooled,
  scores: Float64Array,
  acceptable: ReadonlyArray<boolean>
): NonEmpty<number> => {
  const { n } = pooled
  // What a tie in one pair can make of the mean over n − 1 pairs, on both sides.
  const band = (2 * tieBand) / Math.max(1, n - 1) + 1e-9
  const keys = [firstWeights(pairs), heaviestScores(pairs)]
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
  if (!isNonEmpty(out)) throw new Error("a sheet without labels")
  return out
}
