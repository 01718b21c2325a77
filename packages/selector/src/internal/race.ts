/** Who wins a step: the lowest score among the rows that bounds leave in the race, without those that a chosen row stands for. */
import type { Collection, Found } from "./collection.js"
import { never } from "./quantised.js"

/** A look at rows from the best on. */
export interface Race {
  /** Of the sum that rows are scored against. */
  readonly length: number
  /** All rows whose lower bound is at most this were looked at. */
  looked: number
  /** How much more is looked at next time. */
  further: number
  /** Whether the least upper bound may be that of a row that was passed over. */
  isOpen: boolean
}

/** Looks at all rows whose lower bound is at most this. */
export type Look = (most: number) => void

const slack = 1e-6
/** Rows to pass over before others have their turn. */
const passesAtOnce = 256

/** Begins with the rows that are likely to win, then with all that can. @param least no row's cosine is certain to be below it */
export const begin = (
  collection: Collection,
  length: number,
  least: number,
  likely: ReadonlyArray<number>,
  look: Look
): Race => {
  collection.begin()
  for (const row of likely) collection.look(row)
  const looked = Math.min(least, collection.lowest / length + slack)
  look(looked)
  return { length, looked, further: 1e-3, isOpen: false }
}

/**
 * The best row of a look that no chosen one stands for; nothing where no row is left. Where the first ones are passed
 * over, others come into the race: each time by twice as much more, so that few looks are made however many those are.
 * `more` where many were passed over and it is to be asked again.
 */
export const winner = (
  collection: Collection,
  race: Race,
  look: Look,
  pass: (row: number) => void
): Found | undefined | "more" => {
  for (let passes = 0; passes < passesAtOnce; ) {
    const found = collection.found()
    const needed = found === undefined ? never : found.score / race.length + slack
    if (race.looked < never && (found === undefined || (race.isOpen && needed > race.looked))) {
      race.looked = Math.min(never, needed + race.further)
      race.further *= 2
      look(race.looked)
      continue
    }
    if (found === undefined || !collection.isCovered(found.row)) return found
    pass(found.row)
    race.isOpen = true
    passes++
  }
  return "more"
}
