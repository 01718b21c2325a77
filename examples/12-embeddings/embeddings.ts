/** Vectors that are asked for once: a cache that runs share, a matrix in a file, and a text that is too long. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { embedAll, type Embedder } from "@consortium/core/Embedder"
import { PromptId } from "@consortium/core/Ids"
import { ContextOverflow, ModelError } from "@consortium/core/ModelError"
import * as Lexical from "@consortium/embedders-lexical/Lexical"
import * as EmbeddedFile from "@consortium/embeddings/EmbeddedFile"
import * as EmbeddingCache from "@consortium/embeddings/EmbeddingCache"
import * as MatrixFile from "@consortium/embeddings/MatrixFile"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

/** Stands for a vendor: it takes two texts a call, none above 60 characters, and every call costs. */
let calls = 0
const vendor: Embedder<ModelError> = {
  ref: "example/letters",
  wire: "example",
  maxBatch: 2,
  embed: (texts) =>
    Effect.suspend(() => {
      calls++
      return texts.some((text) => text.length > 60)
        ? Effect.fail(
            new ModelError({ vendor: "example", model: "letters", reason: new ContextOverflow({}), detail: "" })
          )
        : Effect.succeed(Lexical.vectors(texts))
    })
}

const texts = [
  "How do tides work?",
  "Write a limerick about a cat.",
  "How do tides work?",
  "Sort a list of numbers, then explain each step, and say how long it takes for lists of any length."
]
const rows = Stream.fromIterable(texts.map((text, at) => ({ id: PromptId.make(`p${at}`), text })))
const folder = mkdtempSync(join(tmpdir(), "embeddings-"))

const program = Effect.gen(function* () {
  const cached = yield* EmbeddingCache.cached(vendor, { directory: join(folder, "cache") })
  const first = yield* embedAll(cached, rows, texts.length, { tooLong: "mean" })
  console.log(`${first.matrix.rows} rows by ${calls} calls, the mean of its parts: ${first.averaged.join(", ")}`)

  calls = 0
  yield* embedAll(cached, Stream.take(rows, 3), 3)
  console.log(`the same again: ${calls} calls, ${cached.counts?.hits} hits`)

  const path = join(folder, "vectors.f32")
  yield* EmbeddedFile.embed(cached, rows, { path, tooLong: "mean" })
  const again = yield* EmbeddedFile.embed(cached, rows, { path, tooLong: "mean" })
  const matrix = yield* MatrixFile.read({ path })
  console.log(`a file of ${matrix.rows} × ${matrix.space.dimension}, ${again.there} rows of it there before`)
})

await Effect.runPromise(Effect.scoped(program).pipe(Effect.provide(NodeFileSystem.layer)))
rmSync(folder, { recursive: true })
