/**
 * How many independent votes a panel is worth: judges that err together are fewer than they seem. Source: Kish 1965's
 * design effect, votes = J / (1 + (J − 1) ρ), with ρ the mean correlation of the judges' errors on labelled pairs.
 */
import { rowsOf } from "./internal/labelled.js"
import type { Votes } from "./Votes.js"

export interface EffectiveVotes {
  readonly judges: number
  /** The mean correlation of errors over pairs of judges; NaN where it can't be told. */
  readonly correlation: number
  /** 1 to the number of judges; NaN where it can't be told. */
  readonly votes: number
  /** What one judge counts for, for the option `effectiveVotes`: at most 1. */
  readonly perJudge: number
  /** Decided pairs on which every judge spoke; the others are left out. */
  readonly pairs: number
}

const correlation = (a: Float64Array, b: Float64Array): number => {
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [ma, mb] = [mean(a), mean(b)]
  let ab = 0
  let aa = 0
  let bb = 0
  for (let i = 0; i < a.length; i++) {
    const da = (a[i] as number) - ma
    const db = (b[i] as number) - mb
    ab += da * db
    aa += da * da
    bb += db * db
  }
  return ab / Math.sqrt(aa * bb)
}

/** Measures it on the groups' truth. Judges that never or always err have no correlation and are left out of ρ. */
export const measure = (votes: Votes): EffectiveVotes => {
  const judges = votes.judges.length
  const { x, said, y, rows } = rowsOf(votes, true)
  const whole = Array.from({ length: rows }, (_, row) => row).filter((row) =>
    said.subarray(row * judges, (row + 1) * judges).every((one) => one === 1)
  )
  const errors = votes.judges.map((_, j) =>
    Float64Array.from(whole, (row) => Math.abs(((x[row * judges + j] as number) + 1) / 2 - (y[row] as number)))
  )
  let sum = 0
  let count = 0
  for (let a = 0; a < judges; a++) {
    for (let b = a + 1; b < judges; b++) {
      const r = correlation(errors[a] as Float64Array, errors[b] as Float64Array)
      if (Number.isNaN(r)) continue
      sum += r
      count++
    }
  }
  const rho = judges === 1 ? 0 : sum / count
  const effective = Math.min(judges, judges / (1 + (judges - 1) * Math.max(0, rho)))
  return { judges, correlation: rho, votes: effective, perJudge: effective / judges, pairs: whole.length }
}
