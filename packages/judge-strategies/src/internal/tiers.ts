/** From numbers to an order with ties. */
import type { Label } from "@consortium/core/Ids"

/** Labels by their score, highest first; equal scores share a tier. */
export const tiersOf = (
  labels: ReadonlyArray<Label>,
  score: (label: Label) => number
): ReadonlyArray<ReadonlyArray<Label>> => {
  const byScore = new Map<number, Array<Label>>()
  for (const label of labels) {
    const at = score(label)
    const tier = byScore.get(at)
    if (tier === undefined) byScore.set(at, [label])
    else tier.push(label)
  }
  return [...byScore].sort(([a], [b]) => b - a).map(([, tier]) => tier)
}
