/**
 * What rules rows out of a run of guessed steps: the steps halved again and again, each span between two aims at which a
 * row's lower bounds are known. For a step between them the sum's direction is u = a·ua + c·uc + r with a, c ≥ 0, so that
 * a row's cosine is at least a·lowA + c·lowC − |r|.
 */
import type { Directions } from "./directions.js"
import { betweenOf } from "./direction.js"

/** Beside |r|: what the cosines that it comes from can be wrong by, and a little for float32. */
const slack = 2.7e-6

export interface Tree {
  /**
   * Of each step, the span whose middle it is: where its groups of four begin, how many there are, and above what both
   * bounds rule a row out of all its steps.
   */
  readonly nodes: ReadonlyArray<readonly [group: number, groups: number, quick: number]>
  /** Groups of four steps: a, a, a, a, c, c, c, c, then what a·lowA + c·lowC has to be above. */
  readonly groups: Float32Array
  /** Rows with both bounds above it are ruled out of all steps of the run. */
  readonly quick: number
}

/** The numbers of all groups of a run, at most. */
export const groupNumbers = (steps: number): number =>
  12 * (Math.ceil((steps * (Math.ceil(Math.log2(steps + 1)) + 1)) / 4) + steps)

/** Above every bound's part. */
const nothing = -1e30

/**
 * @param directions the run's first aim at 0, its steps' from 1 on, its end behind them
 * @param most of each step, the cosine that a row's has to be above
 */
export const treeOf = (directions: Directions, most: ReadonlyArray<number>): Tree => {
  const steps = most.length
  const groups = new Float32Array(groupNumbers(steps))
  const nodes: Array<readonly [number, number, number]> = Array.from({ length: steps }, () => [0, 0, 0] as const)
  let next = 0

  const span = (from: number, to: number, first: number, end: number): number => {
    if (from >= to) return -Infinity
    const middle = (from + to) >> 1
    let quick = -Infinity
    const toFirst = directions.dots(first, from + 1, to + 1).slice()
    const toEnd = directions.dots(end, from + 1, to + 1).slice()
    const [cosine = 1] = directions.dots(first, end, end + 1)
    const count = Math.ceil((to - from) / 4)
    const group = next
    next += count
    for (let k = 0; k < count * 4; k++) {
      const at = (group + (k >> 2)) * 12 + (k & 3)
      const step = from + k
      if (step >= to) {
        groups[at] = 1
        groups[at + 8] = nothing
        continue
      }
      const { a, c, rest } = betweenOf(toFirst[k] as number, toEnd[k] as number, cosine)
      const limit = (most[step] as number) + rest + slack
      groups[at] = a
      groups[at + 4] = c
      groups[at + 8] = limit
      // Both bounds above q mean a·lowA + c·lowC > limit wherever (a + c)·q is.
      quick = Math.max(quick, a + c > 0 ? limit / (a + c) : Infinity)
    }
    nodes[middle] = [group, count, quick + 1e-6]
    span(from, middle, first, middle + 1)
    span(middle + 1, to, middle + 1, end)
    return quick + 1e-6
  }
  const quick = span(0, steps, 0, steps + 1)
  return { nodes, groups, quick }
}
