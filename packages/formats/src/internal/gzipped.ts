/** Bytes packed as they come, each block a gzip member of its own: members in a row are one file (RFC 1952, 2.2). */
import { gzipSync } from "node:zlib"
import type { Encoder } from "../Container.js"

const blockSize = 1024 * 1024

export const gzipped = (inner: Encoder): Encoder => {
  let held: Array<Uint8Array> = []
  let size = 0
  const hold = (bytes: Uint8Array) => {
    held.push(bytes)
    size += bytes.length
  }
  const pack = (): Uint8Array => {
    const bytes = gzipSync(Buffer.concat(held))
    held = []
    size = 0
    return bytes
  }
  return {
    push: (row) => {
      const bytes = inner.push(row)
      if (bytes !== undefined) hold(bytes)
      return size < blockSize ? undefined : pack()
    },
    end: () => {
      hold(inner.end())
      return pack()
    }
  }
}
