/** What a rule checks before it begins, and where it starts. */
import { draws } from "@consortium/core/Seed"
import { type Pool, SelectionError, StopRule } from "@consortium/core/Selection"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Start } from "../Fence.js"
import type { Book } from "./book.js"
import { typical } from "./greedy.js"

export const error = (why: SelectionError["why"], detail: string) => new SelectionError({ why, detail })

const isStopRule = Schema.is(StopRule)

const weightsRefusal = ({ matrix, weights }: Pool): SelectionError | undefined => {
  if (weights === undefined) return undefined
  if (weights.length !== matrix.rows)
    return error("wrong-shape", `${weights.length} weights for ${matrix.rows} rows: give one a row`)
  const wrong = weights.findIndex((weight) => !(weight >= 0 && weight < Infinity))
  return wrong < 0 ? undefined : error("wrong-shape", `a weight of ${weights[wrong]}: give finite ones of 0 or more`)
}

/** Why a pool or a rule's options can't be. */
export const refusal = (pool: Pool, stop: StopRule, guard: unknown): SelectionError | undefined => {
  const { rows } = pool.matrix
  if (!isStopRule(stop)) return error("wrong-shape", "give a targetSize of at least 1 or a tripwire from -1 to 1")
  if (typeof guard === "number" && !(guard >= -1 && guard <= 1))
    return error("wrong-shape", `a guard of ${guard}: give a cosine from -1 to 1`)
  if (pool.strata !== undefined)
    return error("unsupported", "this rule has no strata: wrap it, Stratified.make({ rule, stop })")
  const earlier = pool.earlier ?? new Uint32Array(0)
  if (earlier.some((row) => row >= rows))
    return error("wrong-shape", `an earlier row beyond the matrix's ${rows}: give rows of this matrix`)
  if (new Set(earlier).size < earlier.length)
    return error("wrong-shape", "an earlier row stands twice: give each row once")
  return weightsRefusal(pool)
}

/** The first row of a collection that is empty yet; there are open ones. */
export const firstOf = (book: Book, from: Start): Effect.Effect<number, SelectionError> =>
  Effect.suspend(() => {
    const open = book.openRows()
    if (from === "typical") return typical(book.matrix, open)
    if (from === "first") return Effect.succeed(open[0] as number)
    if ("random" in from) return Effect.succeed(open[Math.floor(draws(from.random, "start")() * open.length)] as number)
    const row = book.matrix.ids.indexOf(from.id)
    if (row < 0) return Effect.fail(error("unknown-start", `no prompt ${from.id} to start from: check the id`))
    return book.isOpen(row)
      ? Effect.succeed(row)
      : Effect.fail(error("unknown-start", `the prompt ${from.id} has weight 0: start from another one`))
  })
