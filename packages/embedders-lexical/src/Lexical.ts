/**
 * The embedder that needs no key, no model and no download: hashed words and pieces of words, projected to 384 numbers.
 * It is stateless: a text has the same vector in any batch, list, run or process. It compares words, not meanings.
 */
import { type Batch, Embedder } from "@consortium/core/Embedder"
import type { Space } from "@consortium/core/EmbeddingMatrix"
import type { NonEmpty } from "@consortium/core/NonEmpty"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Bag from "./internal/bag.js"
import { mix, read } from "./internal/features.js"

const dimension = 384

/** The space of its vectors; `variant` changes whenever a text would get another vector. */
export const space: Space = { model: "lexical/default", dimension, variant: "r1" }

/** Signed places that each feature gets in the vector. More blur collisions, and cost time. */
const placesPerFeature = 4
const placeSeeds = Int32Array.from({ length: placesPerFeature }, (_, i) => Math.imul(i + 1, 0x9e3779b1))
/** Stands for a text without any letter or digit. */
const nothing = 0x6e6f6e65

/** Feature hashing (Weinberger et al. 2009) with several signed places for a feature, which makes it a sparse random projection. */
const project = (out: Float32Array, from: number, key: number, value: number): void => {
  for (let i = 0; i < placesPerFeature; i++) {
    const h = mix(key ^ (placeSeeds[i] as number))
    const place = from + (((h >>> 16) * dimension) >>> 16)
    // A sign that is multiplied: nobody can guess a branch on a hash.
    out[place] = (out[place] as number) + ((h & 1) * 2 - 1) * value
  }
}

const isZero = (out: Float32Array, from: number): boolean => {
  for (let i = from; i < from + dimension; i++) if (out[i] !== 0) return false
  return true
}

const bag = Bag.make()

/** `1 + ln n` for the counts that nearly all features have. */
const often = Float64Array.from({ length: 64 }, (_, count) => 1 + Math.log(count))

const write = (text: string, out: Float32Array, from: number): void => {
  read(bag, text)
  if (bag.size() === 0) bag.add(nothing, 1)
  bag.drain((key, weight, count) => project(out, from, key, weight * (often[count] ?? 1 + Math.log(count))))
  // The places of few features may cancel out.
  if (isZero(out, from)) out[from] = 1
}

/** The vectors of some texts, row after row, not normalised and never zero. */
export const vectors = (texts: NonEmpty<string>): Batch => {
  const data = new Float32Array(texts.length * dimension)
  for (const [row, text] of texts.entries()) write(text, data, row * dimension)
  return { space, data }
}

/** The embedder as a value. It can't fail. */
export const embedder: Embedder<never> = {
  ref: "lexical/default",
  maxBatch: 64,
  local: true,
  embed: (texts) => Effect.sync(() => vectors(texts))
}

/** The embedder as a layer. */
export const layer: Layer.Layer<Embedder> = Layer.succeed(Embedder, embedder)
