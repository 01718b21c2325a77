/** The formats of an input: bytes to numbered rows. */
import { type PromptSource, SourceError, type SourceRow } from "@consortium/core/PromptSource"
import type { Prompt } from "@consortium/core/Prompt"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { cellsOf, recordEnds } from "./csv.js"
import { parse } from "./json.js"
import { type Line, lines } from "./lines.js"
import { parquetValues, type Slice } from "./parquetValues.js"
import { fromJson, fromValue, jsonOf } from "./promptRow.js"
import { fail, isRecord, type Read } from "./trouble.js"

type Bytes = Stream.Stream<Uint8Array, SourceError>
type Rows = PromptSource["Service"]["stream"]

/** What every format is told. */
export interface Input {
  readonly file: string
  readonly bytes: Bytes
  /** Of the file, in bytes; 0 where it has none. */
  readonly size: number
  /** In bytes. */
  readonly longestLine: number
  /** Some bytes of the file, where it can be read out of order. */
  readonly slice?: Slice
}

/** A `.json` file is read whole; in bytes. */
const largestJson = 256 * 1024 * 1024

const lineRow = (file: string, line: number, read: Read<Prompt>): SourceRow =>
  Result.isSuccess(read)
    ? { _tag: "Prompt", number: line, prompt: read.success }
    : { _tag: "Invalid", number: line, error: new SourceError({ file, line, ...read.failure }) }

const textOf = (line: Line): Read<string> => (line._tag === "Text" ? Result.succeed(line.text) : fail(line.reason))
const isBlank = (line: Line) => line._tag === "Text" && line.text.trim() === ""

const byLine =
  (read: (text: string) => Read<Prompt>) =>
  ({ file, bytes, longestLine }: Input): Rows =>
    lines(bytes, longestLine).pipe(
      Stream.filter((line) => !isBlank(line)),
      Stream.map((line) => lineRow(file, line.number, Result.flatMap(textOf(line), read)))
    )

/** JSON where a line looks like it, and plain text elsewhere. */
const either = (text: string) => (/^\s*[{"]/.test(text) ? fromJson(text) : fromValue(text))

type Header = ReadonlyArray<string>

/** Columns that a prompt can be read from; some hold JSON. */
const asking = new Set(["prompt", "messages", "conversations", "instruction"])
const jsonColumns = ["messages", "conversations"]

const headerOf = (cells: Header): Read<Header> => {
  const names = cells.map((cell) => cell.trim())
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) return fail(`the header has two columns ${JSON.stringify(twice)}: rename one`)
  if (names.some((name) => asking.has(name))) return Result.succeed(names)
  return fail(`the header has no column "prompt" or "messages", parted by commas: ${names.join(", ")}`)
}

/** A row of columns: a conversation may stand in one as the text of its JSON. */
const tableRow = (row: unknown): Read<Prompt> => {
  const column = isRecord(row) ? jsonColumns.find((name) => typeof row[name] === "string") : undefined
  return column === undefined || !isRecord(row)
    ? fromValue(row)
    : Result.flatMap(jsonOf(String(row[column]), column), (value) => fromValue({ ...row, [column]: value }))
}

const csvPrompt = (header: Header, cells: ReadonlyArray<string>): Read<Prompt> => {
  if (cells.length !== header.length) {
    return fail(
      `it has ${cells.length} cells where the header has ${header.length}: quote cells with commas or line breaks`
    )
  }
  const row: Record<string, unknown> = Object.fromEntries(
    header.map((name, index) => [name, cells[index]] as const).filter(([, cell]) => cell !== "")
  )
  return tableRow(row)
}

const csv = ({ file, bytes, longestLine }: Input): Rows =>
  Stream.suspend(() => {
    let header: Header | undefined
    const rowOf = (line: Line): Effect.Effect<SourceRow | undefined, SourceError> => {
      const cells = Result.flatMap(textOf(line), cellsOf)
      if (header !== undefined) {
        const names = header
        return Effect.succeed(
          lineRow(
            file,
            line.number,
            Result.flatMap(cells, (said) => csvPrompt(names, said))
          )
        )
      }
      const named = Result.flatMap(cells, headerOf)
      if (Result.isFailure(named)) return Effect.fail(new SourceError({ file, line: line.number, ...named.failure }))
      header = named.success
      return Effect.succeed(undefined)
    }
    return lines(bytes, longestLine, recordEnds).pipe(
      Stream.filter((line) => !isBlank(line)),
      Stream.mapEffect(rowOf),
      Stream.filter(Predicate.isNotUndefined)
    )
  })

const wholeText = Effect.fnUntraced(function* ({ file, bytes, size }: Input) {
  const reason = `it is larger than ${largestJson} bytes: write one row a line, as .jsonl, which is read as a stream`
  const tooLarge = new SourceError({ file, reason })
  if (size > largestJson) return yield* tooLarge
  // What was packed says its size only while it is unpacked.
  let seen = 0
  const bounded = Stream.mapEffect(bytes, (chunk) => {
    seen += chunk.length
    return seen > largestJson ? Effect.fail(tooLarge) : Effect.succeed(chunk)
  })
  const read = yield* Stream.runCollect(
    Stream.mapEffect(lines(bounded, largestJson), (line) =>
      line._tag === "Text"
        ? Effect.succeed(line.text)
        : Effect.fail(new SourceError({ file, line: line.number, reason: line.reason }))
    )
  )
  return read.join("\n")
})

/** An item of a list has a path, `[0].prompt`, rather than a line. */
const itemRow = (file: string, index: number, read: Read<Prompt>): SourceRow => {
  if (Result.isSuccess(read)) return { _tag: "Prompt", number: index + 1, prompt: read.success }
  const { field, reason } = read.failure
  const path = field === undefined ? `[${index}]` : `[${index}].${field}`
  return { _tag: "Invalid", number: index + 1, error: new SourceError({ file, field: path, reason }) }
}

const json = (input: Input): Rows =>
  Stream.unwrap(
    Effect.gen(function* () {
      const { file } = input
      const text = yield* wholeText(input)
      if (text.trim() === "") return Stream.empty
      const list = parse(text)
      if (Result.isFailure(list)) {
        const { at, reason } = list.failure
        const before = text.slice(0, at).split("\n")
        const column = (before.at(-1)?.length ?? 0) + 1
        return yield* new SourceError({
          file,
          line: before.length,
          reason: `broken JSON at column ${column}: ${reason}`
        })
      }
      if (!Array.isArray(list.success)) {
        return yield* new SourceError({
          file,
          reason: "it must be a list of rows: write [ … ], or one row a line as .jsonl"
        })
      }
      const rows: ReadonlyArray<unknown> = list.success
      return Stream.map(Stream.fromIterable(rows.entries()), ([index, row]) => itemRow(file, index, fromValue(row)))
    })
  )

/** Rows of a Parquet file, numbered from 1. */
const parquet = ({ file, size, slice }: Input): Rows => {
  if (slice === undefined) {
    return Stream.fail(new SourceError({ file, reason: "Parquet is packed inside: give the file itself, not as .gz" }))
  }
  let number = 0
  return Stream.map(parquetValues(file, size, slice), (value) => lineRow(file, ++number, tableRow(value)))
}

/** Of text, by the ending of a file's name. */
export const texts: ReadonlyMap<string, (input: Input) => Rows> = new Map([
  [".jsonl", byLine(fromJson)],
  [".ndjson", byLine(fromJson)],
  [".json", json],
  [".csv", csv],
  [".txt", byLine(fromValue)]
])

/** All, by the ending of a file's name. */
export const formats: ReadonlyMap<string, (input: Input) => Rows> = new Map([...texts, [".parquet", parquet]])

/** Of standard input, which has no name. */
export const unnamed = byLine(either)
