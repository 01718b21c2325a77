/** Writes a file whole or not at all: rows go to a neighbour, which takes the file's name when it is complete. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as wholeFile from "./internal/wholeFile.js"

/** Lines are written in blocks of about this many characters. */
const blockSize = 64 * 1024

const encoder = new TextEncoder()

const blocks = function* (lines: ReadonlyArray<string>): Generator<Uint8Array> {
  let block = ""
  for (const line of lines) {
    block += `${line}\n`
    if (block.length < blockSize) continue
    yield encoder.encode(block)
    block = ""
  }
  if (block !== "") yield encoder.encode(block)
}

/** Lines that are JSON already. Where it fails, an earlier file of this name stays as it was. */
export const writeLines = <E, R>(path: string, lines: Stream.Stream<string, E, R>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const file = yield* wholeFile.open(path)
      yield* Stream.runForEachArray(lines, (some) => Effect.forEach(blocks(some), file.write, { discard: true }))
      yield* file.commit
    })
  )

/** One JSON value a line. */
export const write = <A, E, R>(path: string, rows: Stream.Stream<A, E, R>) =>
  writeLines(
    path,
    Stream.map(rows, (row) => JSON.stringify(row))
  )

/** One JSON document, indented. */
export const writeJson = (path: string, value: unknown) =>
  writeLines(path, Stream.succeed(JSON.stringify(value, null, 2)))
