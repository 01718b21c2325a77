/**
 * What `path.rows` holds of each row of a `.f32` that is being embedded: 32 bytes at the row's number, so that a start
 * that goes on knows which rows are there, of which text, and whole.
 *
 * 20 bytes of the SHA-256 of id and text; how much of the text the row stands for (u32); the CRC-32 of its numbers; the
 * CRC-32 of the mark. All little-endian; zeros where there is no row.
 */
import { hash } from "node:crypto"
import { crc32 } from "node:zlib"
import type { Place, Row } from "@consortium/core/Embedder"

export const markBytes = 32
const digestBytes = 20

const hows: ReadonlyArray<Place["how"]> = ["whole", "cut", "mean"]

const digestOf = ({ id, text }: Row): string =>
  hash("sha256", JSON.stringify([id, text]), "binary").slice(0, digestBytes)

export const write = (marks: Buffer, at: number, { how, row }: Place, numbers: Uint8Array): void => {
  const from = at * markBytes
  marks.write(digestOf(row), from, "latin1")
  marks.writeUInt32LE(hows.indexOf(how) + 1, from + digestBytes)
  marks.writeUInt32LE(crc32(numbers), from + digestBytes + 4)
  marks.writeUInt32LE(crc32(marks.subarray(from, from + markBytes - 4)), from + markBytes - 4)
}

/** How a row stands at its number, as far as the mark says; `crc` is that of its numbers. */
export const read = (
  marks: Buffer,
  at: number,
  row: Row
): { readonly how: Place["how"]; readonly crc: number } | undefined => {
  const from = at * markBytes
  if (marks.length < from + markBytes) return undefined
  const mark = marks.subarray(from, from + markBytes)
  const how = hows[mark.readUInt32LE(digestBytes) - 1]
  if (how === undefined || crc32(mark.subarray(0, markBytes - 4)) !== mark.readUInt32LE(markBytes - 4)) return undefined
  if (mark.toString("latin1", 0, digestBytes) !== digestOf(row)) return undefined
  return { how, crc: mark.readUInt32LE(digestBytes + 4) }
}
