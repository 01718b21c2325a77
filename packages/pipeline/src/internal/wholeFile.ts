/** A file that is written whole or not at all: bytes go to a neighbour, which takes the file's name in the end. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import type * as PlatformError from "effect/PlatformError"
import * as Scope from "effect/Scope"
import { WriteError } from "@consortium/core/Example"

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

/** What went wrong with a file, and what to do. */
export const explain = (path: string) => (error: PlatformError.PlatformError) =>
  new WriteError({ path, reason: remedies.get(codeOf(error)) ?? `check the folder and its disk (${error.message})` })

/** Opens the neighbour for as long as the scope lasts. Until `commit`, an earlier file of this name stays as it was. */
export const open = Effect.fnUntraced(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  const partial = `${path}.partial`
  const failed = Effect.mapError(explain(path))
  let committed = false
  // What is left of a failure is of no use, and may be what filled the disk. Closed first, removed then.
  yield* Effect.addFinalizer(() => (committed ? Effect.void : Effect.ignore(files.remove(partial))))
  const handle = yield* Effect.acquireRelease(Scope.make(), Scope.close)
  const file = yield* Effect.mapError(Scope.provide(files.open(partial, { flag: "w" }), handle), explain(partial))
  const commit = Effect.gen(function* () {
    yield* file.sync
    // An open file can't be renamed everywhere.
    yield* Scope.close(handle, Exit.void)
    yield* files.rename(partial, path)
    committed = true
  })
  return { write: (bytes: Uint8Array) => failed(file.writeAll(bytes)), commit: failed(commit) }
})
