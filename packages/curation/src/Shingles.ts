/** Texts as sets of short pieces, and how alike two such sets are: Jaccard's index, exactly. */

/** Characters of a piece: five tell texts of a few words apart, and need no words, so they hold in any script. */
const length = 5

const punctuation = /[^\p{L}\p{N}]+/gu

/** What is compared: letters and digits in one case and form, parted by single blanks. */
export const normalised = (text: string): string =>
  text.normalize("NFKC").toLowerCase().replace(punctuation, " ").trim()

/** The hashes of all pieces of a normalised text, each once, in order; a shorter text is its own piece. */
export const shinglesOf = (text: string): Int32Array => {
  const said = ` ${text} `
  const count = Math.max(1, said.length - length + 1)
  // Numbers in order rather than a Set: it is made, compared and kept several times faster.
  const pieces = new Int32Array(count)
  for (let from = 0; from < count; from++) {
    // FNV-1a over UTF-16 units.
    let hash = 0x811c9dc5 | 0
    const end = Math.min(from + length, said.length)
    for (let at = from; at < end; at++) hash = Math.imul(hash ^ said.charCodeAt(at), 0x01000193)
    pieces[from] = hash
  }
  pieces.sort()
  let kept = 0
  for (let at = 0; at < count; at++) {
    const piece = pieces[at] ?? 0
    if (at === 0 || piece !== pieces[kept - 1]) pieces[kept++] = piece
  }
  return pieces.subarray(0, kept)
}

/** Shared pieces by all pieces, 0 to 1. */
export const jaccard = (a: Int32Array, b: Int32Array): number => {
  let shared = 0
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const x = a[i] ?? 0
    const y = b[j] ?? 0
    if (x === y) shared++
    if (x <= y) i++
    if (y <= x) j++
  }
  const all = a.length + b.length - shared
  return all === 0 ? 1 : shared / all
}

/** How alike two texts are, 0 to 1. */
export const similarity = (a: string, b: string): number => {
  const [first, second] = [normalised(a), normalised(b)]
  return first === second ? 1 : jaccard(shinglesOf(first), shinglesOf(second))
}
