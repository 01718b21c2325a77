/** Reads a text into its features: words, neighbouring words, and pieces of words, as 32-bit hashes without any substring. */
import type { Bag } from "./bag.js"
import { classes, inWord, separator, spaceless } from "./codeUnits.js"
import { functionWords } from "./functionWords.js"

/**
 * How much each kind of feature says: round numbers, since on the tuning half of `benchmarks/lexicalRecall.ts` none of
 * the others that were tried changes the recall by more than a point.
 */
const weights = {
  word: 1,
  functionWord: 0.3,
  /** Words of one or two letters; digits count as whole words. */
  shortWord: 0.6,
  neighbours: 0.4,
  piece: 0.25,
  /** For scripts without spaces: a character, two and three in a row. */
  characters: [0.3, 0.8, 0.6]
} as const

/** Letters in a piece of a word. */
const pieceLength = 4

const prime = 0x01000193
const start = 0x811c9dc5
/** MurmurHash3's finaliser. */
export const mix = (hash: number): number => {
  let h = hash ^ (hash >>> 16)
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** Keeps the kinds of features apart. */
const salts = {
  word: 0x1b873593,
  neighbours: 0x2545f491,
  piece: 0x3c6ef372,
  characters: [0x510e527f, 0x68e31da4, 0x7f4a7c15]
} as const

const hashOf = (word: string): number => {
  let h = start
  for (let i = 0; i < word.length; i++) h = Math.imul(h ^ word.charCodeAt(i), prime)
  return h | 0
}
const functionHashes = new Set(functionWords.map(hashOf))

const isDigit = (unit: number) => unit >= 48 && unit <= 57

const wordWeight = (text: string, from: number, to: number, hash: number): number => {
  if (functionHashes.has(hash)) return weights.functionWord
  return to - from < 3 && !isDigit(text.charCodeAt(from)) ? weights.shortWord : weights.word
}

const edge = 0x20

const addPiece = (bag: Bag, a: number, b: number, c: number, d: number): void => {
  const h = Math.imul(Math.imul(Math.imul(Math.imul(start ^ a, prime) ^ b, prime) ^ c, prime) ^ d, prime)
  bag.add(mix(h ^ salts.piece), weights.piece)
}

/** Pieces of four letters of a word that has as many, the word's edges counted as letters. */
const addPieces = (bag: Bag, text: string, from: number, to: number): void => {
  let a = edge
  let b = text.charCodeAt(from)
  let c = text.charCodeAt(from + 1)
  for (let at = from + 2; at < to; at++) {
    const d = text.charCodeAt(at)
    addPiece(bag, a, b, c, d)
    a = b
    b = c
    c = d
  }
  addPiece(bag, a, b, c, edge)
}

/** The characters of a stretch without spaces, alone and with their neighbours. */
const addCharacters = (bag: Bag, text: string, from: number, to: number): void => {
  for (let at = from; at < to; at++) {
    let h = start
    for (let length = 0; length < 3 && at + length < to; length++) {
      h = Math.imul(h ^ text.charCodeAt(at + length), prime)
      bag.add(mix(h ^ (salts.characters[length] ?? 0)), weights.characters[length] ?? 0)
    }
  }
}

const addWord = (bag: Bag, text: string, from: number, to: number, hash: number, before: number): void => {
  const weight = wordWeight(text, from, to, hash)
  bag.add(mix(hash ^ salts.word), weight)
  if (before !== 0) bag.add(mix(Math.imul(before, 31) ^ hash ^ salts.neighbours), weights.neighbours * weight)
  if (to - from >= pieceLength) addPieces(bag, text, from, to)
}

const notAscii = /[^\0-\x7f]/

/** Adds the features of a text: none where it has no letter or digit. Case, layout and compatible forms of a character don't count. */
export const read = (bag: Bag, original: string): void => {
  const text = (notAscii.test(original) ? original.normalize("NFKC") : original).toLowerCase()
  let before = 0
  for (let at = 0; at < text.length; ) {
    const kind = classes(text.charCodeAt(at))
    if (kind === separator) {
      at++
      continue
    }
    const from = at
    let hash = start
    while (at < text.length) {
      const unit = text.charCodeAt(at)
      if (classes(unit) !== kind) break
      hash = Math.imul(hash ^ unit, prime)
      at++
    }
    if (kind === inWord) addWord(bag, text, from, at, hash | 0, before)
    if (kind === spaceless) addCharacters(bag, text, from, at)
    before = kind === inWord ? hash : 0
  }
}
