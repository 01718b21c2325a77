import * as JsonLines from "@consortium/pipeline/JsonLines"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as PlatformError from "effect/PlatformError"
import * as Stream from "effect/Stream"

class Broken extends Data.TaggedError("Broken") {}

const folder = Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped())
const on = Effect.provide(NodeFileSystem.layer)

/** A disk that fails one verb with this code of the operating system. */
const failing = (code: string) => (path: string) => {
  const cause = Object.assign(new Error(`${code}: no`), { code })
  return Effect.fail(
    PlatformError.systemError({ _tag: "Unknown", module: "FileSystem", method: "open", pathOrDescriptor: path, cause })
  )
}

describe("JsonLines", () => {
  it.effect("writes one value a line, under its own name only when it is whole", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const out = yield* folder
      const rows = Stream.make({ b: 1, a: "é\n" }, [null], "x").pipe(
        // While rows are still coming there is no such file.
        Stream.tap(() => Effect.map(files.exists(`${out}/a.jsonl`), assert.isFalse))
      )
      yield* JsonLines.write(`${out}/a.jsonl`, rows)
      assert.strictEqual(yield* files.readFileString(`${out}/a.jsonl`), '{"b":1,"a":"é\\n"}\n[null]\n"x"\n')
      assert.deepStrictEqual(yield* files.readDirectory(out), ["a.jsonl"])
    }).pipe(on)
  )

  it.effect("writes an empty file for no rows, and replaces an earlier one", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = `${yield* folder}/a.jsonl`
      yield* JsonLines.write(path, Stream.make(1))
      yield* JsonLines.write(path, Stream.empty)
      assert.strictEqual(yield* files.readFileString(path), "")
    }).pipe(on)
  )

  it.effect("many rows, and rows longer than a block, come out in order and whole", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = `${yield* folder}/a.jsonl`
      const rows = Array.from({ length: 5000 }, (_, index) => ({
        index,
        text: "é".repeat(index % 1000 === 7 ? 100_000 : index % 50)
      }))
      yield* JsonLines.write(path, Stream.fromIterable(rows))
      assert.strictEqual(yield* files.readFileString(path), rows.map((row) => `${JSON.stringify(row)}\n`).join(""))
    }).pipe(on)
  )

  it.effect("writes one indented document", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = `${yield* folder}/a.json`
      yield* JsonLines.writeJson(path, { a: [1] })
      assert.strictEqual(yield* files.readFileString(path), '{\n  "a": [\n    1\n  ]\n}\n')
    }).pipe(on)
  )

  it.effect("when the rows fail, the earlier file stays and nothing else is left", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const out = yield* folder
      yield* files.writeFileString(`${out}/a.jsonl`, "before\n")
      const rows = Stream.concat(Stream.make(1), Stream.fail(new Broken()))
      assert.strictEqual((yield* Effect.flip(JsonLines.write(`${out}/a.jsonl`, rows)))._tag, "Broken")
      assert.strictEqual(yield* files.readFileString(`${out}/a.jsonl`), "before\n")
      assert.deepStrictEqual(yield* files.readDirectory(out), ["a.jsonl"])
    }).pipe(on)
  )

  it.effect("says what to do where the name or the folder can't be used", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const out = yield* folder
      const problem = (path: string) =>
        Effect.map(Effect.flip(JsonLines.write(path, Stream.make(1))), (error) => error.message)
      yield* files.makeDirectory(`${out}/a.jsonl`)
      assert.strictEqual(yield* problem(`${out}/a.jsonl`), `cannot write ${out}/a.jsonl: it is a folder: move it away`)
      assert.match(yield* problem(`${out}/no/b.jsonl`), /b\.jsonl\.partial: its folder does not exist: create it$/)
      yield* files.writeFileString(`${out}/file`, "")
      assert.match(yield* problem(`${out}/file/b.jsonl`), /its folder is a file: choose another folder$/)
      assert.deepStrictEqual((yield* files.readDirectory(out)).sort(), ["a.jsonl", "file"])
    }).pipe(on)
  )

  // Linux has a file that is always full.
  it.effect.skipIf(process.platform !== "linux")("says that the disk is full, by the file's own name", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = `${yield* folder}/a.jsonl`
      yield* files.symlink("/dev/full", `${path}.partial`)
      const error = yield* Effect.flip(JsonLines.write(path, Stream.make(1)))
      assert.strictEqual(
        error.message,
        `cannot write ${path}: the disk is full: free some space, then run the same command again`
      )
      assert.isFalse(yield* files.exists(path))
    }).pipe(on)
  )

  it.effect("knows a read-only disk and a forbidden folder", () =>
    Effect.gen(function* () {
      const problem = (code: string) =>
        Effect.flip(JsonLines.write("out/a.jsonl", Stream.make(1))).pipe(
          Effect.map((error) => `${error._tag} ${error.reason}`),
          Effect.provide(FileSystem.layerNoop({ open: failing(code), remove: () => Effect.void }))
        )
      assert.strictEqual(yield* problem("EROFS"), "WriteError the disk is read-only: choose another folder")
      assert.strictEqual(
        yield* problem("EACCES"),
        "WriteError it may not be written: change its permissions or choose another folder"
      )
      assert.match(yield* problem("EIO"), /^WriteError check the folder and its disk \(.*out\/a\.jsonl\.partial.*\)$/)
    })
  )
})
