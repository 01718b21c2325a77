/** Judges' weights by id: plain numbers, 0 or above; a judge that isn't named weighs 1. */

export type Weights = ReadonlyMap<string, number>

/** Numbers in the order of judges become weights. */
export const of = (judges: ReadonlyArray<string>, weights: ArrayLike<number>): Weights =>
  new Map(judges.map((judge, j) => [judge, weights[j] ?? 1]))

/** The same for all. */
export const equal = (judges: ReadonlyArray<string>): Weights => new Map(judges.map((judge) => [judge, 1]))

/** In the same proportions with another sum; equal where all are 0. */
export const scaled = (weights: Weights, sum: number): Weights => {
  const total = [...weights.values()].reduce((all, weight) => all + usable(weight), 0)
  return new Map(
    [...weights].map(([judge, weight]) => [judge, total === 0 ? sum / weights.size : (sum * usable(weight)) / total])
  )
}

/** What isn't a positive number is 0. */
export const usable = (weight: number): number => (Number.isFinite(weight) && weight > 0 ? weight : 0)

/** In the order of judges. */
export const columns = (judges: ReadonlyArray<string>, weights: Weights | undefined): Float64Array =>
  Float64Array.from(judges, (judge) => usable(weights?.get(judge) ?? 1))
