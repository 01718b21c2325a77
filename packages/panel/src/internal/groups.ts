/** Heats for more candidates than a judge can hold in mind, and who goes on to the final. */
import type { Label } from "@consortium/core/Ids"
import type { Vote } from "@consortium/core/Judge"
import * as Result from "effect/Result"

/** As many groups as are needed, of sizes that differ by one at most, in the order given. */
export const groupsOf = (labels: ReadonlyArray<Label>, size: number): ReadonlyArray<ReadonlyArray<Label>> => {
  const count = Math.ceil(labels.length / size)
  return Array.from({ length: count }, (_, group) =>
    labels.slice(Math.floor((group * labels.length) / count), Math.floor(((group + 1) * labels.length) / count))
  )
}

const seats = 2

/** The best two of a heat, all of a tier that is cut by the second place, and nobody of a heat without a verdict. */
export const finalists = ({ outcome }: Vote): ReadonlyArray<Label> => {
  if (Result.isFailure(outcome)) return []
  const best: Array<Label> = []
  for (const tier of outcome.success.tiers) {
    if (best.length >= seats) break
    best.push(...tier)
  }
  return best
}
