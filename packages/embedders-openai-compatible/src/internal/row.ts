/** One row, written straight to its place. */

const isLittleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1

const finite = (row: Float32Array): boolean => {
  for (const x of row) if (!Number.isFinite(x)) return false
  return true
}

/** Writes an array of numbers, or base64 of little-endian float32, into a row of the same length; tells whether it was one. */
export const write = (given: unknown, into: Float32Array): boolean => {
  if (typeof given === "string") {
    const bytes = Buffer.from(into.buffer, into.byteOffset, into.byteLength)
    if (bytes.write(given, "base64") !== into.byteLength) return false
    if (!isLittleEndian) bytes.swap32()
    return finite(into)
  }
  if (!Array.isArray(given)) return false
  for (let i = 0; i < into.length; i++) {
    const x: unknown = given[i]
    if (typeof x !== "number") return false
    into[i] = x
  }
  return finite(into)
}
