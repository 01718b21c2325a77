/**
 * Near-duplicates among many texts: MinHash (Broder 1997) in bands (Indyk and Motwani 1998) finds who may be alike, and
 * Jaccard's index itself decides. So nothing below the threshold is ever called alike; a little above it may be missed.
 */
import { buckets } from "./internal/buckets.js"
import { jaccard, normalised, shinglesOf } from "./Shingles.js"

export interface Options {
  /** The least Jaccard index of the sets of five-character pieces, above 0, up to 1. @default 0.8 */
  readonly threshold?: number
}

/** An earlier text that says nearly the same. */
export interface Alike {
  /** Its number, from 0, among those that were kept. */
  readonly row: number
  readonly similarity: number
}

const defaults = { threshold: 0.8 } as const

const permutations = 128
/** Of pairs exactly at the threshold at least this share is found. */
const wanted = 0.995

/** Murmur3's last step: every bit depends on every other. */
const mixed = (value: number): number => {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

/** Odd, so that multiplying by one permutes all 32-bit numbers. */
const factors = Int32Array.from({ length: permutations }, (_, at) => mixed(at + 1) | 1)
const offsets = Int32Array.from({ length: permutations }, (_, at) => mixed(at + 0x9e3779b9))

/** The least hash under each permutation, as signed numbers: two sets agree on as large a share of them as Jaccard's index. */
export const signature = (shingles: Int32Array): Int32Array => {
  const least = new Int32Array(permutations).fill(0x7fffffff)
  for (const shingle of shingles) {
    const hash = mixed(shingle)
    for (let at = 0; at < permutations; at++) {
      const value = (Math.imul(hash, factors[at] ?? 1) + (offsets[at] ?? 0)) | 0
      if (value < (least[at] ?? 0)) least[at] = value
    }
  }
  return least
}

/** The most rows a band that still finds what is wanted: fewer texts have to be compared. */
const rowsOfBand = (threshold: number): number => {
  let rows = 1
  while (rows < 16 && 1 - (1 - threshold ** (rows + 1)) ** Math.floor(permutations / (rows + 1)) >= wanted) rows++
  return rows
}

const bandKey = (of: Int32Array, from: number, to: number): number => {
  let key = from
  for (let at = from; at < to; at++) key = mixed(Math.imul(key, 31) ^ (of[at] ?? 0))
  return key >>> 0
}

/** An index that grows by every text that is like none before it. Memory: the texts, and about 0.4 KiB each. */
export const make = (options: Options = {}) => {
  const threshold = options.threshold ?? defaults.threshold
  const rows = rowsOfBand(threshold)
  const bands = Array.from({ length: Math.floor(permutations / rows) }, buckets)
  const texts: Array<string> = []
  const sizes: Array<number> = []

  const compare = (shingles: Int32Array, row: number): number => {
    const size = sizes[row] ?? 0
    // No two sets of so different sizes can be so alike.
    if (Math.min(size, shingles.length) < threshold * Math.max(size, shingles.length)) return 0
    return jaccard(shingles, shinglesOf(texts[row] ?? ""))
  }
  return {
    /** The most alike of the earlier texts, at or above the threshold; where there is none, the text is kept. */
    add: (text: string): Alike | undefined => {
      const said = normalised(text)
      const shingles = shinglesOf(said)
      const of = signature(shingles)
      const keys = bands.map((_, band) => bandKey(of, band * rows, (band + 1) * rows))
      const candidates = new Set<number>()
      for (const [band, rowsByKey] of bands.entries()) rowsByKey.each(keys[band] ?? 0, (row) => candidates.add(row))
      let best: Alike | undefined
      for (const row of candidates) {
        const similarity = compare(shingles, row)
        if (similarity < threshold) continue
        const isBetter = similarity > (best?.similarity ?? 0) || (similarity === best?.similarity && row < best.row)
        if (isBetter) best = { row, similarity }
      }
      if (best !== undefined) return best
      for (const [band, rowsByKey] of bands.entries()) rowsByKey.add(keys[band] ?? 0, texts.length)
      texts.push(said)
      sizes.push(shingles.length)
      return undefined
    }
  }
}
