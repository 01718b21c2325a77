import { embedAll } from "@consortium/core/Embedder"
import { isNonEmpty } from "@consortium/core/NonEmpty"
import { record } from "@consortium/core/Receipt"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as EmbeddingCache from "../src/EmbeddingCache.js"
import { child } from "./children.js"
import { dimension, type Options, rowsOf, texts, vectorOf, vendor } from "./vendor.js"

const folder = Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped())

const segmentsIn = (directory: string): ReadonlyArray<string> =>
  readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".segment"))
    .map((name) => join(directory, name))

/** Through the cache, each row compared with what the vendor would say; answers what it had to ask. */
const ask = Effect.fnUntraced(function* (directory: string, list: ReadonlyArray<string>, options: Options = {}) {
  const { asked, embedder } = vendor(options)
  const cached = yield* EmbeddingCache.cached(embedder, { directory })
  for (let from = 0; from < list.length; from += embedder.maxBatch) {
    const batch = list.slice(from, from + embedder.maxBatch)
    if (!isNonEmpty(batch)) continue
    const { data, space } = yield* cached.embed(batch)
    assert.deepStrictEqual(space, { model: options.model ?? "synthetic", dimension })
    for (const [row, text] of batch.entries())
      assert.deepStrictEqual(data.slice(row * dimension, (row + 1) * dimension), vectorOf(text), text)
  }
  return { asked, counts: cached.counts }
}, Effect.scoped)

const run = <A, E>(effect: Effect.Effect<A, E, FileSystem.FileSystem | import("effect/Scope").Scope>) =>
  Effect.provide(Effect.scoped(effect), NodeFileSystem.layer)

const int = (minimum: number, maximum: number) =>
  Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum, maximum })))

describe("EmbeddingCache", () => {
  it.live("asks for a list once, in any other order, and for equal texts once", () =>
    run(
      Effect.gen(function* () {
        const directory = yield* folder
        const list = [...texts(50), ...texts(50), "text 3", "\ud800", "\ud801", "\ufffd", ""]
        const first = yield* ask(directory, list)
        assert.lengthOf(first.asked, 54)
        const second = yield* ask(directory, list.toReversed())
        assert.deepStrictEqual([second.asked.length, second.counts], [0, { hits: 105, asked: 0 }])
        assert.lengthOf((yield* ask(directory, texts(10, 45))).asked, 5)
      })
    )
  )

  it.live("a list with few new texts makes few calls", () =>
    run(
      Effect.gen(function* () {
        const directory = yield* folder
        const list = texts(200)
        const calls = Effect.fnUntraced(function* (some: ReadonlyArray<string>) {
          let asked = 0
          const { embedder } = vendor({ maxBatch: 10, onAsk: () => asked++ })
          const cached = yield* EmbeddingCache.cached(embedder, { directory })
          const { matrix } = yield* embedAll(cached, rowsOf(some), some.length)
          for (const [row, text] of some.entries()) {
            const unit = vectorOf(text)
            const length = Math.hypot(...unit)
            assert.closeTo(matrix.row(row)[0] ?? 9, (unit[0] ?? 9) / length, 1e-6)
          }
          return asked
        }, Effect.scoped)
        assert.strictEqual(yield* calls(list.filter((_, at) => at % 10 !== 0)), 18)
        assert.strictEqual(yield* calls(list), 2)
      })
    )
  )

  it.live("tells apart what decides a vector besides its text", () =>
    run(
      Effect.gen(function* () {
        const directory = yield* folder
        yield* ask(directory, texts(5))
        assert.lengthOf((yield* ask(directory, texts(5), { wire: "w/256" })).asked, 5)
        const { asked, embedder } = vendor()
        const newer = yield* EmbeddingCache.cached(embedder, { directory, revision: "2" })
        yield* newer.embed(["text 1"])
        const other = yield* EmbeddingCache.cached({ ...embedder, ref: "synthetic/other" }, { directory })
        yield* other.embed(["text 1"])
        assert.lengthOf(asked, 2)
      })
    )
  )

  it.live("one answer is of one model, also where the server has another one since", () =>
    run(
      Effect.gen(function* () {
        const directory = yield* folder
        yield* ask(directory, texts(4))
        const { asked } = yield* ask(directory, texts(8), { model: "newer" })
        assert.lengthOf(asked, 8)
        assert.lengthOf((yield* ask(directory, texts(8), { model: "newer" })).asked, 0)
      })
    )
  )

  it.live("batches in flight wait for each other's texts, and a failure is nobody else's", () =>
    run(
      Effect.gen(function* () {
        const directory = yield* folder
        const { asked, embedder } = vendor({ wait: 20, maxBatch: 3 })
        const cached = yield* EmbeddingCache.cached(embedder, { directory })
        const lists = [texts(3), texts(3, 1), texts(3, 2), texts(3)] as const
        yield* Effect.forEach(lists, (list) => (isNonEmpty(list) ? cached.embed(list) : Effect.void), {
          concurrency: "unbounded"
        })
        assert.deepStrictEqual(asked.toSorted(), texts(5))
        const broken = vendor({ wait: 20, fails: (text) => text === "text 9" })
        const other = yield* EmbeddingCache.cached(broken.embedder, { directory: join(directory, "b") })
        const both = yield* Effect.all([Effect.result(other.embed(["text 8", "text 9"])), other.embed(["text 8"])], {
          concurrency: "unbounded"
        })
        assert.isTrue(Result.isFailure(both[0]))
        assert.deepStrictEqual(both[1].data, vectorOf("text 8"))
      })
    )
  )

  it.live("a hit is told in the receipt as one, and has no attempt", () =>
    run(
      Effect.gen(function* () {
        const directory = yield* folder
        const { embedder } = vendor()
        const { embed } = yield* EmbeddingCache.cached(embedder, { directory })
        const receipts = []
        for (const batch of [
          ["a", "b"],
          ["a", "b"],
          ["a", "c"]
        ] as const) {
          const [, { cached, events }] = yield* record(embed)(batch)
          receipts.push([cached, events.map(({ _tag }) => _tag)])
        }
        assert.deepStrictEqual(receipts, [
          [false, []],
          [true, ["CacheHit"]],
          [false, ["Note"]]
        ])
      })
    )
  )

  it.live("no text stands in it, and a local embedder of unknown revision is left alone", () =>
    run(
      Effect.gen(function* () {
        const directory = yield* folder
        yield* ask(directory, ["a very secret text"])
        for (const file of segmentsIn(directory)) assert.notInclude(readFileSync(file, "latin1"), "secret")
        const { embedder } = vendor()
        const { wire: _, ...local } = embedder
        const cached = yield* EmbeddingCache.cached({ ...local, local: true }, { directory })
        assert.strictEqual(cached.embed, embedder.embed)
      })
    )
  )

  it.live("says which folder it can't use", () =>
    run(
      Effect.gen(function* () {
        const directory = join(yield* folder, "file")
        writeFileSync(directory, "")
        const error = yield* Effect.flip(EmbeddingCache.cached(vendor().embedder, { directory }))
        assert.include(error.message, `embedding cache ${directory}`)
      })
    )
  )

  it.live("cut off or changed anywhere, it serves no wrong vector, and is whole again after one asking", () =>
    run(
      Effect.gen(function* () {
        const directory = yield* folder
        yield* ask(directory, texts(20), { maxBatch: 4 })
        const [file = ""] = segmentsIn(directory)
        const whole = readFileSync(file)
        const damage = Effect.fnUntraced(function* (bytes: Uint8Array) {
          for (const other of segmentsIn(directory)) yield* FileSystem.FileSystem.use((files) => files.remove(other))
          writeFileSync(file, bytes)
          const { asked } = yield* ask(directory, texts(20))
          assert.lengthOf((yield* ask(directory, texts(20))).asked, 0)
          return asked.length
        })
        assert.strictEqual(yield* damage(whole), 0)
        assert.strictEqual(yield* damage(whole.subarray(0, whole.length - 1)), 4)
        for (let at = 0; at < whole.length; at += 61) yield* damage(whole.subarray(0, at))
        for (let at = 3; at < whole.length; at += 53) {
          const bytes = Uint8Array.from(whole)
          bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
          yield* damage(bytes)
        }
      })
    )
  )

  it.effect.prop(
    "any lists, batches and concurrency: the matrix is the one without a cache, and no text is asked twice",
    [
      Arbitrary.array(Arbitrary.array(int(0, 30), { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 3 }),
      int(1, 9),
      int(1, 5)
    ],
    ([lists, maxBatch, concurrency]) =>
      run(
        Effect.gen(function* () {
          const directory = yield* folder
          const { asked, embedder } = vendor({ maxBatch })
          for (const numbers of lists) {
            const list = numbers.map((n) => `text ${n}`)
            const cached = yield* EmbeddingCache.cached(embedder, { directory })
            const { matrix } = yield* embedAll(cached, rowsOf(list), list.length, { concurrency })
            const plain = yield* embedAll(vendor({ maxBatch }).embedder, rowsOf(list), list.length)
            assert.deepStrictEqual(matrix.data, plain.matrix.data)
          }
          assert.strictEqual(asked.length, new Set(lists.flat()).size)
        })
      ),
    { arbitrary: { runs: 30 } }
  )

  it.live("many small segments that nobody writes to become one", () =>
    run(
      Effect.gen(function* () {
        const directory = yield* folder
        for (let n = 0; n < 70; n++) yield* ask(directory, texts(1, n))
        const old = segmentsIn(directory)
        assert.lengthOf(old, 70)
        for (const file of old.slice(0, 66)) utimesSync(file, 0, 0)
        assert.lengthOf((yield* ask(directory, texts(70))).asked, 0)
        assert.lengthOf(segmentsIn(directory), 5)
        assert.lengthOf((yield* ask(directory, texts(70))).asked, 0)
      })
    )
  )

  it.live(
    "killed at any moment, two processes at once: what is served is right, what was kept is not asked again",
    () =>
      run(
        Effect.gen(function* () {
          const directory = yield* folder
          const count = 2000
          for (const moments of [
            [20, 60],
            [45, 30]
          ])
            yield* Effect.promise(() => Promise.all(moments.map((calls) => child("cache", directory, count, calls))))
          const kept = segmentsIn(directory).reduce((sum, file) => sum + statSync(file).size, 0)
          assert.isAbove(kept, 0)
          const { asked } = yield* ask(directory, texts(count), { maxBatch: 64 })
          assert.isBelow(asked.length, count)
          assert.lengthOf((yield* ask(directory, texts(count), { maxBatch: 64 })).asked, 0)
        })
      )
  )
})
