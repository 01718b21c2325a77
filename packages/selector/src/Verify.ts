/** Holds a fence's selection against the plain float64 loop that defines it: every pick, cosine and end, to the bit. */
import type { Pool, Selection, SelectionError } from "@consortium/core/Selection"
import * as Effect from "effect/Effect"
import * as Fence from "./Fence.js"

/** Where a selection first differs from the plain loop's. */
export interface Difference {
  /** The pick, from 0; the number of picks where only the end differs. */
  readonly at: number
  readonly what: "pick" | "cosine" | "end"
  /** What stands in the selection, and what the plain loop has. */
  readonly found: string
  readonly expected: string
}

const shown = (value: number | undefined): string => String(value)

const ended = ({ nextCosine, picks, stopped }: Selection): string =>
  `${stopped} after ${picks.length}${nextCosine === undefined ? "" : `, next ${nextCosine}`}`

const firstDifference = (found: Selection, plain: Selection): Difference | undefined => {
  for (let at = 0; at < Math.min(found.picks.length, plain.picks.length); at++) {
    if (found.picks[at] !== plain.picks[at])
      return { at, what: "pick", found: shown(found.picks[at]), expected: shown(plain.picks[at]) }
    if (!Object.is(found.cosines[at], plain.cosines[at]))
      return { at, what: "cosine", found: shown(found.cosines[at]), expected: shown(plain.cosines[at]) }
  }
  const [here, there] = [ended(found), ended(plain)]
  return here === there ? undefined : { at: found.picks.length, what: "end", found: here, expected: there }
}

/**
 * Selects again, by the plain loop, and answers the first difference; nothing where there is none. Time: one pass over
 * all rows a pick. `options` and `pool` are those of the selection.
 */
export const verify = (
  selection: Selection,
  options: Fence.Options,
  pool: Omit<Pool, "matrix"> = {}
): Effect.Effect<Difference | undefined, SelectionError> =>
  Effect.map(Fence.make({ ...options, kernel: "plain" }).select({ ...pool, matrix: selection.matrix }), (plain) =>
    firstDifference(selection, plain)
  )
