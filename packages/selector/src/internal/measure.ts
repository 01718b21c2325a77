/** How kernels are asked about an aim: its query, and the numbers that turn products with it into bounds of cosines. */
import { type Aim, driftOf } from "./direction.js"
import type { Directions } from "./directions.js"
import { type Query, slack } from "./quantised.js"

/** By itself, and by how it has moved from the reference. */
export interface Asked {
  readonly reference: Aim | undefined
  /** Of each: `1 / factor`, how much of a row's loss counts, and a rest; before the second how much of the base. */
  readonly numbers: readonly [
    bare: number,
    bareLost: number,
    bareRest: number,
    along: number,
    drift: number,
    driftLost: number,
    driftRest: number
  ]
  readonly bare: Int16Array
  readonly drift: Int16Array | undefined
}

const bareOf = ({ error, factor }: Query) => [1 / factor, 1 + error, error * 1.00001 + slack] as const

export const askedOf = (aim: Aim, reference: Aim | undefined, directions: Directions): Asked => {
  const query = directions.queryOf(aim.unit)
  const bare = query.ints.slice()
  const numbers = bareOf(query)
  if (reference === undefined) return { reference, numbers: [...numbers, 0, 0, 0, 0], bare, drift: undefined }
  const { along, off, by } = driftOf(aim, reference, directions.scratch)
  const { error, factor, ints } = directions.queryOf(off)
  const drift = [along, by / factor, by * (1 + error), by * error * 1.00001 + slack] as const
  return { reference, numbers: [...numbers, ...drift], bare, drift: ints.slice() }
}
