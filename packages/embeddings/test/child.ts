/** Embeds until it is killed: `node … child.ts cache|file PATH`. Says a dot for each call, and at its end how many texts it asked. */
import { writeSync } from "node:fs"
import { embedEach } from "@consortium/core/Embedder"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as Effect from "effect/Effect"
import * as EmbeddedFile from "../src/EmbeddedFile.ts"
import * as EmbeddingCache from "../src/EmbeddingCache.ts"
import { dimension, rowsOf, texts, vendor } from "./vendor.ts"

const [kind, path = "", count = "0"] = process.argv.slice(2)
const { asked, embedder } = vendor({ wait: 1, onAsk: () => void writeSync(1, ".") })
const list = rowsOf(texts(Number(count)))
const nowhere = {
  begin: () => undefined,
  room: (_at: number, rows: number) => new Float32Array(rows * dimension),
  put: () => Effect.void
}
const cached = Effect.scoped(
  Effect.flatMap(EmbeddingCache.cached(embedder, { directory: path }), (one) => embedEach(one, list, nowhere))
)
if (kind === "cache") await Effect.runPromise(cached)
else await Effect.runPromise(Effect.provide(EmbeddedFile.embed(embedder, list, { path }), NodeFileSystem.layer))
writeSync(1, `asked ${asked.length}\n`)
