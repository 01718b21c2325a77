/** Judges against labels: pairs that the truth decides, one row each. */
import type { Votes } from "../Votes.js"

/** Calls `each` with both candidates of every pair `a < b` of every group, and where their cells stand. */
export const forPairs = (
  votes: Votes,
  each: (group: number, a: number, b: number, n: number, truthCell: number) => void
): void => {
  for (let g = 0; g + 1 < votes.starts.length; g++) {
    const n = (votes.starts[g + 1] as number) - (votes.starts[g] as number)
    const block = votes.blocks[g] as number
    for (let a = 0; a < n; a++) for (let b = a + 1; b < n; b++) each(g, a, b, n, block + a * n + b)
  }
}

/** Where a judge's verdict on the pair stands in `preference` and `heard`. */
export const cellOf = (votes: Votes, group: number, judge: number, n: number, truthCell: number): number => {
  const block = votes.blocks[group] as number
  return votes.judges.length * block + judge * n * n + (truthCell - block)
}

export interface Rows {
  /** `rows × judges`: 2 preference − 1, 0 for no verdict. */
  readonly x: Float64Array
  /** Whether a judge gave a verdict. */
  readonly said: Uint8Array
  /** 1 where the first is right, 0 where the second is, 0.5 for undecided (none with `decidedOnly`). */
  readonly y: Float64Array
  readonly rows: number
  readonly group: Uint32Array
}

/** All pairs, or the decided ones, as rows. */
export const rowsOf = (votes: Votes, decidedOnly: boolean): Rows => {
  const judges = votes.judges.length
  let rows = 0
  forPairs(votes, (_, __, ___, ____, cell) => {
    if (!decidedOnly || votes.truth[cell] !== 0.5) rows++
  })
  const out = {
    x: new Float64Array(rows * judges),
    said: new Uint8Array(rows * judges),
    y: new Float64Array(rows),
    group: new Uint32Array(rows),
    rows
  }
  let row = 0
  forPairs(votes, (group, _, __, n, truthCell) => {
    if (decidedOnly && votes.truth[truthCell] === 0.5) return
    out.y[row] = votes.truth[truthCell] as number
    out.group[row] = group
    for (let j = 0; j < judges; j++) {
      const cell = cellOf(votes, group, j, n, truthCell)
      if (votes.heard[cell] === 0) continue
      out.x[row * judges + j] = 2 * (votes.preference[cell] as number) - 1
      out.said[row * judges + j] = 1
    }
    row++
  })
  return out
}

/** How often each judge agreed with the decided pairs that it spoke on; both directions of a pair count, a tie for half. */
export const accuracies = (votes: Votes): ReadonlyArray<{ readonly right: number; readonly pairs: number }> => {
  const { x, said, y, rows } = rowsOf(votes, true)
  const judges = votes.judges.length
  return votes.judges.map((_, j) => {
    let right = 0
    let pairs = 0
    for (let row = 0; row < rows; row++) {
      if (said[row * judges + j] === 0) continue
      pairs += 2
      right += 2 - 2 * Math.abs(((x[row * judges + j] as number) + 1) / 2 - (y[row] as number))
    }
    return { right, pairs }
  })
}
