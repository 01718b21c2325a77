/**
 * A matrix that lives in a file: texts are embedded straight to `path`, float32 row after row, each at its number in the
 * list. A start that was killed is gone on with by the same call, which asks for what is missing. `MatrixFile.read` opens
 * it, also other programs do (`numpy.fromfile`). One process at a time.
 */
import * as fs from "node:fs"
import { crc32 } from "node:zlib"
import type { CallFailure } from "@consortium/core/Call"
import {
  type Embedder,
  embedEach,
  nothingOf,
  type Options as EmbedOptions,
  type Outcome,
  type Row,
  type Sink
} from "@consortium/core/Embedder"
import { EmbeddingError, type Space, spaceKey } from "@consortium/core/EmbeddingMatrix"
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import { encodeHeader, type Header, headerOf, headerPath } from "./internal/header.js"
import * as marks from "./internal/marks.js"
import { idLines, put, unwritable } from "./internal/wholeFile.js"
import { MatrixFileError } from "./MatrixFileError.js"

export interface Options extends EmbedOptions {
  /** Ends in `.f32`. Beside it stand `.json` (the space), `.ids` (an id a line) and `.rows` (what a resumed start knows). */
  readonly path: string
}

export interface EmbeddedFile extends Outcome {
  readonly space: Space
  /** Rows of the list, and those among them that an earlier start had. */
  readonly rows: number
  readonly there: number
}

const words = (cause: unknown) => ({ message: cause instanceof Error ? cause.message : String(cause) })

/** What `path` holds of an earlier start, open to be gone on with. */
const open = Effect.fnUntraced(function* (path: string, embedder: Pick<Embedder, "ref" | "wire">) {
  const header = yield* headerOf(path)
  const { ref, wire = "" } = embedder
  if (header !== undefined && (header.ref !== ref || header.wire !== wire)) {
    const reason = `it holds rows of ${header.ref} (${header.wire}), not of ${ref} (${wire}): choose another file`
    return yield* new MatrixFileError({ file: path, reason })
  }
  if (header === undefined && fs.existsSync(path) && fs.statSync(path).size > 0 && !fs.existsSync(`${path}.rows`)) {
    const reason = "it is there and was not embedded here: choose another file, or read it as it is"
    return yield* new MatrixFileError({ file: path, reason })
  }
  const handle = (file: string) =>
    Effect.acquireRelease(
      Effect.try({
        try: () => fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o644),
        catch: (cause) => unwritable(file)(words(cause))
      }),
      (descriptor) => Effect.sync(() => fs.closeSync(descriptor))
    )
  const data = yield* handle(path)
  const rows = yield* handle(`${path}.rows`)
  // Without a header nobody knows how long a row is.
  const before = header === undefined ? Buffer.alloc(0) : Buffer.from(fs.readFileSync(rows))
  return { header, data, rows, before }
})

const writeAll = (descriptor: number, bytes: Uint8Array, position: number): void => {
  for (let done = 0; done < bytes.length; )
    done += fs.writeSync(descriptor, bytes, done, bytes.length - done, position + done)
}

/** Embeds all texts that are not there yet, as `embedEach` does. Memory: the batches in flight, the ids, 32 bytes a row. */
export const embed = Effect.fnUntraced(function* <E extends CallFailure, E2, R2>(
  embedder: Embedder<E>,
  rows: Stream.Stream<Row, E2, R2>,
  { path, ...options }: Options
) {
  const file = yield* open(path, embedder)
  const { ref, wire = "" } = embedder
  const ids: Array<string> = []
  const present: Array<boolean> = []
  let space = file.header?.space
  let begun = false
  const width = () => (space?.dimension ?? 0) * 4

  const headerWith = (more: Pick<Header, "rows" | "absent">) =>
    space === undefined
      ? Effect.void
      : put(headerPath(path), [
          Buffer.from(`${encodeHeader({ schema: "consortium.matrix/1", space, ref, wire, ...more })}\n`)
        ])
  const unfinished = Effect.suspend(() => {
    if (begun) return Effect.void
    begun = true
    return headerWith({ rows: null, absent: [] })
  })

  const sink: Sink<MatrixFileError, Effect.Services<typeof unfinished>> = {
    has: (row, at) => {
      ids[at] = row.id
      const mark = marks.read(file.before, at, row)
      if (mark === undefined) return undefined
      const numbers = new Uint8Array(width())
      const got = fs.readSync(file.data, numbers, 0, numbers.length, at * width())
      if (got < numbers.length || crc32(numbers) !== mark.crc) return undefined
      present[at] = true
      return mark.how
    },
    begin: (found) => {
      if (space !== undefined && spaceKey(space) !== spaceKey(found)) {
        const detail = `${path} is of ${spaceKey(space)}, the answers of ${spaceKey(found)}: choose another file`
        return new EmbeddingError({ why: "mixed-spaces", detail })
      }
      space = found
      return undefined
    },
    room: (_at, count) => new Float32Array((count * width()) / 4),
    put: (at, places, numbers) =>
      Effect.andThen(
        unfinished,
        Effect.try({
          try: () => {
            const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)
            const some = Buffer.alloc(places.length * marks.markBytes)
            for (const [offset, place] of places.entries()) {
              const row = bytes.subarray(offset * width(), (offset + 1) * width())
              present[at + offset] = place !== undefined
              if (place === undefined) row.fill(0)
              else marks.write(some, offset, place, row)
            }
            // A mark says that its row is there, so it comes after it.
            writeAll(file.data, bytes, at * width())
            writeAll(file.rows, some, at * marks.markBytes)
          },
          catch: (cause) => unwritable(path)(words(cause))
        })
      )
  }
  const { rows: count, space: _, ...outcome } = yield* embedEach(embedder, rows, sink, options)
  if (space === undefined || count === outcome.failed.length) return yield* nothingOf(outcome.failed)
  const absent = ids.flatMap((_, at) => (present[at] === true ? [] : [at]))
  yield* Effect.try({
    try: () => {
      fs.ftruncateSync(file.data, count * width())
      fs.ftruncateSync(file.rows, count * marks.markBytes)
      fs.fsyncSync(file.data)
      fs.fsyncSync(file.rows)
    },
    catch: (cause) => unwritable(path)(words(cause))
  })
  yield* put(`${path}.ids`, idLines(ids))
  yield* headerWith({ rows: count, absent })
  return { ...outcome, rows: count, space } satisfies EmbeddedFile
}, Effect.scoped)
