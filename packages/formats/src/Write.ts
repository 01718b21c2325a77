/** Rows to the bytes of a file, without a run: as Streams and as async iterables. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type Choice, columnsOf, rowsOf } from "./Choice.js"
import { type Container, containers } from "./Container.js"
import type { Columns, Format, Row } from "./Format.js"
import type { Ranked } from "./Ranked.js"

export interface Options extends Choice {
  readonly format: Format
  /** @default containers.jsonl */
  readonly container?: Container
}

const containerOf = ({ container = containers.jsonl }: Options): Container => container

/** The rows of a ranked prompt that the container can hold. */
const rowsIn = (options: Options) => {
  const { textsOnly = false } = containerOf(options)
  const choice = { ...options, textsOnly: textsOnly || (options.textsOnly ?? false) }
  return (row: Ranked) => rowsOf(options.format, row, choice).rows
}

/** Rows of any origin, in a container. */
export const encode = <E, R>(
  rows: Stream.Stream<Row, E, R>,
  container: Container,
  columns: Columns
): Stream.Stream<Uint8Array, E, R> =>
  Stream.suspend(() => {
    const encoder = container.encoder(columns)
    return rows.pipe(
      Stream.mapArray((some) => {
        const [first, ...rest] = some.flatMap((row) => encoder.push(row) ?? [])
        return first === undefined ? [new Uint8Array()] : [first, ...rest]
      }),
      Stream.concat(Stream.sync(() => encoder.end())),
      Stream.filter((bytes) => bytes.length > 0)
    )
  })

/** Ranked prompts as the bytes of a trainer's file. */
export const write = <E, R>(ranked: Stream.Stream<Ranked, E, R>, options: Options): Stream.Stream<Uint8Array, E, R> => {
  const rows = rowsIn(options)
  return encode(
    Stream.flatMap(ranked, (row) => Stream.fromIterable(rows(row))),
    containerOf(options),
    columnsOf(options.format, options)
  )
}

/** The same for programs that do not write Effect. */
export const writeIterable = async function* (
  ranked: AsyncIterable<Ranked> | Iterable<Ranked>,
  options: Options
): AsyncGenerator<Uint8Array> {
  const rows = rowsIn(options)
  const encoder = containerOf(options).encoder(columnsOf(options.format, options))
  for await (const row of ranked) {
    for (const made of rows(row)) {
      const bytes = encoder.push(made)
      if (bytes !== undefined) yield bytes
    }
  }
  yield encoder.end()
}

/** All at once, for what fits into memory. */
export const writeAll = (ranked: Iterable<Ranked>, options: Options): Effect.Effect<Uint8Array> =>
  Effect.map(Stream.runCollect(write(Stream.fromIterable(ranked), options)), (blocks) => Buffer.concat(blocks))
