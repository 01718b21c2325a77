import { EmbeddingError } from "@consortium/core/EmbeddingMatrix"
import { PromptId } from "@consortium/core/Ids"
import { embedAll } from "@consortium/core/Embedder"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as EmbeddedFile from "../src/EmbeddedFile.js"
import * as MatrixFile from "../src/MatrixFile.js"
import { child } from "./children.js"
import { dimension, type Options, rowsOf, texts, vendor } from "./vendor.js"

const place = Effect.flatMap(FileSystem.FileSystem, (files) =>
  Effect.map(files.makeTempDirectoryScoped(), (folder) => join(folder, "vectors.f32"))
)
const run = <A, E>(effect: Effect.Effect<A, E, FileSystem.FileSystem | Scope.Scope>) =>
  Effect.provide(Effect.scoped(effect), NodeFileSystem.layer)

/** Embeds to the file, and compares it with the matrix in memory. */
const embedded = Effect.fnUntraced(function* (path: string, list: ReadonlyArray<string>, options: Options = {}) {
  const { asked, embedder } = vendor(options)
  const made = yield* EmbeddedFile.embed(embedder, rowsOf(list), { path })
  const there = yield* MatrixFile.read({ path })
  const memory = yield* embedAll(vendor(options).embedder, rowsOf(list), list.length)
  assert.deepStrictEqual(there.ids, memory.matrix.ids)
  assert.deepStrictEqual(there.data, memory.matrix.data)
  assert.deepStrictEqual(there.space, memory.matrix.space)
  assert.deepStrictEqual(made.failed, memory.failed)
  return { ...made, asked }
})

const int = (minimum: number, maximum: number) =>
  Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum, maximum })))

describe("EmbeddedFile", () => {
  it.live("is the matrix of embedAll, is float32 for any reader, and asks for no row twice", () =>
    run(
      Effect.gen(function* () {
        const path = yield* place
        const first = yield* embedded(path, texts(30))
        assert.deepStrictEqual([first.asked.length, first.there, first.rows], [30, 0, 30])
        assert.strictEqual(readFileSync(path).length, 30 * dimension * 4)
        assert.strictEqual(
          readFileSync(`${path}.ids`, "utf8"),
          texts(30)
            .map((_, i) => `p${i}\n`)
            .join("")
        )
        const again = yield* embedded(path, texts(30))
        assert.deepStrictEqual([again.asked.length, again.there], [0, 30])
        assert.lengthOf((yield* embedded(path, texts(40))).asked, 10)
        assert.lengthOf((yield* embedded(path, ["other", ...texts(20, 1)])).asked, 1)
      })
    )
  )

  it.live("leaves rows out that can't be embedded, and asks for them again", () =>
    run(
      Effect.gen(function* () {
        const path = yield* place
        const fails = (text: string) => text === "text 7" || text === "text 19"
        const first = yield* embedded(path, texts(20), { fails })
        assert.deepStrictEqual(
          first.failed.map(({ id }) => id),
          ["p7", "p19"].map((id) => PromptId.make(id))
        )
        const again = yield* embedded(path, texts(20))
        assert.deepStrictEqual(again.asked, ["text 7", "text 19"])
        const none = yield* Effect.flip(embedded(join(path, "..", "none.f32"), ["x"], { fails: () => true }))
        assert.include(none.message, "ServerError")
      })
    )
  )

  it.live("refuses a file of another embedder, of another space, and one that is somebody else's", () =>
    run(
      Effect.gen(function* () {
        const path = yield* place
        yield* embedded(path, texts(3))
        const other = yield* Effect.flip(embedded(path, texts(3), { wire: "other" }))
        assert.include(other.message, "it holds rows of synthetic/embedder (w), not of synthetic/embedder (other)")
        const space = yield* Effect.flip(embedded(path, texts(4), { model: "newer" }))
        assert.isTrue(space instanceof EmbeddingError && space.why === "mixed-spaces")
        const foreign = join(path, "..", "foreign.f32")
        writeFileSync(foreign, new Uint8Array(8))
        assert.include((yield* Effect.flip(embedded(foreign, texts(3)))).message, "was not embedded here")
      })
    )
  )

  it.effect.prop(
    "changed or cut off anywhere, the next start mends it",
    [int(0, 2), int(0, 40_000), int(0, 1)],
    ([which, at, kind]) =>
      run(
        Effect.gen(function* () {
          const path = yield* place
          yield* embedded(path, texts(20))
          const file = [path, `${path}.rows`, `${path}.ids`][which] ?? path
          const bytes = readFileSync(file)
          if (kind === 0) writeFileSync(file, bytes.subarray(0, at % bytes.length))
          else {
            bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ 16
            writeFileSync(file, bytes)
          }
          yield* embedded(path, texts(20))
        })
      ),
    { arbitrary: { runs: 25 } }
  )

  it.live("killed at any moment, it is gone on with", () =>
    run(
      Effect.gen(function* () {
        const path = yield* place
        for (const calls of [20, 60]) yield* Effect.promise(() => child("file", path, 2000, calls))
        const unfinished = yield* Effect.flip(MatrixFile.read({ path }))
        assert.include(unfinished.message, "not finished")
        const { asked, there } = yield* embedded(path, texts(2000), { maxBatch: 64 })
        assert.isAbove(there, 0)
        assert.strictEqual(asked.length + there, 2000)
      })
    )
  )
})
