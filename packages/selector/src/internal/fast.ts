/** The fence by guesses and proofs: the same picks, cosines and ends as `greedy.ts`, most passes left out. */
import type { Pick, SelectionError } from "@consortium/core/Selection"
import * as Effect from "effect/Effect"
import { type Ended, type Rows, type Rules, typical } from "./greedy.js"
import { cosineOf, dot } from "./score.js"
import { type Choice, Speculation } from "./speculate.js"

/** Nothing where the runtime has no WASM SIMD. `threads` read the rows, this one counted. */
export const start = Effect.fnUntraced(function* (pool: Rows, rules: Rules, threads: number) {
  const { matrix } = pool
  const isFirst = (pool.earlier ?? []).length === 0
  const speculation = yield* Speculation.make(matrix, rules.guard, threads, isFirst && rules.first === "typical")
  if (speculation === undefined) return undefined
  const { collection } = speculation
  const target = rules.stop.targetSize ?? Infinity
  const tripwire = rules.stop.tripwire ?? Infinity
  const ready: Array<Pick> = []
  let decided = 0
  let help = 1
  let ended: Ended | undefined
  for (const row of pool.earlier ?? []) speculation.take(row)

  /** Rows that are too alike to tell apart by bounds are told apart in the plain way. */
  const typicalRow = Effect.fnUntraced(function* () {
    const rows = yield* speculation.typical
    return rows.length === 1 ? (rows[0] as number) : yield* typical(matrix, rows)
  })

  const decide = (row: number, cosine: number | undefined): void => {
    decided++
    ready.push({ row, id: matrix.ids[row] as Pick["id"], cosine })
  }
  /** A certain choice: ends at the tripwire, else decides. */
  const settle = ({ row, score, length }: Choice): boolean => {
    const cosine = cosineOf(score, length)
    if (cosine > tripwire) {
      ended = { stopped: "tripwire", nextCosine: cosine }
      return false
    }
    decide(row, cosine)
    return true
  }

  /** The best row that no chosen one stands for, by a score of each. */
  const open = Effect.fnUntraced(function* () {
    const first = collection.scan()
    if (first === undefined || !collection.isCovered(first.row)) return first
    collection.begin()
    collection.lookAll()
    let found: { readonly row: number; readonly score: number } | undefined = first
    for (let passed = 1; found !== undefined && collection.isCovered(found.row); passed++) {
      speculation.cover(found.row)
      found = collection.found()
      if (passed % 256 === 0) yield* Effect.yieldNow
    }
    return found
  })

  /** One step over all rows: where the sum has no direction, or where bounds have been no help. */
  const scan = Effect.fnUntraced(function* (length: number) {
    const found = yield* open()
    if (found === undefined) {
      end()
      return
    }
    if (length < 1e-9 * collection.size) decide(found.row, undefined)
    else if (!settle({ ...found, length })) return
    speculation.take(found.row)
  })

  const end = (): void => {
    ended = { stopped: collection.size === matrix.rows ? "exhausted" : "guarded" }
  }

  const guess = Effect.fnUntraced(function* (): Effect.fn.Return<void, SelectionError> {
    const before = collection.exact
    const { proven, certain } = yield* speculation.prove()
    for (const { choice } of proven) decide(choice.row, cosineOf(choice.score, choice.length))
    // Where most rows have to be scored all the same, their bounds only cost.
    help += 0.1 * ((collection.exact - before < matrix.rows / 3 ? 1 : 0) - help)
    if (certain === "again" || decided === target) return
    if (certain === "none") end()
    else if (settle(certain.choice)) yield* speculation.goOn(certain, target - decided, tripwire)
  })

  const advance = Effect.fnUntraced(function* (): Effect.fn.Return<void, SelectionError> {
    if (speculation.isGuessing) return yield* guess()
    if (decided === target) {
      ended = { stopped: "target" }
      return
    }
    if (collection.size === matrix.rows) return end()
    const length = Math.sqrt(dot(collection.sum, collection.sum, 0))
    if (length < 1e-9 * collection.size || help < 0.5) yield* scan(length)
    else yield* guess()
  })

  const next = Effect.fnUntraced(function* (): Effect.fn.Return<Pick | Ended, SelectionError> {
    if (collection.size === 0 && target > 0) {
      const row = rules.first === "typical" ? yield* typicalRow() : rules.first
      speculation.take(row)
      decide(row, undefined)
    }
    for (;;) {
      const pick = ready.shift()
      if (pick !== undefined) return pick
      if (ended !== undefined) return ended
      yield* advance()
      yield* Effect.yieldNow
    }
  })
  return { next, counts: () => speculation.counts }
})
