/** Reads a file piece by piece into memory that is there already. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as PlatformError from "effect/PlatformError"
import { MatrixFileError } from "../MatrixFileError.js"

/** Bytes of one read: no call takes long, and none meets the runtime's limit. */
const block = 16 * 1024 * 1024

const words: Partial<Record<PlatformError.PlatformError["reason"]["_tag"], string>> = {
  NotFound: "no such file: check the path",
  PermissionDenied: "it may not be read: change its permissions"
}

export const unreadable = (file: string) => (error: PlatformError.PlatformError) =>
  new MatrixFileError({
    file,
    reason: words[error.reason._tag] ?? `it can't be read: check the file and its disk (${error.message})`
  })

/** A file that stays open as long as the scope, with its size in bytes. */
export const open = Effect.fnUntraced(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  const about = yield* Effect.mapError(files.stat(path), unreadable(path))
  if (about.type === "Directory")
    return yield* new MatrixFileError({ file: path, reason: "it is a folder: give one file" })
  const file = yield* Effect.mapError(files.open(path), unreadable(path))
  const read = (into: Uint8Array, position: number) =>
    Effect.mapError(file.read(into, { position: BigInt(position) }), unreadable(path))
  return { size: Number(about.size), read }
})

type Read = Effect.Success<ReturnType<typeof open>>["read"]

/** Fills `into` from `position` on; answers how many bytes there were. */
export const fill = Effect.fnUntraced(function* (read: Read, into: Uint8Array, position: number) {
  let done = 0
  while (done < into.length) {
    const got = yield* read(into.subarray(done, Math.min(into.length, done + block)), position + done)
    if (got === 0) break
    done += got
  }
  return done
})

/** Each piece of a file from its beginning; the memory of a piece is used again for the next. */
export const each = Effect.fnUntraced(function* <E, R>(
  read: Read,
  take: (piece: Uint8Array) => Effect.Effect<void, E, R> | undefined
) {
  const piece = new Uint8Array(256 * 1024)
  for (let position = 0; ; ) {
    const got = yield* read(piece, position)
    if (got === 0) return
    position += got
    const rest = take(piece.subarray(0, got))
    if (rest !== undefined) yield* rest
  }
})
