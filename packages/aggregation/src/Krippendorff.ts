/**
 * Krippendorff's alpha: agreement of any number of coders, with gaps, beyond what chance gives. Source: Krippendorff
 * 2011, "Computing Krippendorff's Alpha-Reliability" (coincidences; nominal, ordinal and interval differences).
 */

export type Metric = "nominal" | "ordinal" | "interval"

interface Coincidences {
  readonly values: ReadonlyArray<number>
  /** `values × values`. */
  readonly counts: Float64Array
  readonly totals: Float64Array
}

const coincidencesOf = (units: ReadonlyArray<ReadonlyArray<number | null>>): Coincidences => {
  const spoken = units.map((unit) => unit.filter((value) => value !== null)).filter((unit) => unit.length > 1)
  const values = [...new Set(spoken.flat())].sort((a, b) => a - b)
  const place = new Map(values.map((value, at) => [value, at]))
  const size = values.length
  const counts = new Float64Array(size * size)
  for (const unit of spoken) {
    for (const [i, a] of unit.entries()) {
      for (const [k, b] of unit.entries()) {
        if (i === k) continue
        const at = (place.get(a) ?? 0) * size + (place.get(b) ?? 0)
        counts[at] = (counts[at] as number) + 1 / (unit.length - 1)
      }
    }
  }
  const totals = Float64Array.from(values, (_, a) =>
    counts.subarray(a * size, (a + 1) * size).reduce((x, y) => x + y, 0)
  )
  return { values, counts, totals }
}

const difference = ({ values, totals }: Coincidences, metric: Metric, a: number, b: number): number => {
  if (a === b) return 0
  if (metric === "nominal") return 1
  if (metric === "interval") return ((values[a] as number) - (values[b] as number)) ** 2
  const [low, high] = a < b ? [a, b] : [b, a]
  let between = -((totals[low] as number) + (totals[high] as number)) / 2
  for (let at = low; at <= high; at++) between += totals[at] as number
  return between ** 2
}

/**
 * Alpha, at most 1; 0 is chance. @param units one row for each thing coded, one value for each coder, null for a gap.
 * NaN where nothing was coded twice or all values are the same.
 */
export const alpha = (units: ReadonlyArray<ReadonlyArray<number | null>>, metric: Metric = "nominal"): number => {
  const all = coincidencesOf(units)
  const size = all.values.length
  const total = all.totals.reduce((sum, count) => sum + count, 0)
  let observed = 0
  let expected = 0
  for (let a = 0; a < size; a++) {
    for (let b = a + 1; b < size; b++) {
      const distance = difference(all, metric, a, b)
      observed += (all.counts[a * size + b] as number) * distance
      expected += (all.totals[a] as number) * (all.totals[b] as number) * distance
    }
  }
  return 1 - ((total - 1) * observed) / expected
}
