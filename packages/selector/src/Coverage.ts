/** How well a selection stands for the whole pool, beside a random draw of the same size; and why a pick is in it. */
import type { EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import { Seed } from "@consortium/core/Seed"
import { type Pick, pickAt, type Selection } from "@consortium/core/Selection"
import * as Effect from "effect/Effect"
import { Dots } from "./internal/dots.js"
import { makePace } from "./internal/pace.js"
import { sample } from "./internal/sample.js"
import { cosineOf } from "./internal/score.js"
import { vendi } from "./internal/spectrum.js"

export interface Options {
  /** Of the random draw, and of the samples above `work`. @default 0 */
  readonly seed?: Seed
  /**
   * Multiplications for a comparison of picks with rows; where all would take more, a random sample of the rows (of the
   * picks, for near-duplicates) is measured, of 1,000 at least. @default 10_000_000_000
   */
  readonly work?: number
}

const defaults = { seed: Seed.make(0), work: 1e10 }

const fewestSampled = 1000
/** The Vendi score is that of a random thousand of the picks where both they and the dimension are more than this. */
const mostEigenvalues = 1024

/** What is measured of some picks; distances are those of unit vectors, from 0 to 2. */
export interface Measures {
  readonly picks: number
  /** The largest distance of a row to its nearest pick; infinite without picks. */
  readonly radius: number
  /** The mean cosine of a row to its nearest pick; -1 without picks. */
  readonly meanNearest: number
  /** How many wholly different prompts the picks are worth (Friedman and Dieng 2023): from 1 to their number. */
  readonly vendi: number
  /** How many picks have another one at a higher cosine than .9, and than .98. */
  readonly nearDuplicates: { readonly over90: number; readonly over98: number }
}

/** A selection's measures beside those of a random draw of as many rows, and what they were measured on. */
export interface Report {
  readonly chosen: Measures
  readonly random: Measures
  /** How many rows of the pool were measured: all, unless `isSampled`. */
  readonly rows: number
  /** Then radius is that of the sampled rows (the pool's is no smaller), and the others are estimates. */
  readonly isSampled: boolean
  /** Of how many picks the Vendi score is: all, unless they and the dimension are above 1,024. */
  readonly vendiOf: number
}

/** Which pick stands for which row: the nearest one, the earlier one of equally near ones. */
export interface Assignment {
  /** The rows that were assigned. */
  readonly rows: Uint32Array
  /** For each of them the place of its pick in the selection. */
  readonly to: Uint32Array
  /** And their cosine. */
  readonly cosines: Float64Array
  /** For each pick how many rows it stands for, itself among them. */
  readonly counts: Uint32Array
}

/** Rows and picks: a `Selection` is one. */
export type Chosen = Omit<Selection, "cosines" | "stopped" | "nextCosine">

const allOf = (n: number): Uint32Array => Uint32Array.from({ length: n }, (_, row) => row)

/** The rows to measure: all, or a sample that keeps the work within its limit. */
const measured = (matrix: EmbeddingMatrix, picks: number, options: Options): Uint32Array => {
  const { seed, work } = { ...defaults, ...options }
  const most = Math.max(fewestSampled, Math.floor(work / matrix.space.dimension / Math.max(1, picks)))
  return most >= matrix.rows ? allOf(matrix.rows) : sample(matrix.rows, most, seed, "rows").sort()
}

const assignTo = Effect.fnUntraced(function* (
  { matrix, picks }: Chosen,
  rows: Uint32Array
): Effect.fn.Return<Assignment> {
  const { dimension } = matrix.space
  const pace = makePace()
  const to = new Uint32Array(rows.length)
  const cosines = new Float64Array(rows.length).fill(-Infinity)
  const block = Dots.blockOf(dimension)
  const dots = new Dots(matrix, Math.min(block, rows.length))
  for (let from = 0; from < rows.length; from += block) {
    const some = rows.subarray(from, from + block)
    dots.load(some)
    for (let k = 0; k < picks.length; k++) {
      const near = dots.ofRow(picks[k] as number)
      for (let l = 0; l < near.length; l++) {
        if ((near[l] as number) > (cosines[from + l] as number)) {
          cosines[from + l] = near[l] as number
          to[from + l] = k
        }
      }
      const rest = pace(some.length * dimension)
      if (rest !== undefined) yield* rest
    }
  }
  const counts = new Uint32Array(picks.length)
  for (let k = 0; k < rows.length; k++) {
    cosines[k] = cosineOf(cosines[k] as number, 1)
    if (picks.length > 0) counts[to[k] as number] = (counts[to[k] as number] as number) + 1
  }
  return { rows, to, cosines, counts }
})

/** Which pick stands for each row; for a sample of the rows above `options.work`. */
export const assign = (chosen: Chosen, options: Options = {}): Effect.Effect<Assignment> =>
  Effect.suspend(() => assignTo(chosen, measured(chosen.matrix, chosen.picks.length, options)))

/** How many picks have another one that is nearer than a threshold. */
const nearDuplicates = Effect.fnUntraced(function* ({ matrix, picks }: Chosen, options: Options) {
  const pace = makePace()
  const { seed, work } = { ...defaults, ...options }
  const { dimension } = matrix.space
  const most = Math.max(fewestSampled, Math.floor(work / dimension / Math.max(1, picks.length)))
  const asked = most >= picks.length ? allOf(picks.length) : sample(picks.length, most, seed, "picks")
  const nearest = new Float64Array(asked.length).fill(-1)
  const block = Dots.blockOf(dimension)
  const dots = new Dots(matrix, Math.min(block, picks.length))
  for (let from = 0; from < picks.length; from += block) {
    const some = picks.subarray(from, from + block)
    dots.load(some)
    for (const [k, place] of asked.entries()) {
      const cosines = dots.ofRow(picks[place] as number)
      for (let l = 0; l < cosines.length; l++) {
        if (from + l !== place && (cosines[l] as number) > (nearest[k] as number)) nearest[k] = cosines[l] as number
      }
      const rest = pace(some.length * dimension)
      if (rest !== undefined) yield* rest
    }
  }
  const over = (least: number) =>
    Math.round((nearest.filter((cosine) => cosine > least).length * picks.length) / Math.max(1, asked.length))
  return { over90: over(0.9), over98: over(0.98) }
})

const vendiPicks = ({ matrix, picks }: Chosen, options: Options): Uint32Array => {
  if (Math.min(picks.length, matrix.space.dimension) <= mostEigenvalues) return picks
  const { seed } = { ...defaults, ...options }
  return sample(picks.length, mostEigenvalues, seed, "vendi").map((k) => picks[k] as number)
}

const measuresOn = Effect.fnUntraced(function* (
  chosen: Chosen,
  rows: Uint32Array,
  options: Options
): Effect.fn.Return<Measures> {
  const { cosines } = yield* assignTo(chosen, rows)
  const none = chosen.picks.length === 0
  let least = 1
  let sum = 0
  for (const cosine of cosines) {
    sum += cosine
    if (cosine < least) least = cosine
  }
  return {
    picks: chosen.picks.length,
    radius: none ? Infinity : Math.sqrt(2 - 2 * least),
    meanNearest: none ? -1 : sum / cosines.length,
    vendi: yield* vendi(chosen.matrix, vendiPicks(chosen, options)),
    nearDuplicates: yield* nearDuplicates(chosen, options)
  }
})

/** The measures of any rows as picks. */
export const measure = (chosen: Chosen, options: Options = {}): Effect.Effect<Measures> =>
  Effect.suspend(() => measuresOn(chosen, measured(chosen.matrix, chosen.picks.length, options), options))

/** A selection beside a random draw of the same size, on the same rows. */
export const report = Effect.fnUntraced(function* (chosen: Chosen, options: Options = {}): Effect.fn.Return<Report> {
  const { matrix, picks } = chosen
  const { seed } = { ...defaults, ...options }
  const rows = measured(matrix, picks.length, options)
  const drawn = { matrix, picks: sample(matrix.rows, picks.length, seed, "draw") }
  return {
    chosen: yield* measuresOn(chosen, rows, options),
    random: yield* measuresOn(drawn, rows, options),
    rows: rows.length,
    isSampled: rows.length < matrix.rows,
    vendiOf: vendiPicks(chosen, options).length
  }
})

/** Why a prompt was chosen, and for what. */
export interface Why {
  readonly pick: Pick
  /** The place in the order of choice, from 0. */
  readonly rank: number
  /** The nearest of the picks before it, and their cosine; absent for the first. */
  readonly nearest?: { readonly rank: number; readonly pick: Pick; readonly cosine: number }
  /** Rows that it stands for, itself first and the others by falling cosine. */
  readonly standsFor: Uint32Array
}

/** What is known of the `rank`-th pick; throws a `RangeError` where there is none. */
export const why = (selection: Selection, rank: number, { rows, to, cosines }: Assignment): Why => {
  const { matrix, picks } = selection
  const pick = pickAt(selection, rank)
  const dots = new Dots(matrix, Math.max(1, rank))
  dots.load(picks.subarray(0, rank))
  const before = dots.ofRow(pick.row)
  const near = before.reduce((best, cosine, k) => (cosine > (before[best] as number) ? k : best), 0)
  const places = Array.from(allOf(rows.length)).filter((k) => to[k] === rank && rows[k] !== pick.row)
  places.sort((a, b) => (cosines[b] as number) - (cosines[a] as number) || a - b)
  return {
    pick,
    rank,
    ...(rank > 0 && {
      nearest: { rank: near, pick: pickAt(selection, near), cosine: cosineOf(before[near] as number, 1) }
    }),
    standsFor: Uint32Array.of(pick.row, ...places.map((k) => rows[k] as number))
  }
}
