/** The head of a `.npy` file, as numpy.org/doc/stable/reference/generated/numpy.lib.format.html describes it. */
import { type Kind, kinds } from "./numbers.js"

export interface Shape {
  readonly rows: number
  readonly dimension: number
  readonly kind: Kind
  /** Where the numbers begin, in bytes. */
  readonly from: number
}

/** The longest head that is read; numpy itself stops at 10,000 characters. */
export const maxHead = 64 * 1024

const text = new TextDecoder("latin1")

const field = (head: string, name: string) => new RegExp(`'${name}'\\s*:\\s*('[^']*'|\\([^)]*\\)|\\w+)`).exec(head)?.[1]

/** What the first bytes of a file say, or why it can't be read. */
export const parse = (bytes: Uint8Array): Shape | string => {
  const broken = "it is no whole .npy file: save it again with numpy.save"
  if (bytes.length < 12 || bytes[0] !== 0x93 || text.decode(bytes.subarray(1, 6)) !== "NUMPY") return broken
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const long = view.getUint8(6) >= 2
  const from = (long ? 12 : 10) + (long ? view.getUint32(8, true) : view.getUint16(8, true))
  if (from > bytes.length) return broken
  const head = text.decode(bytes.subarray(long ? 12 : 10, from))
  const descr = field(head, "descr")?.slice(1, -1)
  const sizes = (field(head, "shape") ?? "").match(/\d+/g)?.map(Number)
  if (descr === undefined || sizes === undefined) return broken
  const kind = kinds.get(descr)
  if (kind === undefined)
    return `its numbers are ${descr}: save it as one of ${[...kinds.keys()].join(", ")}, for instance numpy.save(path, a.astype("<f4"))`
  const [rows = 0, dimension = 0] = sizes
  if (sizes.length !== 2)
    return `it has ${sizes.length} dimension${sizes.length === 1 ? "" : "s"}: save an array of two, one row a prompt`
  if (field(head, "fortran_order") !== "False")
    return "it is stored by columns: save numpy.ascontiguousarray(a) instead"
  return { rows, dimension, kind, from }
}

/** The head of a float32 matrix, padded so that the numbers begin at a multiple of 64. */
export const headOf = (rows: number, dimension: number): Uint8Array => {
  const dict = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${dimension}), }`
  const length = Math.ceil((10 + dict.length + 1) / 64) * 64
  const head = `\u0093NUMPY\u0001\u0000..${dict.padEnd(length - 11)}\n`
  const bytes = Uint8Array.from(head, (letter) => letter.charCodeAt(0))
  new DataView(bytes.buffer).setUint16(8, length - 10, true)
  return bytes
}
