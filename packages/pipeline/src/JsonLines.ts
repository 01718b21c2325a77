/** Writes a file whole or not at all: rows go to a neighbour, which takes the file's name when it is complete. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as PlatformError from "effect/PlatformError"
import * as Stream from "effect/Stream"
import { WriteError } from "@consortium/core/Example"

const remedies: ReadonlyMap<string, string> = new Map([
  ["ENOSPC", "the disk is full: free some space; the same command goes on"],
  ["EROFS", "the disk is read-only: choose another folder"],
  ["EACCES", "it may not be written: change its permissions or choose another folder"],
  ["EPERM", "it may not be written: change its permissions or choose another folder"],
  ["EISDIR", "it is a folder: move it away"]
])

const codeOf = (error: PlatformError.PlatformError): string => {
  const { cause } = error.reason
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : ""
}

const explain = (path: string) => (error: PlatformError.PlatformError) =>
  new WriteError({ path, reason: remedies.get(codeOf(error)) ?? error.message })

const encoder = new TextEncoder()

/** Lines that are JSON already. */
export const writeLines = Effect.fnUntraced(function* <E, R>(path: string, lines: Stream.Stream<string, E, R>) {
  const files = yield* FileSystem.FileSystem
  const partial = `${path}.partial`
  const failed = Effect.mapError(explain(path))
  yield* Effect.gen(function* () {
    const file = yield* failed(files.open(partial, { flag: "w" }))
    yield* lines.pipe(
      Stream.map((line) => encoder.encode(`${line}\n`)),
      Stream.runForEach((bytes) => failed(file.writeAll(bytes)))
    )
    yield* failed(file.sync)
  }).pipe(Effect.scoped)
  yield* failed(files.rename(partial, path))
})

/** One JSON value a line. */
export const write = <A, E, R>(path: string, rows: Stream.Stream<A, E, R>) =>
  writeLines(
    path,
    Stream.map(rows, (row) => JSON.stringify(row))
  )

/** One JSON document, indented. */
export const writeJson = (path: string, value: unknown) => writeLines(path, Stream.succeed(JSON.stringify(value, null, 2)))
