/** Prompts from a file or from standard input, as a stream whose memory does not grow with the input. */
import { type PromptSource, SourceError } from "@consortium/core/PromptSource"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as PlatformError from "effect/PlatformError"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import { formats, unnamed } from "./internal/rows.js"
import { textOnly } from "./internal/textOnly.js"

export { contentKey } from "./internal/contentKey.js"

export interface Options {
  /** A file with one of the known endings, or `-` for standard input. */
  readonly path: string
  /** Reads the first rows only, invalid ones counted. @default all */
  readonly limit?: number
  /** The longest line, in bytes; a longer one is an invalid row. @default 33554432 */
  readonly longestLine?: number
}

const defaults = { longestLine: 32 * 1024 * 1024 } as const

const stdin = "-"

const formatOf = (path: string) =>
  path === stdin ? unnamed : formats.get(path.slice(path.lastIndexOf(".")).toLowerCase())

const unreadable = (file: string) => (error: PlatformError.PlatformError) => {
  switch (error.reason._tag) {
    case "NotFound":
      return new SourceError({ file, reason: "no such file: check the path" })
    case "PermissionDenied":
      return new SourceError({ file, reason: "it may not be read: change its permissions" })
    default:
      return new SourceError({ file, reason: `it can't be read: check the file and its disk (${error.message})` })
  }
}

/** A source that fails when it is read, not when it is made. */
export const make = Effect.fnUntraced(function* (
  options: Options
): Effect.fn.Return<PromptSource["Service"], never, FileSystem.FileSystem | Stdio.Stdio> {
  const files = yield* FileSystem.FileSystem
  const stdio = yield* Stdio.Stdio
  const { path, limit, longestLine = defaults.longestLine } = options
  const file = path === stdin ? "stdin" : path
  const refuse = (reason: string) => new SourceError({ file, reason })

  const open = Effect.gen(function* () {
    const about = path === stdin ? undefined : yield* Effect.mapError(files.stat(path), unreadable(file))
    if (about?.type === "Directory") return yield* refuse("it is a folder: give one file")
    const read = formatOf(path)
    if (read === undefined) {
      return yield* refuse(`its kind is unknown: use ${[...formats.keys()].join(", ")}, or - for standard input`)
    }
    const bytes = textOnly(file, Stream.mapError(path === stdin ? stdio.stdin : files.stream(path), unreadable(file)))
    const none = () => Stream.fail(refuse("no prompts in it: give at least one"))
    return Stream.orElseIfEmpty(read({ file, bytes, longestLine, size: Number(about?.size ?? 0) }), none)
  })
  const stream = Stream.unwrap(open)
  return { name: file, stream: limit === undefined ? stream : Stream.take(stream, limit) }
})
