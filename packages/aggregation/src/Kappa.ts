/** Cohen's kappa of two raters and Fleiss' of many. Sources: Cohen 1960, 1968 (weighted), Fleiss 1971. */

/** How far apart categories are: all alike, by distance, or by its square. Categories are in the order of their values. */
export type Weighting = "none" | "linear" | "quadratic"

/** Kappa of two lists of categories over the same things, at most 1; 0 is chance; NaN where both only say one thing. */
export const cohen = (a: ReadonlyArray<number>, b: ReadonlyArray<number>, weighting: Weighting = "none"): number => {
  const values = [...new Set([...a, ...b])].sort((x, y) => x - y)
  const place = new Map(values.map((value, at) => [value, at]))
  const far = (x: number, y: number): number => {
    const distance = Math.abs(x - y)
    return weighting === "none" ? (distance === 0 ? 0 : 1) : weighting === "linear" ? distance : distance * distance
  }
  const placesA = a.map((value) => place.get(value) ?? 0)
  const placesB = b.map((value) => place.get(value) ?? 0)
  const countsA = new Float64Array(values.length)
  const countsB = new Float64Array(values.length)
  let observed = 0
  for (const [i, x] of placesA.entries()) {
    const y = placesB[i] as number
    observed += far(x, y)
    countsA[x] = (countsA[x] as number) + 1
    countsB[y] = (countsB[y] as number) + 1
  }
  let expected = 0
  for (let x = 0; x < values.length; x++) {
    for (let y = 0; y < values.length; y++) expected += far(x, y) * (countsA[x] as number) * (countsB[y] as number)
  }
  return 1 - (observed * a.length) / expected
}

/** Kappa of many raters. @param counts for each thing, how many raters chose each category; as many raters for each */
export const fleiss = (counts: ReadonlyArray<ReadonlyArray<number>>): number => {
  const raters = counts[0]?.reduce((sum, count) => sum + count, 0) ?? 0
  const categories = counts[0]?.length ?? 0
  const shares = new Float64Array(categories)
  let agreement = 0
  for (const row of counts) {
    let same = 0
    for (const [category, count] of row.entries()) {
      same += count * (count - 1)
      shares[category] = (shares[category] as number) + count / (raters * counts.length)
    }
    agreement += same / (raters * (raters - 1) * counts.length)
  }
  const chance = shares.reduce((sum, share) => sum + share * share, 0)
  return (agreement - chance) / (1 - chance)
}
