/** When the rows that are near to being chosen get new bases. */
import * as Effect from "effect/Effect"
import type { Bounds } from "./bounds.js"
import type { Collection } from "./collection.js"
import type { Aim } from "./direction.js"
import { turnOf } from "./plan.js"

/** Where one pick turns the sum by more, no base lasts. */
const slowEnough = 0.11
/** Bases are renewed when so many times their number of rows were scored since, as their bounds left them in a race. */
const worthIt = 0.5
/** The largest share of the rows that gets one. */
const most = 1 / 8
/** How far above the winner rows get one. */
const within = { lost: 1.7, turns: 1 }

export class Renewal {
  readonly #bounds: Bounds
  readonly #collection: Collection
  /** How many rows had been scored at the last one. */
  #before = 0

  constructor(bounds: Bounds, collection: Collection) {
    this.#bounds = bounds
    this.#collection = collection
  }

  /** Renews the bases where that pays; answers what no open row is certain to be below. */
  readonly renewed = Effect.fnUntraced(
    { self: this },
    function* (this: Renewal, aim: Aim, low: 0 | 1, least: number): Effect.fn.Return<number> {
      const { all, meanLost } = this.#bounds
      const turn = turnOf(0, aim.length)
      if (turn > slowEnough) {
        if (all.reference !== undefined) this.#bounds.forget()
        return least
      }
      let gap = within.lost * meanLost + within.turns * turn
      const count = all.counts(low, least - 0.02)
      while (count(least + gap) > most * all.n && gap > meanLost) gap *= 0.9
      if (this.#collection.exact - this.#before < worthIt * count(least + gap)) return least
      this.#before = this.#collection.exact
      return Math.min(least, yield* this.#bounds.rebase(aim, low, least + gap))
    }
  )
}
