/**
 * Strata: a combinator that lets any rule select from each stratum of a pool by itself, and takes turns over them, so
 * that each gets its quota. Two strata may both hold near-duplicates of one prompt: they do not see each other.
 */
import { EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import {
  type Pick,
  type Pool,
  pickAt,
  type Selection,
  type SelectionError,
  type Selector,
  type StopRule
} from "@consortium/core/Selection"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Pull from "effect/Pull"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { error, refusal } from "./internal/opening.js"
import { divide } from "./internal/quota.js"
import { collect, emit, type Ended, hasEnded, layerOf, type Step } from "./internal/rule.js"

export interface Options {
  /**
   * The rule with a stop of its own, for a stratum's number. A longer selection of it must begin as a shorter one does;
   * all rules of this package do. A start by id fits one stratum only.
   */
  readonly rule: (stop: StopRule, stratum: number) => Selector["Service"]
  /** `targetSize` counts the picks of all strata; the tripwire ends each stratum by itself. */
  readonly stop: StopRule
  /**
   * By the strata's rows, or the same for each; by largest remainder, the lowest stratum of equal ones. What a stratum
   * can't give goes to the others. @default "proportional"
   */
  readonly quota?: "proportional" | "equal"
}

const defaults = { quota: "proportional" } as const

/** A stratum's picks one by one, rows counted within the stratum. */
type Source = () => Effect.Effect<Step, SelectionError>

interface Stratum {
  readonly number: number
  readonly rows: Uint32Array
  readonly pool: Pool
  /** Rows that can be chosen. */
  readonly open: number
  readonly weight: number
}

interface Turn extends Stratum {
  readonly source: Source
  taken: number
  quota: number
  ended: Ended | undefined
}

const strataOf = (pool: Pool, strata: Uint32Array, isEqual: boolean): ReadonlyArray<Stratum> => {
  const { matrix, weights } = pool
  const members = new Map<number, Array<number>>()
  for (const [row, stratum] of strata.entries()) {
    const rows = members.get(stratum)
    if (rows === undefined) members.set(stratum, [row])
    else rows.push(row)
  }
  const earlier = new Set(pool.earlier)
  return [...members]
    .sort(([a], [b]) => a - b)
    .map(([number, list]) => {
      const rows = Uint32Array.from(list)
      const data = new Float32Array(rows.length * matrix.space.dimension)
      for (const [k, row] of rows.entries()) data.set(matrix.row(row), k * matrix.space.dimension)
      const ids = list.map((row) => matrix.ids[row] as Pick["id"])
      const known = Uint32Array.from(rows.keys()).filter((k) => earlier.has(rows[k] as number))
      const own = weights && Float64Array.from(rows, (row) => weights[row] as number)
      return {
        number,
        rows,
        // Rows of a matrix with its ids: they can't be refused.
        pool: {
          matrix: Result.getOrThrow(EmbeddingMatrix.make(matrix.space, ids, data)),
          ...(known.length > 0 && { earlier: known }),
          ...(own !== undefined && { weights: own })
        },
        open: list.filter((row) => !earlier.has(row) && weights?.[row] !== 0).length,
        weight: isEqual ? 1 : rows.length
      }
    })
}

/** Selects as many as its quota, and twice as many where more are asked for: it knows why a stratum ended. */
const selecting = ({ rule, stop }: Options, stratum: Stratum, quota: number): Source => {
  let selection: Selection | undefined
  let asked = Math.max(1, quota)
  let at = 0
  const select = (targetSize: number) => rule({ ...stop, targetSize }, stratum.number).select(stratum.pool)
  return Effect.fnUntraced(function* () {
    selection ??= yield* select(asked)
    if (at === selection.picks.length && selection.stopped === "target") {
      asked *= 2
      selection = yield* select(asked)
    }
    if (at < selection.picks.length) return pickAt(selection, at++)
    const { stopped, nextCosine } = selection
    return { stopped, ...(nextCosine !== undefined && { nextCosine }) }
  })
}

/** Follows the rule's stream: each pick as soon as it is made. */
const following = Effect.fnUntraced(function* (
  { rule, stop }: Options,
  stratum: Stratum
): Effect.fn.Return<Source, never, Scope.Scope> {
  const { stream } = rule({ ...stop, targetSize: Math.max(1, stratum.open) }, stratum.number)
  const pull = yield* Stream.toPull(stream(stratum.pool))
  let ready: ReadonlyArray<Pick> = []
  const end: Step = { stopped: "exhausted" }
  return Effect.fnUntraced(function* () {
    if (ready.length === 0) ready = yield* Pull.catchDone(pull, () => Effect.succeed<ReadonlyArray<Pick>>([]))
    const [pick, ...rest] = ready
    ready = rest
    return pick ?? end
  })
})

/** Hands places to strata that have not ended. */
const give = (places: number, turns: ReadonlyArray<Turn>): void => {
  const parts = divide(
    places,
    turns.map(({ weight, open, quota, ended }) => ({ weight, room: ended === undefined ? open - quota : 0 }))
  )
  for (const [k, turn] of turns.entries()) turn.quota += parts[k] as number
}

/** Why all strata together ended: a tripwire's word before a guard's, a guard's before there being no more. */
const endOf = (turns: ReadonlyArray<Turn>): Ended => {
  const ends = turns.flatMap(({ ended }) => (ended === undefined ? [] : [ended]))
  const tripped = ends.flatMap(({ stopped, nextCosine }) => (stopped === "tripwire" ? [nextCosine ?? 1] : []))
  if (tripped.length > 0) return { stopped: "tripwire", nextCosine: Math.min(...tripped) }
  return { stopped: ends.some(({ stopped }) => stopped === "guarded") ? "guarded" : "exhausted" }
}

/** The stratum that is the farthest behind its quota; of equal ones the lowest. */
const nextOf = (turns: ReadonlyArray<Turn>, shareOf: (turn: Turn) => number): Turn | undefined => {
  const behind = (turn: Turn) => (turn.taken + 0.5) / shareOf(turn)
  return turns
    .filter(({ ended, taken, quota }) => ended === undefined && taken < quota)
    .reduce<Turn | undefined>(
      (best, turn) => (best === undefined || behind(turn) < behind(best) ? turn : best),
      undefined
    )
}

const begin = Effect.fnUntraced(function* <R>(
  pool: Pool,
  options: Options,
  sourceOf: (stratum: Stratum, quota: number) => Effect.Effect<Source, never, R>
): Effect.fn.Return<Source, SelectionError, R> {
  const { stop, quota } = { ...defaults, ...options }
  const { strata, ...rest } = pool
  if (strata === undefined) return yield* error("wrong-shape", "no strata: give pool.strata a number for each row")
  if (strata.length !== pool.matrix.rows)
    return yield* error("wrong-shape", `${strata.length} strata for ${pool.matrix.rows} rows: give one a row`)
  const refused = refusal(rest, stop, undefined)
  if (refused !== undefined) return yield* refused
  const all = strataOf(rest, strata, quota === "equal")
  const target = stop.targetSize ?? Infinity
  const room = all.map(({ weight, open }) => ({ weight, room: open }))
  const quotas = stop.targetSize === undefined ? room.map((share) => share.room) : divide(target, room)
  const turns = yield* Effect.forEach(all, (stratum, k) =>
    Effect.map(
      sourceOf(stratum, quotas[k] as number),
      (source): Turn => ({ ...stratum, source, taken: 0, quota: quotas[k] as number, ended: undefined })
    )
  )
  const shareOf = (turn: Turn) => (stop.targetSize === undefined ? turn.weight : turn.quota)
  let picks = 0
  return Effect.fnUntraced(function* () {
    for (;;) {
      if (picks === target) return { stopped: "target" as const }
      const turn = nextOf(turns, shareOf)
      if (turn === undefined) return endOf(turns)
      const step = yield* turn.source()
      if (!hasEnded(step)) {
        turn.taken++
        picks++
        return { ...step, row: turn.rows[step.row] as number }
      }
      turn.ended = step
      give(turn.quota - turn.taken, turns)
    }
  })
})

/** The service; it needs `pool.strata`. Memory for the rows once more, and for what the rule takes in each stratum. */
export const make = (options: Options): Selector["Service"] => ({
  select: (pool) =>
    Effect.flatMap(
      begin(pool, options, (stratum, quota) => Effect.succeed(selecting(options, stratum, quota))),
      (next) => collect(pool, next)
    ),
  stream: (pool) =>
    Stream.unwrap(
      Effect.map(
        begin(pool, options, (stratum) => following(options, stratum)),
        emit
      )
    )
})

/** Stage 2 as a layer. */
export const layer = (options: Options): Layer.Layer<Selector> => layerOf(make(options))
