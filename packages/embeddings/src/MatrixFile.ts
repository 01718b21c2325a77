/**
 * Embedding matrices in files: `.npy` (two dimensions; float16, float32, float64 or int8), `.f32` or `.bin` (float32,
 * little-endian, row after row), `.jsonl` (`{ "id": …, "embedding": […] }` a line), `.parquet` (a column of lists).
 */
import { type EmbeddingError, EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import type { PromptId } from "@consortium/core/Ids"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import { fill, open } from "./internal/blocks.js"
import { holdsVector } from "./internal/jsonLines.js"
import { Lines } from "./internal/lines.js"
import * as npy from "./internal/npy.js"
import { hasVectorColumn } from "./internal/parquet.js"
import { endingOf, type Found, idsOf, isKnown, nameOf, type Options, readers } from "./internal/readers.js"
import { idLines, put } from "./internal/wholeFile.js"
import { MatrixFileError } from "./MatrixFileError.js"

export type { Options } from "./internal/readers.js"

/** The endings that are always a matrix; a `.jsonl` may hold prompts instead. */
export const endings: ReadonlyArray<string> = [".npy", ".f32", ".bin"]

/** A row this far from length 1 was not meant to have it; what is nearer is rounding, also that of float16 and int8. */
const offUnit = 0.01

/** Whether a file's first row or a column of its has vectors, or its ending says that it is a matrix. */
export const holdsVectors = Effect.fnUntraced(function* (path: string) {
  const ending = endingOf(path)
  if (ending === ".parquet") return yield* hasVectorColumn(path)
  if (ending !== ".jsonl") return endings.includes(ending)
  const first: Array<string> = []
  const { read } = yield* open(path)
  const head = new Uint8Array(4 * 1024 * 1024)
  const reader = new Lines(path, (line) => {
    first.push(line)
    return undefined
  })
  reader.push(head.subarray(0, yield* fill(read, head, 0)))
  if (first.length === 0) reader.end()
  return first[0] !== undefined && holdsVector(first[0])
}, Effect.scoped)

/** A matrix out of a file, and how many of its rows had another length than 1 there. */
export interface Loaded {
  readonly matrix: EmbeddingMatrix
  readonly scaled: number
}

const countScaled = (data: Float32Array, dimension: number): number => {
  let scaled = 0
  for (let from = 0; from < data.length; from += dimension) {
    let sum = 0
    for (let i = from; i < from + dimension; i++) sum += (data[i] as number) * (data[i] as number)
    if (!(Math.abs(Math.sqrt(sum) - 1) <= offUnit)) scaled++
  }
  return scaled
}

/** Closes the gaps of rows that are not there, in place. */
const without = ({ absent, data, dimension }: Found, ids: ReadonlyArray<PromptId>) => {
  if (absent === undefined || absent.length === 0) return { data, ids }
  const gaps = new Set(absent)
  const kept: Array<PromptId> = []
  for (const [row, id] of ids.entries()) {
    if (gaps.has(row)) continue
    data.copyWithin(kept.length * dimension, row * dimension, (row + 1) * dimension)
    kept.push(id)
  }
  return { data: data.subarray(0, kept.length * dimension), ids: kept }
}

/** A matrix from a file, its rows scaled to length 1. Memory: the float32 rows and a small buffer. */
export const load = Effect.fnUntraced(function* (
  options: Options
): Effect.fn.Return<Loaded, MatrixFileError | EmbeddingError, FileSystem.FileSystem> {
  const { path } = options
  const ending = endingOf(path)
  if (!isKnown(ending)) {
    const reason = `its kind is unknown: use ${Object.keys(readers).join(", ")}`
    return yield* new MatrixFileError({ file: path, reason })
  }
  const found: Found = yield* readers[ending](options)
  if (found.rows === 0)
    return yield* new MatrixFileError({ file: path, reason: "no rows in it: give at least one vector" })
  const own = options.ids === undefined ? found.ids : undefined
  const { data, ids } = without(found, own ?? (yield* idsOf(options, found.rows)))
  const { dimension } = found
  const space = found.space ?? { model: nameOf(path), dimension }
  const scaled = countScaled(data, dimension)
  const named = options.model === undefined ? space : { ...space, model: options.model }
  return { matrix: yield* Effect.fromResult(EmbeddingMatrix.make(named, ids, data)), scaled }
})

/** The matrix alone. */
export const read = (
  options: Options
): Effect.Effect<EmbeddingMatrix, MatrixFileError | EmbeddingError, FileSystem.FileSystem> =>
  Effect.map(load(options), ({ matrix }) => matrix)

const slices = function* (bytes: Uint8Array): Generator<Uint8Array> {
  const size = 16 * 1024 * 1024
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

/** Writes the rows as `.npy`, and their ids beside them as `path.ids`, each whole or not at all. */
export const write = Effect.fnUntraced(function* (path: string, matrix: EmbeddingMatrix) {
  const { data, ids, rows, space } = matrix
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  yield* put(`${path}.ids`, idLines(ids))
  yield* put(path, [npy.headOf(rows, space.dimension), ...slices(bytes)])
})
