/** A selection's cosines pick by pick, where tripwires would have ended it, and which one its shape speaks for. */
import type { Selection } from "@consortium/core/Selection"

/** What a selection tells of its cosines: a `Selection` is one. */
export type Chosen = Omit<Selection, "matrix" | "picks">

/** What one tripwire would have done. */
export interface Firing {
  readonly tripwire: number
  /** How many picks there would have been; absent where it would not have fired within the selection. */
  readonly count?: number
  /** The cosine that would have set it off. */
  readonly cosine?: number
  /** How many of all picks had a cosine above it: few after it fired means that one odd pick set it off. */
  readonly above: number
}

export interface Options {
  /** The tripwires to try. @default -1, -.95, …, 1 */
  readonly grid?: ReadonlyArray<number>
}

const defaults = { grid: Array.from({ length: 41 }, (_, k) => (k - 20) / 20) }

/** The pick, or the one that was not taken, that a tripwire ends a selection at. */
const firstAbove = ({ cosines, nextCosine }: Chosen, tripwire: number): readonly [number, number] | undefined => {
  const at = cosines.findIndex((cosine) => cosine !== -2 && cosine > tripwire)
  if (at >= 0) return [at, cosines[at] as number]
  return nextCosine !== undefined && nextCosine > tripwire ? [cosines.length, nextCosine] : undefined
}

const firing = (selection: Chosen, tripwire: number): Firing => {
  const above = selection.cosines.filter((cosine) => cosine !== -2 && cosine > tripwire).length
  const first = firstAbove(selection, tripwire)
  return first === undefined ? { tripwire, above } : { tripwire, count: first[0], cosine: first[1], above }
}

/** Where each tripwire of a grid would have fired, lowest tripwire first. */
export const firings = (selection: Chosen, options: Options = {}): ReadonlyArray<Firing> =>
  [...(options.grid ?? defaults.grid)].sort((a, b) => a - b).map((tripwire) => firing(selection, tripwire))

/** The highest cosine so far, pick by pick: a tripwire below it has fired. -2 until there was one. */
export const highest = ({ cosines }: Chosen): Float64Array => {
  let high = -2
  return cosines.map((cosine) => {
    high = Math.max(high, cosine)
    return high
  })
}

/** A tripwire, and how much hangs on its last digits. */
export interface Suggestion {
  readonly why: "knee"
  readonly tripwire: number
  /** The picks that it would have left. */
  readonly count: number
  /** The picks that a tripwire lower and one higher by .02 would have left; the higher may not fire within the selection. */
  readonly around: readonly [number, number | undefined]
}

/** Why there is none: the highest cosine rises by less than .05 after the first pick, or there are fewer than 10 picks. */
export interface NoSuggestion {
  readonly why: "flat" | "short"
}

const fewest = 10
const leastRise = 0.05
const step = 0.02

/**
 * The tripwire at the knee of the curve: the pick up to which the highest cosine rose faster than over the whole
 * selection, and after which it rises slower (the farthest point from the chord; Satopää et al. 2011). It is a property
 * of the embedding model and of the pool's size: suggest it again for another of either.
 */
export const suggest = (selection: Chosen): Suggestion | NoSuggestion => {
  const curve = highest(selection).filter((cosine) => cosine > -2)
  const first = curve[0]
  const last = curve[curve.length - 1]
  if (curve.length < fewest || first === undefined || last === undefined) return { why: "short" }
  if (last - first < leastRise) return { why: "flat" }
  let knee = 0
  let most = -Infinity
  for (let k = 0; k < curve.length; k++) {
    const gain = ((curve[k] as number) - first) / (last - first) - k / (curve.length - 1)
    if (gain > most) {
      most = gain
      knee = k
    }
  }
  // Rounded down, so that the knee itself sets it off.
  const tripwire = Math.min(1, Math.max(-1, Math.floor((curve[knee] as number) * 100 - 1e-9) / 100))
  const counted = (at: number) => firstAbove(selection, at)?.[0]
  return {
    why: "knee",
    tripwire,
    count: counted(tripwire) ?? selection.cosines.length,
    around: [counted(tripwire - step) ?? selection.cosines.length, counted(tripwire + step)]
  }
}
