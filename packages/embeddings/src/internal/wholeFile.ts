/** Files that are there whole or not at all. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { MatrixFileError } from "../MatrixFileError.js"

export const unwritable =
  (file: string) =>
  (error: { readonly message: string }): MatrixFileError =>
    new MatrixFileError({ file, reason: `it can't be written: check the folder and its disk (${error.message})` })

/** Written beside its place first, and put there when it is on the disk. */
export const put = Effect.fnUntraced(function* (to: string, pieces: Iterable<Uint8Array>) {
  const files = yield* FileSystem.FileSystem
  const partial = `${to}.partial`
  yield* Effect.gen(function* () {
    const file = yield* files.open(partial, { flag: "w" })
    for (const piece of pieces) yield* file.writeAll(piece)
    yield* file.sync
  }).pipe(
    Effect.scoped,
    Effect.andThen(files.rename(partial, to)),
    Effect.onError(() => Effect.ignore(files.remove(partial))),
    Effect.mapError(unwritable(to))
  )
})

/** One id a line, as `path.ids` has them. */
export const idLines = function* (ids: ReadonlyArray<string>): Generator<Uint8Array> {
  const encoder = new TextEncoder()
  for (let from = 0; from < ids.length; from += 4096) {
    const some = ids.slice(from, from + 4096)
    yield encoder.encode(some.map((id) => `${/^"|\s|\p{Cs}/u.test(id) ? JSON.stringify(id) : id}\n`).join(""))
  }
}
