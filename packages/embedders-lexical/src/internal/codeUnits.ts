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

const unknown = 255
/** Classes by unit, found when a text first needs them. */
const known = new Uint8Array(0x10000).fill(unknown)

export const classes = (unit: number): number => {
  const found = known[unit] as number
  return found === unknown ? (known[unit] = classOf(unit)) : found
}
