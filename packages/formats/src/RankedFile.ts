/** A run's `dataset.jsonl` as a stream of ranked prompts. */
import { SourceError } from "@consortium/core/PromptSource"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Stream from "effect/Stream"
import { gunzipped } from "./internal/gunzipped.js"
import { lines } from "./internal/lines.js"
import { decodeLine, type Ranked } from "./Ranked.js"

/** The longest text that the engine holds is not much longer; in bytes. */
const longestLine = 256 * 1024 * 1024

const decode = (file: string, line: number, text: string) =>
  Effect.mapError(
    decodeLine(text),
    ({ message }) =>
      new SourceError({ file, line, reason: `it is no row of a dataset.jsonl: ${message.split("\n")[0]}` })
  )

/** Rows in the order of the file, which may be packed as `.gz`. Fails on the first that can't be read. */
export const read = (file: string): Stream.Stream<Ranked, SourceError, FileSystem.FileSystem> =>
  Stream.unwrap(
    Effect.map(FileSystem.FileSystem, (files) => {
      const stored = Stream.mapError(
        files.stream(file),
        (error) => new SourceError({ file, reason: `it can't be read: give the folder of a run (${error.message})` })
      )
      return lines(file.endsWith(".gz") ? gunzipped(file, stored) : stored, longestLine).pipe(
        Stream.filter((line) => line._tag === "Bad" || line.text !== ""),
        Stream.mapEffect((line) =>
          line._tag === "Text"
            ? decode(file, line.number, line.text)
            : Effect.fail(new SourceError({ file, line: line.number, reason: line.reason }))
        )
      )
    })
  )

/** The same for programs that do not write Effect; throws the `SourceError`. */
export const rows = (file: string): AsyncIterable<Ranked> =>
  Stream.toAsyncIterable(Stream.provide(read(file), NodeFileSystem.layer))
