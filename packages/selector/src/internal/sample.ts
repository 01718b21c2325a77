/** Some of many, drawn without replacement. */
import { draws, type Seed } from "@consortium/core/Seed"

/** A generator of the numbers below `n` in a random order: the first steps of a Fisher–Yates shuffle. */
export const shuffled = (n: number, seed: Seed, word: string): (() => number | undefined) => {
  const draw = draws(seed, word)
  const moved = new Map<number, number>()
  let at = 0
  return () => {
    if (at >= n) return undefined
    const other = at + Math.floor(draw() * (n - at))
    const chosen = moved.get(other) ?? other
    moved.set(other, moved.get(at) ?? at)
    moved.delete(at)
    at++
    return chosen
  }
}

/** `count` of the numbers below `n`, all of them where there are no more. */
export const sample = (n: number, count: number, seed: Seed, word: string): Uint32Array => {
  const next = shuffled(n, seed, word)
  return Uint32Array.from({ length: Math.min(n, count) }, () => next() as number)
}
