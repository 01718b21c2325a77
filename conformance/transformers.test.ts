/** Embeddings on this machine: our embedder over the real Transformers.js, on a model that is made here, against arithmetic. */
import * as Transformers from "@consortium/embedders-transformers/Transformers"
import { embedAll } from "@consortium/core/Embedder"
import { PromptId } from "@consortium/core/Ids"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { print } from "./internal/table.js"
import { dimension, vectorOf, words, write } from "./internal/tinyModel.js"

let folder: string
beforeAll(() => {
  folder = join(mkdtempSync(join(tmpdir(), "consortium-tiny-")), "tiny")
  write(folder)
})
afterAll(() => rmSync(join(folder, ".."), { recursive: true, force: true }))

// The library is installed beside this suite, not beside the package.
const load = () => import("@huggingface/transformers")
const tiny = (options: Partial<Transformers.Options> = {}) =>
  Transformers.make({ model: folder, localFilesOnly: true, load, ...options })

const idsOf = (text: string): ReadonlyArray<number> => {
  const known = text.split(" ").map((word) => (words as ReadonlyArray<string>).indexOf(word))
  return [2, ...known.map((id) => (id < 0 ? 1 : id)), 3]
}

/** What a text's vector is by the model's table. */
const meanOf = (text: string): ReadonlyArray<number> => {
  const vectors = idsOf(text).map(vectorOf)
  return Array.from(
    { length: dimension },
    (_, i) => vectors.reduce((sum, row) => sum + (row[i] ?? 0), 0) / vectors.length
  )
}

const texts = ["rain in the north", "sun", "the sun moon"] as const

const rowsOf = (data: Float32Array, width: number) =>
  texts.map((_, row) => [...data.subarray(row * width, (row + 1) * width)])

const isNear = (a: ReadonlyArray<number>, b: ReadonlyArray<number>) =>
  a.length === b.length && a.every((x, i) => Math.abs(x - (b[i] ?? Number.NaN)) < 1e-6)

const run = <A, E>(effect: Effect.Effect<A, E>) => Effect.runPromise(effect)

describe("Transformers.js", () => {
  it("gives the mean of the tokens' vectors, whatever stands beside a text, and counts tokens", async () => {
    const started = performance.now()
    const batch = await run(Effect.scoped(Effect.flatMap(tiny(), (embedder) => embedder.embed(texts))))
    const alone = await run(Effect.scoped(Effect.flatMap(tiny(), (embedder) => embedder.embed([texts[1]]))))
    const rows = rowsOf(batch.data, dimension)
    expect(rows.every((row, place) => isNear(row, meanOf(texts[place] ?? "")))).toBe(true)
    expect(isNear([...alone.data], meanOf(texts[1]))).toBe(true)
    expect(batch.inputTokens).toBe(texts.reduce((sum, text) => sum + idsOf(text).length, 0))
    expect(batch.space).toEqual({ model: `transformers/${folder}`, dimension })
    print(
      "Transformers.js on a generated model",
      ["texts", "numbers a row", "tokens", "seconds, with two loads"],
      [[texts.length, dimension, batch.inputTokens ?? 0, ((performance.now() - started) / 1000).toFixed(2)]]
    )
  })

  it("pools by the first and by the last token, also of texts of different lengths", async () => {
    for (const [pooling, token] of [
      ["cls", 2],
      ["last_token", 3]
    ] as const) {
      const { data } = await run(Effect.scoped(Effect.flatMap(tiny({ pooling }), (embedder) => embedder.embed(texts))))
      expect(rowsOf(data, dimension).every((row) => isNear(row, vectorOf(token)))).toBe(true)
    }
  })

  it("cuts rows, and refuses a text that is too long", async () => {
    const { data } = await run(
      Effect.scoped(Effect.flatMap(tiny({ dimensions: 8 }), (embedder) => embedder.embed(texts)))
    )
    expect(rowsOf(data, 8).every((row, place) => isNear(row, meanOf(texts[place] ?? "").slice(0, 8)))).toBe(true)
    const error = await run(
      Effect.scoped(Effect.flatMap(tiny(), (embedder) => Effect.flip(embedder.embed(["rain in the north in the sun"]))))
    )
    expect(error.reason._tag).toBe("ContextOverflow")
  })

  it("goes down the first stage: unit rows, and a long text cut where that is wanted", async () => {
    const rows = [...texts, "rain in the north in the sun"].map((text, place) => ({
      id: PromptId.make(`p${place}`),
      text
    }))
    const { cut, failed, matrix } = await run(
      Effect.scoped(
        Effect.flatMap(tiny({ maxBatch: 2 }), (embedder) =>
          embedAll(embedder, Stream.fromIterable(rows), rows.length, { tooLong: "cut" })
        )
      )
    )
    expect([matrix.rows, failed.length, cut]).toEqual([4, 0, ["p3"]])
    for (let row = 0; row < matrix.rows; row++) expect(Math.hypot(...matrix.row(row))).toBeCloseTo(1, 6)
  })

  it("says that a model is not there", async () => {
    const exit = await run(Effect.exit(Effect.scoped(tiny({ model: join(folder, "none") }))))
    expect(Exit.isFailure(exit) && String(exit.cause)).toContain("no-model")
  })
})
