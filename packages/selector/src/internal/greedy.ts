/** One selection in progress: the collection's sum, and the next row that is least like it. */
import type { VectorRows } from "@consortium/core/EmbeddingMatrix"
import type { Pick, Stopped, StopRule } from "@consortium/core/Selection"
import * as Effect from "effect/Effect"
import { Dots } from "./dots.js"
import { makePace, type Pace, slice } from "./pace.js"
import { add, cosineOf, dot } from "./score.js"

/** What there is to choose from, in memory or not. */
export interface Rows {
  readonly matrix: VectorRows
  readonly earlier?: Uint32Array
}

export interface Rules {
  readonly stop: StopRule
  /** The first row where nothing is collected yet. */
  readonly first: number | "typical"
  readonly guard: number | undefined
}

export interface Ended {
  readonly stopped: Stopped
  readonly nextCosine?: number
}

/** A row that can still be chosen, one that is in the collection, one that a chosen row stands for. */
const open = 0
const taken = 1
const guarded = 2

/** `dot` of `s` with each row, into `out`, in slices that can be interrupted. */
const scoreAll = Effect.fnUntraced(function* (
  s: Float64Array,
  of: VectorRows,
  out: Float64Array,
  pace: Pace = makePace()
): Effect.fn.Return<void> {
  const dimension = s.length
  const rows = out.length
  const step = Math.max(1, Math.floor(slice / dimension / 4))
  for (let from = 0; from < rows; from += step) {
    const to = Math.min(rows, from + step)
    for (let row = from; row < to; row++) out[row] = dot(s, of.row(row), 0)
    const rest = pace((to - from) * dimension)
    if (rest !== undefined) yield* rest
  }
})

/**
 * Of some rows, rising, the one with the largest dot product with the mean of all, the lowest of equal ones.
 * @param among @default all
 */
export const typical = Effect.fnUntraced(function* (of: VectorRows, among?: Uint32Array): Effect.fn.Return<number> {
  const { rows, space } = of
  const pace = makePace()
  const mean = new Float64Array(space.dimension)
  for (let row = 0; row < rows; row++) {
    add(mean, of.row(row), 0)
    const rest = pace(space.dimension)
    if (rest !== undefined) yield* rest
  }
  for (let j = 0; j < mean.length; j++) mean[j] = (mean[j] as number) / rows
  let best = among?.[0] ?? 0
  let high = -Infinity
  for (let k = 0; k < (among?.length ?? rows); k++) {
    const row = among?.[k] ?? k
    const score = dot(mean, of.row(row), 0)
    if (score > high) {
      high = score
      best = row
    }
    const rest = pace(space.dimension)
    if (rest !== undefined) yield* rest
  }
  return best
})

/** The open row with the lowest score, the first of equal ones; -1 where none is open. */
const lowest = (scores: Float64Array, state: Uint8Array): number => {
  let best = -1
  let low = Infinity
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row] as number
    if (state[row] === open && score < low) {
      low = score
      best = row
    }
  }
  return best
}

/**
 * A collection that grows; `next` answers with a pick until it has ended.
 * @param isCompiled whether rows are copied to where the kernels score them, the same bits: for few rows
 */
export const start = (pool: Rows, rules: Rules, isCompiled: boolean) => {
  const { matrix } = pool
  const { rows } = matrix
  const { dimension } = matrix.space
  const { stop, guard } = rules
  const state = new Uint8Array(rows)
  const sum = new Float64Array(dimension)
  const scores = new Float64Array(rows)
  const collected: Array<number> = []
  const one = new Float64Array(dimension)
  const pace = makePace()
  const whole = isCompiled ? Dots.whole(matrix) : undefined
  let picks = 0
  let covered = 0

  const take = (row: number): void => {
    state[row] = taken
    collected.push(row)
    add(sum, matrix.row(row), 0)
  }
  for (const row of pool.earlier ?? []) take(row)

  const isCovered = (row: number): boolean => {
    if (guard === undefined) return false
    one.set(matrix.row(row))
    return collected.some((other) => cosineOf(dot(one, matrix.row(other), 0), 1) > guard)
  }

  /** The least similar row that no chosen one stands for. */
  const candidate = Effect.fnUntraced(function* (): Effect.fn.Return<number> {
    if (whole === undefined) yield* scoreAll(sum, matrix, scores, pace)
    else {
      scores.set(whole.of(sum))
      const rest = pace(rows * dimension)
      if (rest !== undefined) yield* rest
    }
    let row = lowest(scores, state)
    while (row >= 0 && isCovered(row)) {
      state[row] = guarded
      covered++
      const rest = pace(rows + collected.length * dimension)
      if (rest !== undefined) yield* rest
      row = lowest(scores, state)
    }
    return row
  })

  const picked = (row: number, cosine: number | undefined): Pick => {
    take(row)
    picks++
    return { row, id: matrix.ids[row] as Pick["id"], cosine }
  }

  const next = Effect.fnUntraced(function* (): Effect.fn.Return<Pick | Ended> {
    if (picks === stop.targetSize) return { stopped: "target" }
    if (collected.length === 0)
      return picked(rules.first === "typical" ? yield* typical(matrix) : rules.first, undefined)
    if (collected.length + covered === rows) return { stopped: covered > 0 ? "guarded" : "exhausted" }
    const length = Math.sqrt(dot(sum, sum, 0))
    const row = yield* candidate()
    if (row < 0) return { stopped: "guarded" }
    // The collection cancels itself out: it has no direction, so neither a cosine nor a tripwire has a meaning.
    if (length < 1e-9 * collected.length) return picked(row, undefined)
    const cosine = cosineOf(scores[row] as number, length)
    if (stop.tripwire !== undefined && cosine > stop.tripwire) return { stopped: "tripwire", nextCosine: cosine }
    return picked(row, cosine)
  })
  return { next }
}
