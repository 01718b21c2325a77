/** The rows of a float32 file that is not loaded, for rules that read few of them twice. */
import * as fs from "node:fs"
import type { VectorRows } from "@consortium/core/EmbeddingMatrix"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Scope from "effect/Scope"
import { float32Layout, idsOf, nameOf, type Options } from "./internal/readers.js"
import { Rows } from "./internal/rowsOnDisk.js"
import { MatrixFileError } from "./MatrixFileError.js"

/**
 * The rows of a `.f32`, `.bin` or float32 `.npy` file without loading them, for `Fence.choose`: scaled to length 1 as
 * `MatrixFile.read` scales them, one read when asked for. The file is open as long as the scope; it must not change meanwhile.
 */
export const open = Effect.fnUntraced(function* (
  options: Options
): Effect.fn.Return<VectorRows, MatrixFileError, FileSystem.FileSystem | Scope.Scope> {
  const { path } = options
  const { dimension, from, rows, space } = yield* float32Layout(options)
  const ids = yield* idsOf(options, rows)
  const file = yield* Effect.acquireRelease(
    Effect.try({
      try: () => fs.openSync(path, "r"),
      catch: () => new MatrixFileError({ file: path, reason: "it can't be opened: check its permissions" })
    }),
    (file) => Effect.sync(() => fs.closeSync(file))
  )
  const named = space ?? { model: nameOf(path), dimension }
  return new Rows(path, file, from, options.model === undefined ? named : { ...named, model: options.model }, ids)
})
