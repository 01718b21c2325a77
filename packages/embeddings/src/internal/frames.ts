/**
 * How a cache's segment holds vectors: frames one behind the other, each written by one call and checked as a whole and
 * row by row, so that a torn or damaged one is known as such.
 *
 * A frame, little-endian: magic, rows, dimension, bytes of the space, CRC-32 of the head (5 × u32); the space as JSON,
 * padded with blanks to a multiple of 4; 32 bytes of SHA-256 for each row; a CRC-32 for each row; the rows as float32.
 */
import { crc32 } from "node:zlib"
import type { Space } from "@consortium/core/EmbeddingMatrix"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/** Reads bytes from a place of a file; answers how many there were. */
export type Read = (into: Uint8Array, position: number) => number

export interface Frame {
  readonly space: Space
  /** SHA-256 of each row's text as Latin-1 characters, which is the shortest string of 32 bytes. */
  readonly keys: ReadonlyArray<string>
  readonly crcs: Uint32Array
  /** Where the first row begins in the file, and where the frame ends. */
  readonly from: number
  readonly end: number
}

const magic = 0x314d4543
const fixed = 20
const keyBytes = 32
/** No frame has more: what says so is no frame. */
const most = { rows: 1 << 20, dimension: 1 << 20, space: 1 << 16 } as const

const decodeSpace = Schema.decodeUnknownOption(
  Schema.fromJsonString(
    Schema.Struct({ model: Schema.String, dimension: Schema.Int, variant: Schema.optionalKey(Schema.String) })
  )
)

const crcOfHead = (head: Uint8Array): number => crc32(head.subarray(fixed), crc32(head.subarray(0, fixed - 4)))

export const bytesOf = (rows: Float32Array): Uint8Array => new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength)

/** One frame of some rows: its head, behind which the rows themselves belong. */
export const encode = (space: Space, keys: ReadonlyArray<string>, data: Float32Array): [Uint8Array, Uint8Array] => {
  const { dimension } = space
  const plain = Buffer.from(JSON.stringify(space))
  const spaceBytes = Math.ceil(plain.length / 4) * 4
  const head = fixed + spaceBytes + keys.length * (keyBytes + 4)
  const frame = Buffer.alloc(head)
  frame.writeUInt32LE(magic, 0)
  frame.writeUInt32LE(keys.length, 4)
  frame.writeUInt32LE(dimension, 8)
  frame.writeUInt32LE(spaceBytes, 12)
  frame.fill(" ", fixed, fixed + spaceBytes)
  plain.copy(frame, fixed)
  const rows = bytesOf(data)
  const crcs = fixed + spaceBytes + keys.length * keyBytes
  for (const [row, key] of keys.entries()) {
    frame.write(key, fixed + spaceBytes + row * keyBytes, "latin1")
    frame.writeUInt32LE(crc32(rows.subarray(row * dimension * 4, (row + 1) * dimension * 4)), crcs + row * 4)
  }
  frame.writeUInt32LE(crcOfHead(frame), fixed - 4)
  return [frame, rows]
}

/** The frame that begins at `position` of a file of `size` bytes, without its rows; nothing where none is whole. */
export const frameAt = (read: Read, size: number, position: number): Frame | undefined => {
  const start = Buffer.alloc(fixed)
  if (size - position < fixed || read(start, position) < fixed || start.readUInt32LE(0) !== magic) return undefined
  const [rows, dimension, spaceBytes] = [start.readUInt32LE(4), start.readUInt32LE(8), start.readUInt32LE(12)]
  if (rows < 1 || rows > most.rows || dimension < 1 || dimension > most.dimension || spaceBytes > most.space)
    return undefined
  const crcsAt = fixed + spaceBytes + rows * keyBytes
  const length = crcsAt + rows * 4
  const end = position + length + rows * dimension * 4
  if (end > size) return undefined
  const head = Buffer.alloc(length)
  if (read(head, position) < length || crcOfHead(head) !== head.readUInt32LE(fixed - 4)) return undefined
  const space = Option.getOrUndefined(decodeSpace(head.toString("utf8", fixed, fixed + spaceBytes)))
  if (space === undefined || space.dimension !== dimension) return undefined
  const keys = Array.from({ length: rows }, (_, row) => {
    const at = fixed + spaceBytes + row * keyBytes
    return head.toString("latin1", at, at + keyBytes)
  })
  const crcs = Uint32Array.from({ length: rows }, (_, row) => head.readUInt32LE(crcsAt + row * 4))
  return { space, keys, crcs, from: position + length, end }
}
