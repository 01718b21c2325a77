/**
 * Embedding matrices in files: `.npy` (two dimensions; float16, float32, float64 or int8), `.f32` or `.bin` (float32,
 * little-endian, row after row), `.jsonl` (`{ "id": …, "embedding": […] }` a line).
 */
import { type EmbeddingError, EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import { PromptId } from "@consortium/core/Ids"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { each, fill, open, unreadable } from "./internal/blocks.js"
import { holdsVector, Reader } from "./internal/jsonLines.js"
import { Lines } from "./internal/lines.js"
import * as npy from "./internal/npy.js"
import { float32, type Kind } from "./internal/numbers.js"
import { MatrixFileError } from "./MatrixFileError.js"

export interface Options {
  readonly path: string
  /** Numbers a row: must be said for `.f32` and `.bin`, is checked for the others. */
  readonly dimension?: number
  /**
   * A file with one id a line, in the order of the rows; an id with a newline or a quotation mark in front stands there as
   * a JSON string. @default `path` with `.ids` behind it where there is one, else the numbers of the rows from 1
   */
  readonly ids?: string
  /** What made the vectors: names the space. @default the file's name */
  readonly model?: string
}

const endingOf = (path: string) => path.slice(path.lastIndexOf(".")).toLowerCase()
const nameOf = (path: string) => path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1)

const lines = Effect.fnUntraced(function* (
  path: string,
  take: (line: string, number: number) => MatrixFileError | undefined
) {
  const { read } = yield* open(path)
  const reader = new Lines(path, take)
  yield* each(read, (piece) => {
    const trouble = reader.push(piece)
    return trouble === undefined ? undefined : Effect.fail(trouble)
  })
  const trouble = reader.end()
  if (trouble !== undefined) return yield* trouble
}, Effect.scoped)

const idIn = (line: string): string => {
  if (!line.startsWith('"')) return line
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === "string" ? value : line
  } catch {
    return line
  }
}

/** The ids of so many rows. */
const idsOf = Effect.fnUntraced(function* (options: Options, rows: number) {
  const files = yield* FileSystem.FileSystem
  const beside = `${options.path}.ids`
  const found = yield* Effect.orElseSucceed(files.exists(beside), () => false)
  const file = options.ids ?? (found ? beside : undefined)
  if (file === undefined) return Array.from({ length: rows }, (_, row) => PromptId.make(String(row + 1)))
  const ids: Array<PromptId> = []
  yield* lines(file, (line) => {
    ids.push(PromptId.make(idIn(line.trim())))
    return undefined
  })
  if (ids.length !== rows) {
    const reason = `${ids.length} ids for ${rows} rows of ${options.path}: write one id a line for each row`
    return yield* new MatrixFileError({ file, reason })
  }
  return ids
})

interface Block {
  readonly rows: number
  readonly dimension: number
  readonly kind: Kind
  readonly from: number
}

/** Rows at a time through a small buffer where numbers have to be converted; else straight to where they stay. */
const numbers = Effect.fnUntraced(function* (
  path: string,
  { dimension, from, kind, rows }: Block,
  read: Effect.Success<ReturnType<typeof open>>["read"]
) {
  const data = new Float32Array(rows * dimension)
  const { bytes, convert } = kind
  const cut = new MatrixFileError({ file: path, reason: "it ends before its last row: copy or save it again" })
  if (convert === undefined) {
    const got = yield* fill(read, new Uint8Array(data.buffer), from)
    return got < data.byteLength ? yield* cut : data
  }
  const step = Math.max(1, Math.floor((1024 * 1024) / dimension))
  const buffer = new Uint8Array(step * dimension * bytes)
  for (let row = 0; row < rows; row += step) {
    const count = Math.min(step, rows - row) * dimension
    const piece = buffer.subarray(0, count * bytes)
    if ((yield* fill(read, piece, from + row * dimension * bytes)) < piece.length) return yield* cut
    convert(new DataView(piece.buffer, 0, piece.length), data.subarray(row * dimension, row * dimension + count))
  }
  return data
})

interface Found {
  readonly data: Float32Array
  readonly dimension: number
  readonly rows: number
  /** Where the file itself has them. */
  readonly ids?: ReadonlyArray<PromptId>
}

const readNpy = Effect.fnUntraced(function* ({ dimension, path }: Options) {
  const { read, size } = yield* open(path)
  const head = new Uint8Array(Math.min(size, npy.maxHead))
  const shape = npy.parse(head.subarray(0, yield* fill(read, head, 0)))
  if (typeof shape === "string") return yield* new MatrixFileError({ file: path, reason: shape })
  if (dimension !== undefined && shape.dimension !== dimension) {
    const reason = `its rows have ${shape.dimension} numbers where ${dimension} were said: leave the dimension out or use another file`
    return yield* new MatrixFileError({ file: path, reason })
  }
  if (size < shape.from + shape.rows * shape.dimension * shape.kind.bytes) {
    return yield* new MatrixFileError({ file: path, reason: "it ends before its last row: copy or save it again" })
  }
  return { data: yield* numbers(path, shape, read), dimension: shape.dimension, rows: shape.rows }
}, Effect.scoped)

const readRaw = Effect.fnUntraced(function* ({ dimension, path }: Options) {
  const { read, size } = yield* open(path)
  const fail = (reason: string) => new MatrixFileError({ file: path, reason })
  if (dimension === undefined) return yield* fail("raw float32 does not say how long a row is: say its dimension")
  const rows = size / (4 * dimension)
  if (!Number.isInteger(rows)) {
    return yield* fail(`${size} bytes are no whole number of rows of ${dimension} float32: check the dimension`)
  }
  return { data: yield* numbers(path, { rows, dimension, kind: float32, from: 0 }, read), dimension, rows }
}, Effect.scoped)

/** Read twice, so that the numbers have their place before the first is parsed. */
const readJsonLines = Effect.fnUntraced(function* ({ dimension, path }: Options) {
  let rows = 0
  yield* lines(path, () => {
    rows++
    return undefined
  })
  const reader = new Reader(path, rows, dimension)
  yield* lines(path, (line, number) => reader.take(line, number))
  return { data: reader.data, dimension: reader.dimension ?? 1, rows, ids: reader.ids }
})

const readers = { ".npy": readNpy, ".f32": readRaw, ".bin": readRaw, ".jsonl": readJsonLines } as const
const isKnown = (ending: string): ending is keyof typeof readers => Object.hasOwn(readers, ending)

/** The endings that are always a matrix; a `.jsonl` may hold prompts instead. */
export const endings: ReadonlyArray<string> = [".npy", ".f32", ".bin"]

/** Whether a file's first row has a vector, or its ending says that it is a matrix. */
export const holdsVectors = Effect.fnUntraced(function* (path: string) {
  const ending = endingOf(path)
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

/** A matrix from a file, its rows scaled to length 1. Memory: the float32 rows and a small buffer. */
export const read = Effect.fnUntraced(function* (
  options: Options
): Effect.fn.Return<EmbeddingMatrix, MatrixFileError | EmbeddingError, FileSystem.FileSystem> {
  const { path } = options
  const ending = endingOf(path)
  if (!isKnown(ending)) {
    const reason = `its kind is unknown: use ${Object.keys(readers).join(", ")}`
    return yield* new MatrixFileError({ file: path, reason })
  }
  const found: Found = yield* readers[ending](options)
  const { data, dimension, rows } = found
  if (rows === 0) return yield* new MatrixFileError({ file: path, reason: "no rows in it: give at least one vector" })
  const own = options.ids === undefined ? found.ids : undefined
  const named = own ?? (yield* idsOf(options, rows))
  const space = { model: options.model ?? nameOf(path), dimension }
  return yield* Effect.fromResult(EmbeddingMatrix.make(space, named, data))
})

const unwritable = (file: string) => (error: Parameters<ReturnType<typeof unreadable>>[0]) =>
  new MatrixFileError({ file, reason: `it can't be written: check the folder and its disk (${error.message})` })

const slices = function* (bytes: Uint8Array): Generator<Uint8Array> {
  const size = 16 * 1024 * 1024
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

const idLines = function* (ids: ReadonlyArray<string>): Generator<Uint8Array> {
  const encoder = new TextEncoder()
  for (let from = 0; from < ids.length; from += 4096) {
    const some = ids.slice(from, from + 4096)
    yield encoder.encode(some.map((id) => `${/^"|\s|\p{Cs}/u.test(id) ? JSON.stringify(id) : id}\n`).join(""))
  }
}

/** Writes the rows as `.npy`, and their ids beside them as `path.ids`, each whole or not at all. */
export const write = Effect.fnUntraced(function* (path: string, matrix: EmbeddingMatrix) {
  const files = yield* FileSystem.FileSystem
  const put = Effect.fnUntraced(function* (to: string, pieces: Iterable<Uint8Array>) {
    const partial = `${to}.partial`
    yield* Effect.gen(function* () {
      const file = yield* files.open(partial, { flag: "w" })
      for (const piece of pieces) yield* file.writeAll(piece)
      yield* file.sync
    }).pipe(
      Effect.scoped,
      Effect.andThen(files.rename(partial, to)),
      Effect.onError(() => Effect.ignore(files.remove(partial))),
      Effect.mapError(unwritable(to))
    )
  })
  const { data, ids, rows, space } = matrix
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  yield* put(`${path}.ids`, idLines(ids))
  yield* put(path, [npy.headOf(rows, space.dimension), ...slices(bytes)])
})
