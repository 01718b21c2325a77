/** The rows of a Parquet file as JSON has them, a row group at a time (hyparquet). */
import { SourceError } from "@consortium/core/PromptSource"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { AsyncBuffer, FileMetaData } from "hyparquet"

/** Bytes from `start` up to `end`. */
export type Slice = (start: number, end: number) => Effect.Effect<Uint8Array, SourceError>

const decoder = new TextDecoder("utf-8", { ignoreBOM: true })
/** The library's own drops a mark at the beginning of any text. */
const parsers = { stringFromBytes: (bytes: Uint8Array | undefined) => bytes && decoder.decode(bytes) }

/** Integers of 64 bits are numbers where a number holds them; times are ISO 8601, bytes base64. */
const plain = (value: unknown): unknown => {
  if (typeof value === "bigint") {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : String(value)
  }
  if (typeof value !== "object" || value === null) return value
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64")
  if (Array.isArray(value)) return value.map(plain)
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]))
}

interface Group {
  readonly rowStart: number
  readonly rowEnd: number
}

/** From row to row. */
const groupsOf = (metadata: FileMetaData): ReadonlyArray<Group> => {
  let rowStart = 0
  return metadata.row_groups.map(({ num_rows: rows }) => {
    const group = { rowStart, rowEnd: rowStart + Number(rows) }
    rowStart = group.rowEnd
    return group
  })
}

export const parquetValues = (file: string, size: number, slice: Slice): Stream.Stream<unknown, SourceError> => {
  const broken = (cause: unknown) =>
    cause instanceof SourceError
      ? cause
      : new SourceError({
          file,
          reason: `it can't be read as Parquet: write it again (${cause instanceof Error ? cause.message : String(cause)})`
        })
  const attempt = <A>(read: () => Promise<A>) => Effect.tryPromise({ try: read, catch: broken })
  const buffer: AsyncBuffer = {
    byteLength: size,
    slice: (start, end = size) =>
      Effect.runPromise(slice(start, end)).then((bytes) => {
        const copy = new Uint8Array(bytes.length)
        copy.set(bytes)
        return copy.buffer
      })
  }
  // Loaded where there is such a file only: most inputs are text.
  const opened = attempt(async () => {
    const [{ parquetMetadataAsync, parquetReadObjects }, { compressors }] = await Promise.all([
      import("hyparquet"),
      import("hyparquet-compressors")
    ])
    const metadata = await parquetMetadataAsync(buffer)
    return {
      groups: groupsOf(metadata),
      read: (group: Group) => parquetReadObjects({ file: buffer, metadata, compressors, parsers, ...group })
    }
  })
  return Stream.unwrap(
    Effect.map(opened, ({ groups, read }) =>
      Stream.fromIterable(groups).pipe(
        Stream.mapEffect((group) => attempt(() => read(group))),
        Stream.flatMap((rows) => Stream.fromIterable(rows)),
        Stream.map(plain)
      )
    )
  )
}
