/** Kendall's tau of two rankings and W of many. Sources: Kendall 1945 (tau-b), Kendall & Smith 1939 (W). */

/** Average ranks of scores, 1 for the highest; equal ones share. */
export const ranks = (scores: ArrayLike<number>): Float64Array => {
  const order = Array.from(scores, (_, at) => at).sort((a, b) => (scores[b] as number) - (scores[a] as number))
  const out = new Float64Array(scores.length)
  for (let from = 0; from < order.length; ) {
    let to = from + 1
    while (to < order.length && scores[order[to] as number] === scores[order[from] as number]) to++
    for (let at = from; at < to; at++) out[order[at] as number] = (from + 1 + to) / 2
    from = to
  }
  return out
}

/** Tau-b of two score lists, −1 to 1, ties corrected for; NaN where one has nothing but ties. */
export const tau = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let both = 0
  let untiedA = 0
  let untiedB = 0
  for (let i = 0; i < a.length; i++) {
    for (let k = i + 1; k < a.length; k++) {
      const x = Math.sign((a[i] as number) - (a[k] as number))
      const y = Math.sign((b[i] as number) - (b[k] as number))
      both += x * y
      untiedA += x * x
      untiedB += y * y
    }
  }
  return both / Math.sqrt(untiedA * untiedB)
}

/** W of several score lists over the same things, 0 to 1, ties corrected for; NaN where all are nothing but ties. */
export const w = (lists: ReadonlyArray<ArrayLike<number>>): number => {
  const m = lists.length
  const n = lists[0]?.length ?? 0
  const sums = new Float64Array(n)
  let ties = 0
  for (const list of lists) {
    const mine = ranks(list)
    const counts = new Map<number, number>()
    for (let i = 0; i < n; i++) {
      sums[i] = (sums[i] as number) + (mine[i] as number)
      counts.set(mine[i] as number, (counts.get(mine[i] as number) ?? 0) + 1)
    }
    for (const count of counts.values()) ties += count ** 3 - count
  }
  const mean = (m * (n + 1)) / 2
  const spread = sums.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return (12 * spread) / (m * m * (n ** 3 - n) - m * ties)
}
