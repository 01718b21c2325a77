/** How close scores come to what people preferred. */
import type { Item } from "./recording.js"

const close = 1e-9

/** How a candidate did with people: its mean share of the votes over the pairs that had any. */
const standings = (item: Item): ReadonlyArray<number> => {
  const sum = item.candidates.map(() => ({ share: 0, pairs: 0 }))
  for (const [a, b, forA, forB, ties] of item.truth.pairs) {
    const votes = forA + forB + ties
    const [one, other] = [sum[a], sum[b]]
    if (votes === 0 || one === undefined || other === undefined) continue
    one.share += (forA + ties / 2) / votes
    other.share += (forB + ties / 2) / votes
    one.pairs++
    other.pairs++
  }
  return sum.map(({ share, pairs }) => (pairs === 0 ? 0 : share / pairs))
}

/** The share of a prompt's decided pairs on which scores side with the majority; equal scores are half right. */
const accuracyOf = (item: Item, scores: ReadonlyArray<number>): number | undefined => {
  const right = item.truth.pairs.flatMap(([a, b, forA, forB]) => {
    if (forA === forB) return []
    const lead = ((scores[a] ?? 0) - (scores[b] ?? 0)) * Math.sign(forA - forB)
    return [lead > close ? 1 : lead < -close ? 0 : 0.5]
  })
  return right.length === 0 ? undefined : mean(right)
}

/** What people would have had more of with the best candidate than with the top one; tops that are tied share. */
const regretOf = (item: Item, scores: ReadonlyArray<number>): number => {
  const good = standings(item)
  const top = Math.max(...scores)
  return Math.max(...good) - mean(good.filter((_, at) => (scores[at] ?? 0) >= top - close))
}

export const mean = (numbers: ReadonlyArray<number>): number =>
  numbers.reduce((sum, one) => sum + one, 0) / numbers.length

export interface Measured {
  readonly accuracy: number
  readonly regret: number
}

/** Means over prompts. @param scoresOf one number for each candidate of an item, higher for better */
export const measure = (items: ReadonlyArray<Item>, scoresOf: (item: Item) => ReadonlyArray<number>): Measured => ({
  accuracy: mean(items.flatMap((item) => accuracyOf(item, scoresOf(item)) ?? [])),
  regret: mean(items.map((item) => regretOf(item, scoresOf(item))))
})
