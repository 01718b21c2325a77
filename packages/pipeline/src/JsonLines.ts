/** Writes a file whole or not at all: rows go to a neighbour, which takes the file's name when it is complete. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as PlatformError from "effect/PlatformError"
import * as Stream from "effect/Stream"
import { WriteError } from "@consortium/core/Example"

/** Lines are written in blocks of about this many characters. */
const blockSize = 64 * 1024

const forbidden = "it may not be written: change its permissions or choose another folder"
const remedies: ReadonlyMap<string, string> = new Map([
  ["ENOSPC", "the disk is full: free some space, then run the same command again"],
  ["EDQUOT", "your share of the disk is used up: free some space, then run the same command again"],
  ["EROFS", "the disk is read-only: choose another folder"],
  ["EACCES", forbidden],
  ["EPERM", forbidden],
  ["ENOENT", "its folder does not exist: create it"],
  ["ENOTDIR", "its folder is a file: choose another folder"],
  ["EISDIR", "it is a folder: move it away"]
])

const codeOf = (error: PlatformError.PlatformError): string => {
  const { cause } = error.reason
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : ""
}

const explain = (path: string) => (error: PlatformError.PlatformError) =>
  new WriteError({ path, reason: remedies.get(codeOf(error)) ?? `check the folder and its disk (${error.message})` })

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
export const writeLines = Effect.fnUntraced(function* <E, R>(path: string, lines: Stream.Stream<string, E, R>) {
  const files = yield* FileSystem.FileSystem
  const partial = `${path}.partial`
  const failed = Effect.mapError(explain(path))
  yield* Effect.gen(function* () {
    const file = yield* Effect.mapError(files.open(partial, { flag: "w" }), explain(partial))
    yield* Stream.runForEachArray(lines, (some) =>
      Effect.forEach(blocks(some), (bytes) => failed(file.writeAll(bytes)), { discard: true })
    )
    yield* failed(file.sync)
  }).pipe(
    Effect.scoped,
    Effect.andThen(failed(files.rename(partial, path))),
    // What is left of a failure is of no use, and may be what filled the disk.
    Effect.onError(() => Effect.ignore(files.remove(partial)))
  )
})

/** One JSON value a line. */
export const write = <A, E, R>(path: string, rows: Stream.Stream<A, E, R>) =>
  writeLines(
    path,
    Stream.map(rows, (row) => JSON.stringify(row))
  )

/** One JSON document, indented. */
export const writeJson = (path: string, value: unknown) =>
  writeLines(path, Stream.succeed(JSON.stringify(value, null, 2)))
