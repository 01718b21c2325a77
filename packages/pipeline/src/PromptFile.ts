/** Prompts from a file or from standard input, as a stream whose memory does not grow with the input. */
import * as Effect from "effect/Effect"
import * as Csv from "effect/encoding/Csv"
import * as FileSystem from "effect/FileSystem"
import type * as PlatformError from "effect/PlatformError"
import * as Result from "effect/Result"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import type { Prompt } from "@consortium/core/Prompt"
import { type PromptSource, SourceError, type SourceRow } from "@consortium/core/PromptSource"
import { type Line, lines } from "./internal/lines.js"
import { fromJson, fromValue, type Trouble } from "./internal/promptRow.js"

export { contentKey } from "./internal/contentKey.js"

export interface Options {
  /** A file with one of the known endings, or `-` for standard input. */
  readonly path: string
  /** Reads the first rows only, invalid ones counted. @default all */
  readonly limit?: number
  /** The longest line, in bytes; a longer one is an invalid row. @default 33554432 */
  readonly longestLine?: number
}

const defaults = { longestLine: 32 * 1024 * 1024 } as const
/** A `.json` file is read whole. */
const largestJson = 256 * 1024 * 1024
const formats = [".jsonl", ".ndjson", ".json", ".csv", ".txt"] as const
type Format = (typeof formats)[number] | "-"
type Bytes = Stream.Stream<Uint8Array, SourceError>

const endingOf = (path: string): Format | undefined =>
  path === "-" ? "-" : formats.find((ending) => path.toLowerCase().endsWith(ending))

const rowOf = (file: string, number: number, read: Result.Result<Prompt, Trouble>): SourceRow =>
  Result.isSuccess(read)
    ? { _tag: "Prompt", number, prompt: read.success }
    : { _tag: "Invalid", number, error: new SourceError({ file, line: number, ...read.failure }) }

const lineRow = (file: string, read: (text: string) => Result.Result<Prompt, Trouble>) => (line: Line): ReadonlyArray<SourceRow> => {
  if (line._tag === "Bad") return [rowOf(file, line.number, Result.fail({ reason: line.reason }))]
  return line.text.trim() === "" ? [] : [rowOf(file, line.number, read(line.text))]
}

/** Standard input is JSON where a line looks like it, and plain text elsewhere. */
const either = (text: string) => (/^\s*[{"]/.test(text) ? fromJson(text) : fromValue(text))

/** Refuses what is no text by its first bytes, and drops the mark of UTF-8. */
const textOnly = (file: string, bytes: Bytes): Bytes =>
  Stream.suspend(() => {
    let seen = 0
    const look = (chunk: Uint8Array): Effect.Effect<Uint8Array, SourceError> => {
      const first = seen === 0
      const head = seen < 8192 ? chunk.subarray(0, 8192 - seen) : chunk.subarray(0, 0)
      seen += chunk.length
      const refuse = (reason: string) => Effect.fail(new SourceError({ file, reason }))
      if (first && ((chunk[0] === 0xff && chunk[1] === 0xfe) || (chunk[0] === 0xfe && chunk[1] === 0xff))) {
        return refuse("it is UTF-16: convert it to UTF-8")
      }
      if (head.includes(0)) return refuse("it is a binary file: give prompts as text")
      return Effect.succeed(first && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? chunk.subarray(3) : chunk)
    }
    return Stream.mapEffect(Stream.filter(bytes, (chunk) => chunk.length > 0), look)
  })

const decoded = (file: string, bytes: Bytes): Stream.Stream<string, SourceError> =>
  Stream.suspend(() => {
    const decoder = new TextDecoder("utf-8", { fatal: true })
    const step = (chunk: Uint8Array | undefined) =>
      Effect.try({
        try: () => (chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true })),
        catch: () => new SourceError({ file, reason: "it is not valid UTF-8: convert it to UTF-8" })
      })
    return Stream.concat(Stream.mapEffect(bytes, step), Stream.fromEffect(Effect.suspend(() => step(undefined))))
  })

/** A cell as JSON; what is none stays a text, which the row then refuses. */
const parsed = (cell: string | undefined): unknown => {
  try {
    return JSON.parse(cell ?? "")
  } catch {
    return cell
  }
}

const csvRows = (file: string, bytes: Bytes): Stream.Stream<SourceRow, SourceError> =>
  Stream.suspend(() => {
    let header: ReadonlyArray<string> | undefined
    let record = 0
    const rowsOf = (cells: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<SourceRow>, SourceError> => {
      record++
      if (header === undefined) {
        header = cells.map((cell) => cell.trim())
        const named = header.includes("prompt") || header.includes("messages")
        const reason = `the header has no column "prompt" or "messages": ${header.join(", ")}`
        return named ? Effect.succeed([]) : Effect.fail(new SourceError({ file, line: 1, reason }))
      }
      if (cells.length === 1 && cells[0] === "") return Effect.succeed([])
      const row = Object.fromEntries(header.map((name, index) => [name, cells[index] ?? ""] as const).filter(([, cell]) => cell !== ""))
      const given = fromValue("messages" in row ? { ...row, messages: parsed(row.messages) } : row)
      return Effect.succeed([rowOf(file, record, given)])
    }
    return decoded(file, bytes).pipe(
      Stream.filter((text) => text !== ""),
      Stream.pipeThroughChannel(Csv.decodeString<SourceError>({ maxRecordSize: defaults.longestLine })),
      Stream.mapError((error) =>
        error instanceof SourceError ? error : new SourceError({ file, line: record + 1, reason: `broken CSV (${error.message})` })
      ),
      Stream.mapEffect(rowsOf),
      Stream.flatMap((rows) => Stream.fromIterable(rows))
    )
  })

const jsonRows = (file: string, bytes: Bytes): Stream.Stream<SourceRow, SourceError> =>
  Stream.unwrap(
    Effect.gen(function* () {
      let size = 0
      const text = yield* decoded(
        file,
        Stream.mapEffect(bytes, (chunk) => {
          size += chunk.length
          const reason = `it is larger than ${largestJson} bytes: write one row a line, as .jsonl, which is read as a stream`
          return size > largestJson ? Effect.fail(new SourceError({ file, reason })) : Effect.succeed(chunk)
        })
      ).pipe(Stream.mkString)
      const rows: unknown = yield* Effect.try({
        try: () => JSON.parse(text),
        catch: (cause) => new SourceError({ file, reason: `broken JSON (${cause instanceof Error ? cause.message : String(cause)})` })
      })
      if (!Array.isArray(rows)) return Stream.fail(new SourceError({ file, reason: "must be a list of rows: write [ … ], or use .jsonl" }))
      const list: ReadonlyArray<unknown> = rows
      return Stream.map(Stream.fromIterable(list.entries()), ([index, value]) => rowOf(file, index + 1, fromValue(value)))
    })
  )

const rowsOf = (file: string, format: Format, bytes: Bytes, longestLine: number): Stream.Stream<SourceRow, SourceError> => {
  const byLine = (read: (text: string) => Result.Result<Prompt, Trouble>) =>
    Stream.flatMap(lines(bytes, longestLine), (line) => Stream.fromIterable(lineRow(file, read)(line)))
  switch (format) {
    case ".jsonl":
    case ".ndjson":
      return byLine(fromJson)
    case ".txt":
      return byLine(fromValue)
    case "-":
      return byLine(either)
    case ".csv":
      return csvRows(file, bytes)
    case ".json":
      return jsonRows(file, bytes)
  }
}

const unreadable = (file: string) => (error: PlatformError.PlatformError) =>
  new SourceError({
    file,
    reason: error.reason._tag === "NotFound" ? "no such file: check the path" : `it can't be read (${error.message})`
  })

/** A source that fails when it is read, not when it is made. */
export const make = Effect.fnUntraced(function* (options: Options): Effect.fn.Return<
  PromptSource["Service"],
  never,
  FileSystem.FileSystem | Stdio.Stdio
> {
  const files = yield* FileSystem.FileSystem
  const { stdin } = yield* Stdio.Stdio
  const { path } = options
  const name = path === "-" ? "stdin" : path
  const format = endingOf(path)
  const open: Effect.Effect<Stream.Stream<SourceRow, SourceError>, SourceError> = Effect.gen(function* () {
    if (format === undefined) return yield* new SourceError({ file: path, reason: `its kind is unknown: use ${formats.join(", ")}, or - for standard input` })
    if (path !== "-") {
      const { type } = yield* Effect.mapError(files.stat(path), unreadable(name))
      if (type === "Directory") return yield* new SourceError({ file: path, reason: "it is a folder: give one file" })
    }
    const bytes = textOnly(name, Stream.mapError(path === "-" ? stdin : files.stream(path), unreadable(name)))
    return rowsOf(name, format, bytes, options.longestLine ?? defaults.longestLine)
  })
  const stream = Stream.unwrap(open)
  return { name, stream: options.limit === undefined ? stream : Stream.take(stream, options.limit) }
})
