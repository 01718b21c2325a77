/** Texts as sets of short pieces, and how alike two such sets are: Jaccard's index, exactly. */

/** Characters of a piece: five tell texts of a few words apart, and need no words, so they hold in any script. */
const length = 5

const punctuation = /[^\p{L}\p{N}]+/gu

/** What is compared: letters and digits in one case and form, parted by single blanks. */
export const normalised = (text: string): string =>
  text.normalize("NFKC").toLowerCase().replace(punctuation, " ").trim()

/** The hashes of all pieces of a normalised text, each once; a shorter text is its own piece. */
export const shinglesOf = (text: string): Set<number> => {
  const pieces = new Set<number>()
  const said = ` ${text} `
  const last = Math.max(0, said.length - length)
  for (let from = 0; from <= last; from++) {
    // FNV-1a over UTF-16 units.
    let hash = 0x811c9dc5
    for (let at = from; at < Math.min(from + length, said.length); at++) {
      hash = Math.imul(hash ^ said.charCodeAt(at), 0x01000193)
    }
    pieces.add(hash >>> 0)
  }
  return pieces
}

/** Shared pieces by all pieces, 0 to 1. */
export const jaccard = (a: ReadonlySet<number>, b: ReadonlySet<number>): number => {
  const [small, large] = a.size < b.size ? [a, b] : [b, a]
  let shared = 0
  for (const piece of small) if (large.has(piece)) shared++
  const all = a.size + b.size - shared
  return all === 0 ? 1 : shared / all
}

/** How alike two texts are, 0 to 1. */
export const similarity = (a: string, b: string): number => {
  const [first, second] = [normalised(a), normalised(b)]
  return first === second ? 1 : jaccard(shinglesOf(first), shinglesOf(second))
}
