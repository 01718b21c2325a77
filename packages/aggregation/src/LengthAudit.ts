/** Whether judges prefer the longer answer, also given labels, with bootstrap intervals over groups. */
import type { Seed } from "@consortium/core/Seed"
import { sigmoid } from "./internal/linear.js"
import { type Rows, rowsOf, forPairs } from "./internal/labelled.js"
import { bootstrap, type Interval, ofRatio } from "./Interval.js"
import type { Votes } from "./Votes.js"

export interface Length {
  readonly judge: string
  /** Pairs of different lengths on which the judge preferred one. */
  readonly pairs: number
  /** The share of those in which it preferred the longer. */
  readonly longer: Interval
  /** Log-odds for each doubling of length in a logistic model that also knows the label, if there is one. */
  readonly coefficient: Interval
  /** Whether the coefficient is above 1, which is worth a warning. */
  readonly suspicious: boolean
}

const limits = { steps: 25, ridge: 0.01, enough: 1e-8, warnAbove: 1, draws: 400 } as const

/** σ(β · log2 ratio + γ · label): β by Newton's method with a slight ridge. */
const coefficientOf = (
  ratio: Float64Array,
  label: Float64Array,
  preference: Float64Array,
  weight: (row: number) => number
): number => {
  let beta = 0
  let gamma = 0
  for (let step = 0; step < limits.steps; step++) {
    let [gb, gg] = [-limits.ridge * beta, -limits.ridge * gamma]
    let [bb, bg, gammaCurve] = [limits.ridge as number, 0, limits.ridge as number]
    for (let row = 0; row < ratio.length; row++) {
      const w = weight(row)
      if (w === 0) continue
      const [r, l] = [ratio[row] as number, label[row] as number]
      const p = sigmoid(beta * r + gamma * l)
      const error = w * ((preference[row] as number) - p)
      const curve = w * p * (1 - p)
      gb += error * r
      gg += error * l
      bb += curve * r * r
      bg += curve * r * l
      gammaCurve += curve * l * l
    }
    const det = bb * gammaCurve - bg * bg
    const db = Math.min(2, Math.max(-2, (gb * gammaCurve - gg * bg) / det))
    const dg = Math.min(2, Math.max(-2, (gg * bb - gb * bg) / det))
    beta += db
    gamma += dg
    if (Math.abs(db) + Math.abs(dg) < limits.enough) break
  }
  return beta
}

const ratiosOf = (votes: Votes, lengths: ArrayLike<number>, rows: number): Float64Array => {
  const out = new Float64Array(rows)
  let row = 0
  forPairs(votes, (group, a, b) => {
    const start = votes.starts[group] as number
    out[row++] = Math.log2(Math.max(1, lengths[start + a] as number) / Math.max(1, lengths[start + b] as number))
  })
  return out
}

const auditOne = (votes: Votes, j: number, all: Rows, ratios: Float64Array, seed: Seed): Length => {
  const judges = votes.judges.length
  const judge = votes.judges[j] as string
  const groups = votes.starts.length - 1
  const spoke = Array.from({ length: all.rows }, (_, row) => row).filter(
    (row) => all.said[row * judges + j] === 1 && ratios[row] !== 0
  )
  const longer = new Float64Array(groups)
  const decided = new Float64Array(groups)
  for (const row of spoke) {
    const x = all.x[row * judges + j] as number
    if (x === 0) continue
    const group = all.group[row] as number
    decided[group] = (decided[group] as number) + 1
    if (x > 0 === (ratios[row] as number) > 0) longer[group] = (longer[group] as number) + 1
  }
  const ratio = Float64Array.from(spoke, (row) => ratios[row] as number)
  const label = Float64Array.from(spoke, (row) => 2 * (all.y[row] as number) - 1)
  const preference = Float64Array.from(spoke, (row) => ((all.x[row * judges + j] as number) + 1) / 2)
  const groupOf = Uint32Array.from(spoke, (row) => all.group[row] as number)
  const coefficient = bootstrap(
    groups,
    (counts) => coefficientOf(ratio, label, preference, (row) => counts[groupOf[row] as number] as number),
    { seed, word: `length ${judge}`, draws: limits.draws }
  )
  return {
    judge,
    pairs: decided.reduce((sum, count) => sum + count, 0),
    longer: ofRatio(longer, decided, { seed, word: `longer ${judge}` }),
    coefficient,
    suspicious: coefficient.value > limits.warnAbove
  }
}

/** The audit of each judge. @param lengths of all candidates, laid out as `votes.candidates` */
export const audit = (votes: Votes, lengths: ArrayLike<number>, seed: Seed): ReadonlyArray<Length> => {
  const all = rowsOf(votes, false)
  const ratios = ratiosOf(votes, lengths, all.rows)
  return votes.judges.map((_, j) => auditOne(votes, j, all, ratios, seed))
}
