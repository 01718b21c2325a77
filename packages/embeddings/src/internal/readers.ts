/** The rows of a file of each kind. */
import { roomFor, type Space } from "@consortium/core/EmbeddingMatrix"
import { PromptId } from "@consortium/core/Ids"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { MatrixFileError } from "../MatrixFileError.js"
import { each, fill, open } from "./blocks.js"
import { headerOf } from "./header.js"
import { Reader } from "./jsonLines.js"
import { Lines } from "./lines.js"
import * as npy from "./npy.js"
import { float32, type Kind } from "./numbers.js"
import { readParquet } from "./parquet.js"

export interface Options {
  readonly path: string
  /** Numbers a row: must be said for `.f32` and `.bin` without a header, is checked for the others. */
  readonly dimension?: number
  /**
   * A file with one id a line, in the order of the rows; an id with a newline or a quotation mark in front stands there as
   * a JSON string. @default `path` with `.ids` behind it where there is one, else the numbers of the rows from 1
   */
  readonly ids?: string
  /** Parquet: the column of vectors. @default `embedding`, `vector`, or the only one */
  readonly column?: string
  /** Parquet: the column of ids. @default `id` where there is one, else as `ids` */
  readonly idColumn?: string
  /** What made the vectors: names the space. @default what the header of a `.f32` says, else the file's name */
  readonly model?: string
}

export const endingOf = (path: string): string => path.slice(path.lastIndexOf(".")).toLowerCase()
/** What a space is called that has no other name. */
export const nameOf = (path: string): string => path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1)

/** Each line that is not blank, with its number from 1. */
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
export const idsOf = Effect.fnUntraced(function* (options: Options, rows: number) {
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
  const data = roomFor(rows * dimension)
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

export interface Found {
  readonly data: Float32Array
  readonly dimension: number
  readonly rows: number
  /** Where the file itself has them. */
  readonly ids?: ReadonlyArray<PromptId>
  readonly space?: Space
  /** Rows, from 0, that hold nothing. */
  readonly absent?: ReadonlyArray<number>
}

/** Where a file's numbers lie, and what its header says besides. */
interface Layout extends Block {
  readonly space?: Space
  readonly absent?: ReadonlyArray<number>
}

type Open = Effect.Success<ReturnType<typeof open>>

const npyLayout = Effect.fnUntraced(function* ({ dimension, path }: Options, { read, size }: Open) {
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
  const layout: Layout = shape
  return layout
})

const rawLayout = Effect.fnUntraced(function* ({ dimension: said, path }: Options, { size }: Open) {
  const header = yield* headerOf(path)
  const fail = (reason: string) => new MatrixFileError({ file: path, reason })
  if (header?.rows === null) return yield* fail("it is not finished: start the embedding again, which goes on with it")
  const dimension = header?.space.dimension ?? said
  if (dimension === undefined) return yield* fail("raw float32 does not say how long a row is: say its dimension")
  if (said !== undefined && said !== dimension)
    return yield* fail(`its rows have ${dimension} numbers where ${said} were said: leave the dimension out`)
  const rows = size / (4 * dimension)
  if (!Number.isInteger(rows) || (header !== undefined && header.rows !== rows))
    return yield* fail(`${size} bytes are no whole number of rows of ${dimension} float32: check the dimension`)
  const named = header !== undefined && { space: header.space, absent: header.absent }
  const layout: Layout = { rows, dimension, kind: float32, from: 0, ...named }
  return layout
})

const readNumbers = (layoutOf: typeof npyLayout | typeof rawLayout) =>
  Effect.fnUntraced(function* (options: Options) {
    const file = yield* open(options.path)
    const layout = yield* layoutOf(options, file)
    const { absent, dimension, rows, space } = layout
    const data = yield* numbers(options.path, layout, file.read)
    const found: Found = { data, dimension, rows, ...(space && { space }), ...(absent && { absent }) }
    return found
  }, Effect.scoped)

/** Where the float32 numbers of a `.npy`, `.f32` or `.bin` lie. */
export const float32Layout = Effect.fnUntraced(function* (options: Options) {
  const fail = (reason: string) => new MatrixFileError({ file: options.path, reason })
  const ending = endingOf(options.path)
  const layoutOf = ending === ".npy" ? npyLayout : ending === ".f32" || ending === ".bin" ? rawLayout : undefined
  if (layoutOf === undefined)
    return yield* fail("its rows can't be read one by one: use .f32, .bin or .npy, or load it")
  const layout = yield* layoutOf(options, yield* open(options.path))
  if (layout.kind.convert !== undefined)
    return yield* fail("its numbers are no float32: load it, or save it as float32")
  if (layout.rows === 0) return yield* fail("no rows in it: give at least one vector")
  if ((layout.absent ?? []).length > 0)
    return yield* fail("some of its rows hold nothing: load it, which leaves them out")
  return layout
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

/** By the ending of a file. */
export const readers = {
  ".npy": readNumbers(npyLayout),
  ".f32": readNumbers(rawLayout),
  ".bin": readNumbers(rawLayout),
  ".jsonl": readJsonLines,
  ".parquet": readParquet
} as const
export const isKnown = (ending: string): ending is keyof typeof readers => Object.hasOwn(readers, ending)
