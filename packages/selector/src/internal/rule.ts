/** The frame of every rule but the fence: it asks for candidates, guards, stops and counts. */
import {
  type Pick,
  type Pool,
  type Selection,
  type SelectionError,
  Selector,
  type StopRule,
  type Stopped
} from "@consortium/core/Selection"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { type Guard, thresholdOf } from "../Guard.js"
import { Book } from "./book.js"
import { refusal } from "./opening.js"
import { makePace, type Pace } from "./pace.js"

export interface Ended {
  readonly stopped: Stopped
  readonly nextCosine?: number
}

/** A row to take, and its cosine as the rule understands it. */
export interface Candidate {
  readonly row: number
  readonly cosine: number | undefined
}

export interface Engine {
  /** The open row that is taken next; there is one. Asked again when a row was passed over. */
  readonly best: () => Effect.Effect<Candidate, SelectionError>
  /** Candidates come by rising cosine to their nearest collected row: once one is guarded, all are. */
  readonly isRising?: boolean
}

/** What every rule is told. */
export interface Common {
  readonly stop: StopRule
  readonly guard: Guard
}

export type Step = Pick | Ended

export const hasEnded = (step: Step): step is Ended => "stopped" in step

const search = (
  book: Book,
  { stop, guard }: { readonly stop: StopRule; readonly guard: number | undefined },
  engine: Engine,
  pace: Pace
) => {
  let picks = 0
  const isGuarded = (row: number): boolean =>
    guard !== undefined && book.collected.length > 0 && book.nearest(row) > guard

  return Effect.fnUntraced(function* (): Effect.fn.Return<Step, SelectionError> {
    if (picks === stop.targetSize) return { stopped: "target" }
    while (book.open > 0) {
      const { row, cosine } = yield* engine.best()
      const rest = pace(guard === undefined ? 1 : book.workOf(row) + 1)
      if (rest !== undefined) yield* rest
      if (isGuarded(row)) {
        if (engine.isRising === true) return { stopped: "guarded" }
        book.pass(row)
        continue
      }
      if (stop.tripwire !== undefined && cosine !== undefined && cosine > stop.tripwire)
        return { stopped: "tripwire", nextCosine: cosine }
      book.take(row)
      picks++
      return { row, id: book.matrix.ids[row] as Pick["id"], cosine }
    }
    return { stopped: book.isGuarded ? "guarded" : "exhausted" }
  })
}

type Next = () => Effect.Effect<Step, SelectionError>

/** All steps in columns. */
export const collect = Effect.fnUntraced(function* (
  { matrix }: Pool,
  next: Next
): Effect.fn.Return<Selection, SelectionError> {
  const picks: Array<number> = []
  const cosines: Array<number> = []
  let step = yield* next()
  for (; !hasEnded(step); step = yield* next()) {
    picks.push(step.row)
    cosines.push(step.cosine ?? -2)
  }
  return { matrix, picks: Uint32Array.from(picks), cosines: Float64Array.from(cosines), ...step }
})

/** Each pick when its step is made. */
export const emit = (next: Next): Stream.Stream<Pick, SelectionError> =>
  Stream.unfold(undefined, () =>
    Effect.map(next(), (step) => (hasEnded(step) ? undefined : ([step, undefined] as const)))
  )

/** A rule as a service: `engineOf` begins a selection, `unfit` says why the rule's own options can't be. */
export const make = (
  common: Common,
  engineOf: (book: Book, pace: Pace) => Engine,
  unfit?: () => SelectionError | undefined
): Selector["Service"] => {
  const begin = Effect.fnUntraced(function* (pool: Pool) {
    const refused = refusal(pool, common.stop, common.guard) ?? unfit?.()
    if (refused !== undefined) return yield* refused
    const guard = yield* thresholdOf(common.guard, pool.matrix)
    const book = new Book(pool)
    const pace = makePace()
    return search(book, { stop: common.stop, guard }, engineOf(book, pace), pace)
  })
  return {
    select: (pool) => Effect.flatMap(begin(pool), (next) => collect(pool, next)),
    stream: (pool) => Stream.unwrap(Effect.map(begin(pool), emit))
  }
}

export const layerOf = (service: Selector["Service"]): Layer.Layer<Selector> => Layer.succeed(Selector, service)
