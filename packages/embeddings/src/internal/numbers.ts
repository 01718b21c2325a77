/** Numbers as files hold them, to float32. Little-endian, as are all machines that Node runs on. */

/** How one number is stored. */
export interface Kind {
  readonly bytes: number
  /** Reads all numbers of `from` into `into`; nothing where the bytes are float32 already. */
  readonly convert: ((from: DataView, into: Float32Array) => void) | undefined
}

/** IEEE 754 binary16: 1 sign bit, 5 of exponent, 10 of fraction. */
const half = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

const each =
  (bytes: number, read: (from: DataView, at: number) => number): Kind["convert"] =>
  (from, into) => {
    for (let i = 0; i < into.length; i++) into[i] = read(from, i * bytes)
  }

export const float32: Kind = { bytes: 4, convert: undefined }

/** By NumPy's names. */
export const kinds: ReadonlyMap<string, Kind> = new Map([
  ["<f4", float32],
  ["<f8", { bytes: 8, convert: each(8, (from, at) => from.getFloat64(at, true)) }],
  ["<f2", { bytes: 2, convert: each(2, (from, at) => half(from.getUint16(at, true))) }],
  ["|i1", { bytes: 1, convert: each(1, (from, at) => from.getInt8(at)) }]
])
