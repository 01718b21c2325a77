/** Replayable chance: every draw is a pure function of the run's seed and of words that say what is drawn. */
import * as Schema from "effect/Schema"
import type { NonEmpty } from "./NonEmpty.js"

/** The seed of a run: a non-negative 32-bit integer. */
export const Seed = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0xffffffff })).pipe(Schema.brand("Seed"))
export type Seed = typeof Seed.Type

/**
 * A 32-bit hash of the seed and the words: FNV-1a over UTF-16 units with a separator between words,
 * finished with MurmurHash3's `fmix32` so that close words give far numbers.
 */
export const hash = (seed: Seed, ...words: ReadonlyArray<string | number>): number => {
  let h = (2166136261 ^ seed) | 0
  for (const word of words) {
    const text = String(word)
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619)
    h = Math.imul(h ^ 0x1f, 16777619)
  }
  h ^= h >>> 16
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** A stream of uniform numbers in [0, 1) for these words: mulberry32. */
export const draws = (seed: Seed, ...words: ReadonlyArray<string | number>): (() => number) => {
  let state = hash(seed, ...words)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** A permutation that depends on the seed and the words only (Fisher–Yates). */
export const shuffle = <A>(items: NonEmpty<A>, seed: Seed, ...words: ReadonlyArray<string | number>): NonEmpty<A> => {
  const draw = draws(seed, ...words)
  const [first, ...rest] = items
  const out: [A, ...Array<A>] = [first, ...rest]
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(draw() * (i + 1))
    const held = out[i] as A
    out[i] = out[j] as A
    out[j] = held
  }
  return out
}
