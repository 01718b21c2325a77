/** What a UTF-16 code unit is to the tokeniser: between words, in a word, or in a script that puts no spaces between words. */

export const separator = 0
export const inWord = 1
export const spaceless = 2

const wordLike = /[\p{L}\p{N}\p{M}]/u
const withoutSpaces =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

const classOf = (unit: number): number => {
  // Halves of pairs: rare scripts and emoji, read like a script without spaces.
  if (unit >= 0xd800 && unit <= 0xdfff) return spaceless
  const character = String.fromCharCode(unit)
  if (!wordLike.test(character)) return separator
  return withoutSpaces.test(character) ? spaceless : inWord
}

const pageSize = 256
const pages: Array<Uint8Array | undefined> = []

/** Classes by unit, in pages that are made when a text first needs them. */
export const classes = (unit: number): number => {
  const page = pages[unit >>> 8] ?? makePage(unit >>> 8)
  return page[unit & 0xff] as number
}

const makePage = (index: number): Uint8Array => {
  const page = Uint8Array.from({ length: pageSize }, (_, offset) => classOf(index * pageSize + offset))
  pages[index] = page
  return page
}
