/** Prompts from files, folders, globs or standard input, as a stream whose memory does not grow with the input. */
import { type PromptSource, SourceError, type SourceRow } from "@consortium/core/PromptSource"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeStdio from "@effect/platform-node/NodeStdio"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type * as PlatformError from "effect/PlatformError"
import * as Result from "effect/Result"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import { gunzipped } from "./internal/gunzipped.js"
import { formats, type Input, texts, unnamed } from "./internal/rows.js"
import { textOnly } from "./internal/textOnly.js"

export { contentKey } from "./internal/contentKey.js"

export interface Options {
  /** A file with one of the known endings, a folder or a glob of such files, or `-` for standard input. */
  readonly path: string
  /** Reads the first rows only, invalid ones counted. @default all */
  readonly limit?: number
  /** The longest line, in bytes; a longer one is an invalid row. @default 33554432 */
  readonly longestLine?: number
}

const defaults = { longestLine: 32 * 1024 * 1024 } as const

const stdin = "-"
const gzip = ".gz"
const known = [...formats.keys()].join(", ")
const kinds = `use ${known} (texts also as .gz), a folder of such files, or - for standard input`

interface Kind {
  readonly read: (input: Input) => PromptSource["Service"]["stream"]
  readonly isText: boolean
  readonly isPacked: boolean
}

/** By the ending, which is looked at behind `.gz`. */
const kindOf = (path: string): Kind | undefined => {
  const name = path.toLowerCase()
  const isPacked = name.endsWith(gzip)
  const inner = isPacked ? name.slice(0, -gzip.length) : name
  const ending = inner.slice(inner.lastIndexOf("."))
  const read = formats.get(ending)
  return read === undefined ? undefined : { read, isText: texts.has(ending), isPacked }
}

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

const refuse = (file: string, reason: string) => new SourceError({ file, reason })

/** The rows of one file. */
const rowsOf = Effect.fnUntraced(function* (files: FileSystem.FileSystem, file: string, longestLine: number) {
  const { size } = yield* Effect.mapError(files.stat(file), unreadable(file))
  const kind = kindOf(file)
  if (kind === undefined) return yield* refuse(file, `its kind is unknown: ${kinds}`)
  const stored = Stream.mapError(files.stream(file), unreadable(file))
  const unpacked = kind.isPacked ? gunzipped(file, stored) : stored
  return kind.read({
    file,
    bytes: kind.isText ? textOnly(file, unpacked) : unpacked,
    longestLine,
    size: kind.isPacked ? 0 : Number(size),
    ...(!kind.isPacked && {
      slice: (start: number, end: number) =>
        Stream.runCollect(files.stream(file, { offset: start, bytesToRead: end - start })).pipe(
          Effect.map((chunks) => Buffer.concat(chunks)),
          Effect.mapError(unreadable(file))
        )
    })
  })
})

const ofKnownKind = (path: string) => kindOf(path) !== undefined

/** Rows of several files, one after another; a row's number counts over all of them. */
const inTurn = (files: FileSystem.FileSystem, paths: ReadonlyArray<string>, longestLine: number) =>
  Stream.suspend(() => {
    let number = 0
    return Stream.fromIterable(paths).pipe(
      Stream.flatMap((path) => Stream.unwrap(rowsOf(files, path, longestLine))),
      Stream.map((row): SourceRow => ({ ...row, number: ++number }))
    )
  })

const stampOf = (files: FileSystem.FileSystem, path: string): Effect.Effect<string | undefined> =>
  files.stat(path).pipe(
    Effect.map(({ mtime, size, type }) =>
      type === "File" && Option.isSome(mtime) ? `${path}:${size}:${mtime.value.getTime()}` : undefined
    ),
    Effect.orElseSucceed(() => undefined)
  )

/** A source that fails when it is read, not when it is made. */
export const make = Effect.fnUntraced(function* (
  options: Options
): Effect.fn.Return<PromptSource["Service"], never, FileSystem.FileSystem | Stdio.Stdio> {
  const files = yield* FileSystem.FileSystem
  const stdio = yield* Stdio.Stdio
  const { path, limit, longestLine = defaults.longestLine } = options
  const file = path === stdin ? "stdin" : path

  /** The files of a glob, sorted; none where it is no glob or matches nothing. */
  const matches = /[*?[{]/.test(path)
    ? Effect.map(Effect.mapError(files.glob(path), unreadable(file)), (found) => found.filter(ofKnownKind))
    : Effect.succeed([])

  const open = Effect.gen(function* () {
    if (path === stdin) {
      const bytes = textOnly(file, Stream.mapError(stdio.stdin, unreadable(file)))
      return unnamed({ file, bytes, longestLine, size: 0 })
    }
    const about = yield* Effect.result(files.stat(path))
    if (Result.isFailure(about)) {
      const found = yield* matches
      return found.length > 0 ? inTurn(files, found, longestLine) : yield* unreadable(file)(about.failure)
    }
    if (about.success.type !== "Directory") return yield* rowsOf(files, path, longestLine)
    const inside = yield* Effect.mapError(files.glob("**/*", { root: path }), unreadable(file))
    const paths = inside.filter(ofKnownKind).map((name) => `${path.replace(/\/+$/, "")}/${name}`)
    return paths.length > 0
      ? inTurn(files, paths, longestLine)
      : yield* refuse(file, `it is a folder without a file of a known kind: ${kinds}`)
  })
  const none = () => Stream.fail(refuse(file, "no prompts in it: give at least one"))
  const stream = Stream.orElseIfEmpty(Stream.unwrap(open), none)
  /** Of one file only: what a folder or a glob stands for may change without a trace. */
  const stamp = path === stdin ? Effect.succeed(undefined) : stampOf(files, path)
  return { name: file, stream: limit === undefined ? stream : Stream.take(stream, limit), stamp }
})

/** The same for programs that do not write Effect: rows one by one; throws the `SourceError` of an input that can't be read. */
export const rows = (options: Options): AsyncIterable<SourceRow> =>
  Stream.toAsyncIterable(
    Stream.unwrap(Effect.map(make(options), ({ stream }) => stream)).pipe(
      Stream.provide(NodeFileSystem.layer),
      Stream.provide(NodeStdio.layer)
    )
  )
