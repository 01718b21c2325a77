/** One row of an answer, written straight to its place. */
import type { Encoding } from "../Vectors.js"
import * as base64 from "./base64.js"

/** What base64 holds besides what an encoding says: some servers send float64 where float32 is documented. */
export type Format = Encoding | "float64"

const isLittleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1

/** How many bytes of base64 hold one number, and how many numbers one element of an array stands for. */
const bytesOf: Readonly<Record<Format, number>> = { float32: 4, float64: 8, int8: 1, bits: 1 / 8 }
const perElement = (format: Format): number => (format === "bits" ? 8 : 1)

/** How many bytes base64 stands for; some servers leave the padding out. */
const byteLength = (text: string): number => {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0
  return Math.floor((text.length * 3) / 4 - padding)
}

/** How many numbers a row holds; not a whole number, or none, where it is no row. */
export const widthOf = (values: unknown, format: Format): number => {
  if (Array.isArray(values)) return values.length * perElement(format)
  return typeof values === "string" ? byteLength(values) / bytesOf[format] : 0
}

const viewOf = ({ buffer, byteLength, byteOffset }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength)

/** Fewer numbers than this say too little to tell a format by them. */
const enough = 16
/** No embedding has numbers of this size; the lower half of a float64, read as a float32, often has. */
const wild = 1e15

/**
 * Whether bytes that were promised as float32 are float64. Read as float32, the first of each pair is then the lower half
 * of a fraction: always 0 where the model computes in 16 bits, as vLLM was recorded to send, and else a number of any size.
 */
const isDouble = (bytes: Uint8Array): boolean => {
  const view = viewOf(bytes)
  if (bytes.length % 8 !== 0 || bytes.length / 4 < enough) return false
  let isLowEmpty = true
  let isEmpty = true
  let isWild = false
  for (let at = 0; at < bytes.length; at += 8) {
    const low = view.getFloat32(at, true)
    const whole = view.getFloat64(at, true)
    if (!(Math.abs(whole) < wild)) return false
    if (low !== 0) isLowEmpty = false
    if (whole !== 0) isEmpty = false
    if (!(Math.abs(low) < wild)) isWild = true
  }
  return !isEmpty && (isLowEmpty || isWild)
}

/** The format of an answer, by its first row: the bytes of base64 are counted, or looked at, before they are believed. */
export const formatOf = (first: unknown, encoding: Encoding, dimension: number | undefined): Format => {
  if (encoding !== "float32" || typeof first !== "string") return encoding
  if (dimension !== undefined) return byteLength(first) === dimension * 8 ? "float64" : "float32"
  return isDouble(base64.bytesOf(first)) ? "float64" : "float32"
}

const isFinite = (row: Float32Array): boolean => {
  // By index: an iterator takes several times as long.
  for (let i = 0; i < row.length; i++) if (!Number.isFinite(row[i])) return false
  return true
}

const fromBase64 = (text: string, format: Format, into: Float32Array): boolean => {
  if (format === "float32") {
    const place = new Uint8Array(into.buffer, into.byteOffset, into.byteLength)
    if (base64.writeTo(text, place) !== into.byteLength) return false
    if (!isLittleEndian) for (let i = 0; i < into.length; i++) into[i] = viewOf(place).getFloat32(i * 4, true)
    return isFinite(into)
  }
  const bytes = base64.bytesOf(text)
  const view = viewOf(bytes)
  if (bytes.length !== into.length * bytesOf[format]) return false
  if (format === "float64") {
    for (let i = 0; i < into.length; i++) into[i] = view.getFloat64(i * 8, true)
    return isFinite(into)
  }
  if (format === "int8") for (let i = 0; i < into.length; i++) into[i] = view.getInt8(i)
  else for (let i = 0; i < bytes.length; i++) unpack(bytes[i] ?? 0, into, i * 8)
  return true
}

/** Eight signs of one byte, the highest first. */
const unpack = (byte: number, into: Float32Array, at: number): void => {
  for (let bit = 0; bit < 8; bit++) into[at + bit] = (byte >> (7 - bit)) & 1 ? 1 : -1
}

const isWhole = (x: unknown, from: number, to: number): x is number =>
  typeof x === "number" && Number.isInteger(x) && x >= from && x <= to

const fromNumbers = (values: ReadonlyArray<unknown>, format: Format, into: Float32Array): boolean => {
  if (format === "bits") {
    for (const [i, x] of values.entries()) {
      if (!isWhole(x, 0, 255)) return false
      unpack(x, into, i * 8)
    }
    return true
  }
  for (let i = 0; i < into.length; i++) {
    const x = values[i]
    if (typeof x !== "number" || (format === "int8" && !isWhole(x, -128, 127))) return false
    into[i] = x
  }
  return isFinite(into)
}

/** Writes a row whose width is that of its place; tells whether it was one. */
export const write = (values: unknown, format: Format, into: Float32Array): boolean => {
  if (typeof values === "string") return fromBase64(values, format, into)
  return Array.isArray(values) && fromNumbers(values, format, into)
}
