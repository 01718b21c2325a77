/**
 * Judge weights from labels: logistic stacking with weights of at least 0 and a ridge towards a prior. It sees which
 * judges repeat each other, and needs 20 to 40 labelled groups. Source: Wolpert 1992 for stacking, Breiman 1996 for
 * weights of at least 0; the optimum by coordinate descent on a quadratic bound of the loss (Böhning & Lindsay 1988).
 */
import { sigmoid } from "./internal/linear.js"
import { type Rows, rowsOf } from "./internal/labelled.js"
import type { Votes } from "./Votes.js"
import { columns, equal, of, scaled, type Weights } from "./Weights.js"

export interface Options {
  /** How strongly weights are drawn to the prior. @default 3 */
  readonly ridge?: number
  /** Where weights come from without labels, e.g. flip-rate weights with the sum 1.5. @default equal, with the sum 1 */
  readonly prior?: Weights
}

export const defaults = { ridge: 3 } as const

const limits = { sweeps: 5000, enough: 1e-10 } as const

const descend = ({ x, y, rows }: Rows, prior: Float64Array, ridge: number): Float64Array => {
  const judges = prior.length
  const weights = prior.slice()
  const margin = new Float64Array(rows)
  const bound = new Float64Array(judges).fill(ridge)
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < judges; j++) {
      const value = x[row * judges + j] as number
      margin[row] = (margin[row] as number) + value * (weights[j] as number)
      bound[j] = (bound[j] as number) + (value * value) / 4
    }
  }
  for (let sweep = 0; sweep < limits.sweeps; sweep++) {
    let moved = 0
    for (let j = 0; j < judges; j++) {
      const before = weights[j] as number
      let pull = -ridge * (before - (prior[j] as number))
      for (let row = 0; row < rows; row++) {
        const value = x[row * judges + j] as number
        if (value !== 0) pull += value * ((y[row] as number) - sigmoid(margin[row] as number))
      }
      const after = Math.max(0, before + pull / (bound[j] as number))
      if (after === before) continue
      weights[j] = after
      for (let row = 0; row < rows; row++) {
        margin[row] = (margin[row] as number) + (after - before) * (x[row * judges + j] as number)
      }
      moved = Math.max(moved, Math.abs(after - before))
    }
    if (moved < limits.enough) break
  }
  return weights
}

/** Weights for the rule `log-odds`, from the groups' truth; the prior where there is none. */
export const weights = (votes: Votes, options: Options = {}): Weights => {
  const { ridge } = { ...defaults, ...options }
  const prior = columns(votes.judges, options.prior ?? scaled(equal(votes.judges), 1))
  return of(votes.judges, descend(rowsOf(votes, true), prior, ridge))
}
