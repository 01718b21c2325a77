/** One group of candidates and what each judge said of them, wherever in shared arrays its numbers stand. */
import type { Pooled } from "../Pairs.js"

export interface Group {
  n: number
  judges: number
  /** Where the group's `judges × n × n` blocks begin. */
  at: number
  readonly preference: Float64Array
  readonly heard: Uint16Array
  /** Each judge's weight, 0 or above. */
  readonly weights: Float64Array
  orders: number
  /** Where the group's orders begin in `judgeOf`, and their levels in `levels`. */
  firstOrder: number
  levelsAt: number
  readonly judgeOf: Uint16Array
  readonly levels: Int16Array
}

/** A rule: writes a score of each candidate, 0 to 1, to `out` from `to`. */
export type Scorer = (group: Group, out: Float64Array, to: number) => void

/** Adds one order to a judge's block: `levels` has a tier for each candidate, -1 for no verdict. */
export const addOrder = (
  preference: Float64Array,
  heard: Uint16Array,
  at: number,
  n: number,
  levels: Int16Array,
  from: number
): void => {
  for (let a = 0; a < n; a++) {
    const mine = levels[from + a] as number
    if (mine < 0) continue
    for (let b = a + 1; b < n; b++) {
      const other = levels[from + b] as number
      if (other < 0) continue
      const ab = at + a * n + b
      const ba = at + b * n + a
      const won = mine < other ? 1 : mine === other ? 0.5 : 0
      preference[ab] = (preference[ab] as number) + won
      preference[ba] = (preference[ba] as number) + 1 - won
      heard[ab] = (heard[ab] as number) + 1
      heard[ba] = (heard[ba] as number) + 1
    }
  }
}

/** Sums of passes become means. */
export const average = (preference: Float64Array, heard: Uint16Array): void => {
  for (let at = 0; at < preference.length; at++) {
    const passes = heard[at] as number
    if (passes > 1) preference[at] = (preference[at] as number) / passes
  }
}

/** Room for one group's pooled preferences, to be used again and again. */
export const emptyPool = (n: number): Pooled => ({
  n,
  preference: new Float64Array(n * n),
  weight: new Float64Array(n * n)
})

const close = 1e-9

/**
 * The weighted mean over judges. With `verdicts` each judge's mean counts as one vote for whom it prefers, so that
 * narrow and clear preferences weigh the same.
 */
export const pool = (group: Group, pooled: Pooled, verdicts = false): Pooled => {
  const { preference, heard, weights, at } = group
  const cells = group.n * group.n
  const sum = pooled.preference
  const { weight } = pooled
  sum.fill(0)
  weight.fill(0)
  for (let j = 0; j < group.judges; j++) {
    const w = weights[j] as number
    if (w === 0) continue
    const block = at + j * cells
    for (let cell = 0; cell < cells; cell++) {
      if (heard[block + cell] === 0) continue
      const p = preference[block + cell] as number
      sum[cell] = (sum[cell] as number) + w * (verdicts ? (p > 0.5 + close ? 1 : p < 0.5 - close ? 0 : 0.5) : p)
      weight[cell] = (weight[cell] as number) + w
    }
  }
  for (let cell = 0; cell < cells; cell++) {
    sum[cell] = weight[cell] === 0 ? 0.5 : (sum[cell] as number) / (weight[cell] as number)
  }
  return pooled
}

/** A thing for each number of candidates, made when it is first needed: scratch space that groups share. */
export const bySize = <A>(make: (n: number) => A): ((n: number) => A) => {
  const made: Array<A | undefined> = []
  return (n) => (made[n] ??= make(n))
}
