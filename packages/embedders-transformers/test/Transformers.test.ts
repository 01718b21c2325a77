import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Transformers from "../src/Transformers.js"

/** A library whose model sums the letters of a word; a text's tokens are its words. The real one runs in `conformance`. */
const fake = (more: { readonly maxLength?: number; readonly output?: (rows: number) => unknown } = {}) => {
  const seen: Array<unknown> = []
  let disposed = 0
  const idsOf = (text: string) => text.split(" ").map((word) => word.length)
  const run = async (texts: ReadonlyArray<string>, options: unknown) => {
    seen.push([texts, options])
    if (more.output !== undefined) return more.output(texts.length)
    const data = texts.flatMap((text) => [idsOf(text).reduce((a, b) => a + b, 0), idsOf(text).length, 1, 2])
    return { dims: [texts.length, 4], data: new Float32Array(data) }
  }
  const tokenizer = Object.assign((texts: ReadonlyArray<string>) => ({ input_ids: texts.map(idsOf) }), {
    model_max_length: 1e30
  })
  const pipe = Object.assign(run, {
    tokenizer,
    model: { config: { max_position_embeddings: more.maxLength ?? 4 } },
    dispose: async () => void disposed++
  })
  return {
    seen,
    disposed: () => disposed,
    load: async () => ({
      pipeline: async (...asked: ReadonlyArray<unknown>) => {
        seen.push(asked)
        return pipe
      }
    })
  }
}

const nobody = "@synthetic-nobody"

const make = (options: Partial<Transformers.Options>) => Transformers.make({ model: "mine/tiny", ...options })

describe("Transformers", () => {
  it.effect("loads the model once, embeds, counts tokens, and lets the model go", () =>
    Effect.gen(function* () {
      const library = fake()
      yield* Effect.scoped(
        Effect.gen(function* () {
          const embedder = yield* make({ load: library.load })
          const batch = yield* embedder.embed(["ab c", "d"])
          assert.deepStrictEqual(batch, {
            space: { model: "transformers/mine/tiny", dimension: 4 },
            data: new Float32Array([3, 2, 1, 2, 1, 1, 1, 2]),
            inputTokens: 3
          })
          assert.strictEqual(embedder.local, true)
          assert.strictEqual(embedder.wire, "transformers")
          assert.strictEqual(library.disposed(), 0)
        })
      )
      assert.strictEqual(library.disposed(), 1)
      assert.deepStrictEqual(library.seen, [
        [
          "feature-extraction",
          "mine/tiny",
          { dtype: "fp32", device: "cpu", revision: "main", local_files_only: false }
        ],
        [["ab c", "d"], { pooling: "mean" }]
      ])
    })
  )

  it.effect("puts the prompt before each text, cuts rows, and keeps what it decides apart", () =>
    Effect.gen(function* () {
      const library = fake()
      const asked = { prompt: "q ", dimensions: 2, dataType: "q8", pooling: "cls", revision: "v2" } as const
      const embedder = yield* make({ ...asked, load: library.load, cacheDir: "cache", localFilesOnly: true })
      const { data, space } = yield* embedder.embed(["ab", "c"])
      assert.deepStrictEqual([...data], [3, 2, 2, 2])
      assert.deepStrictEqual(space, { model: "transformers/mine/tiny", dimension: 2, variant: 'q8/cls/@v2/"q "' })
      assert.strictEqual(embedder.wire, 'transformers/2/q8/cls/@v2/"q "')
      const options = { dtype: "q8", device: "cpu", revision: "v2", local_files_only: true, cache_dir: "cache" }
      assert.deepStrictEqual(library.seen, [
        ["feature-extraction", "mine/tiny", options],
        [["q ab", "q c"], { pooling: "cls" }]
      ])
    }).pipe(Effect.scoped)
  )

  it.effect("asks for texts one by one where the last token counts, since padding would move it", () =>
    Effect.gen(function* () {
      const library = fake()
      const embedder = yield* make({ pooling: "last_token", load: library.load })
      const { data } = yield* embedder.embed(["ab c", "d"])
      assert.deepStrictEqual([...data], [3, 2, 1, 2, 1, 1, 1, 2])
      assert.deepStrictEqual(library.seen.slice(1), [
        [["ab c"], { pooling: "last_token" }],
        [["d"], { pooling: "last_token" }]
      ])
    }).pipe(Effect.scoped)
  )

  it.effect("tells a text that is too long, rather than have it cut", () =>
    Effect.gen(function* () {
      const library = fake({ maxLength: 3 })
      const embedder = yield* make({ load: library.load })
      const error = yield* Effect.flip(embedder.embed(["a", "a b c d"]))
      assert.strictEqual(error.reason._tag, "ContextOverflow")
      assert.include(error.detail, "4 tokens")
      assert.strictEqual(library.seen.length, 1)
    }).pipe(Effect.scoped)
  )

  for (const [name, output] of [
    ["a tensor of each token", { dims: [1, 1, 4], data: new Float32Array(4) }],
    ["a row too many", { dims: [2, 2], data: new Float32Array(4) }],
    ["numbers of another type", { dims: [1, 2], data: new Int8Array(2) }],
    ["numbers that are not finite", { dims: [1, 2], data: new Float32Array([1, Number.NaN]) }],
    ["rows that are too short", { dims: [1, 1], data: new Float32Array(1) }]
  ] as const) {
    it.effect(`refuses ${name}`, () =>
      Effect.gen(function* () {
        const { load } = fake({ output: () => output })
        const embedder = yield* make({ load, dimensions: 2 })
        assert.strictEqual((yield* Effect.flip(embedder.embed(["a"]))).reason._tag, "MalformedOutput")
      }).pipe(Effect.scoped)
    )
  }

  it.effect("fails with words where the model fails", () =>
    Effect.gen(function* () {
      const { load } = fake({ output: () => Promise.reject(new Error("out of memory")) })
      const embedder = yield* make({ load })
      const error = yield* Effect.flip(embedder.embed(["a"]))
      assert.strictEqual(error.reason._tag, "Unknown")
      assert.include(error.message, "out of memory")
    }).pipe(Effect.scoped)
  )

  it.effect("waits for a pass that has begun before the model goes", () =>
    Effect.gen(function* () {
      const order: Array<string> = []
      let finish = () => {}
      let begin = () => {}
      const begun = new Promise<void>((resolve) => {
        begin = resolve
      })
      const pass = async () => {
        begin()
        await new Promise<void>((resolve) => {
          finish = resolve
        })
        order.push("pass")
        return { dims: [1, 1], data: new Float32Array([1]) }
      }
      const tokenizer = Object.assign(() => ({ input_ids: [[1]] }), { model_max_length: 9 })
      const pipe = Object.assign(pass, { tokenizer, model: {}, dispose: async () => void order.push("dispose") })
      const load = async () => ({ pipeline: async () => pipe })
      const running = Effect.scoped(Effect.flatMap(make({ load }), (embedder) => embedder.embed(["a"])))
      const fiber = yield* Effect.forkChild(running)
      yield* Effect.promise(() => begun)
      const ended = yield* Effect.forkChild(Fiber.interrupt(fiber))
      yield* Effect.promise(() => new Promise<void>((resolve) => setTimeout(resolve, 20)))
      yield* Effect.sync(() => finish())
      yield* Fiber.join(ended)
      assert.deepStrictEqual(order, ["pass", "dispose"])
    })
  )

  it.effect("fails with words where the tokenizer fails", () =>
    Effect.gen(function* () {
      const tokenizer = Object.assign(() => JSON.parse("no"), { model_max_length: 9 })
      const pipe = Object.assign(async () => ({}), { tokenizer, model: {}, dispose: async () => {} })
      const embedder = yield* make({ load: async () => ({ pipeline: async () => pipe }) })
      assert.strictEqual((yield* Effect.flip(embedder.embed(["a"]))).reason._tag, "Unknown")
    }).pipe(Effect.scoped)
  )

  it.effect("says what to install, or what to check", () =>
    Effect.gen(function* () {
      // Under a name that nobody installs, since a checkout may have the library.
      const missing = yield* Effect.flip(make({ load: () => import(`${nobody}/transformers`) }))
      assert.strictEqual(missing.why, "missing-package")
      assert.include(missing.message, "npm install @huggingface/transformers")
      const other = yield* Effect.flip(make({ load: async () => ({}) }))
      assert.strictEqual(other.why, "other-package")
      const pipeline = () => Promise.reject(new Error("no such file"))
      const absent = yield* Effect.flip(make({ load: async () => ({ pipeline }) }))
      assert.strictEqual(absent.why, "no-model")
      assert.include(absent.message, "no such file")
    }).pipe(Effect.scoped)
  )
})
