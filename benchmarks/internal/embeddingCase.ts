/** One case of `embeddings.ts`, in a process of its own: prints what it took. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Embedder, embedEach, estimateTokens, type Row, type Sink } from "@consortium/core/Embedder"
import { EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import { PromptId } from "@consortium/core/Ids"
import { isNonEmpty } from "@consortium/core/NonEmpty"
import { draws, Seed } from "@consortium/core/Seed"
import * as Lexical from "@consortium/embedders-lexical/Lexical"
import * as Response_ from "@consortium/embedders-openai-compatible/Response"
import * as EmbeddingCache from "@consortium/embeddings/EmbeddingCache"
import * as Vectors from "@consortium/wire/Vectors"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import OpenAI from "openai"
import { virtual } from "./virtualTime.ts"

export interface Measured {
  readonly count: number
  readonly cpuMillis: number
  readonly wallMillis: number
  readonly peakMegabytes: number
  /** Milliseconds that nobody can be below. */
  readonly ideal?: number
}

const [name = "", texts = "100000"] = process.argv.slice(2)
const draw = draws(Seed.make(1), "embeddings")

const measured = async (count: number, run: () => Promise<unknown>, ideal?: number): Promise<Measured> => {
  const before = process.cpuUsage()
  const from = performance.now()
  await run()
  const { system, user } = process.cpuUsage(before)
  return {
    count,
    cpuMillis: (user + system) / 1000,
    wallMillis: performance.now() - from,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
    ...(ideal !== undefined && { ideal })
  }
}

/** The best of some times in one process, so that the compiler has done its work. */
const warm = async (count: number, run: () => Promise<unknown>, times = 5): Promise<Measured> => {
  let best = await measured(count, run)
  for (let i = 1; i < times; i++) {
    const next = await measured(count, run)
    if (next.cpuMillis < best.cpuMillis) best = next
  }
  return best
}

const [rows, width] = [2048, 1536]

/** A response as the vendor sends it. */
const body = (base64: boolean): Uint8Array => {
  const row = Float32Array.from({ length: width }, () => draw() - 0.5)
  const embedding = base64 ? Buffer.from(row.buffer).toString("base64") : Array.from(row)
  const data = Array.from({ length: rows }, (_, index) => ({ object: "embedding", index, embedding }))
  return Buffer.from(JSON.stringify({ object: "list", data, model: "m", usage: { prompt_tokens: 9, total_tokens: 9 } }))
}
const ids = Array.from({ length: rows }, (_, row) => PromptId.make(`p${row}`))
const input = ids.map(String)

/** Words by how often people use them. */
const vocabulary = Array.from({ length: 20_000 }, () =>
  Array.from({ length: 2 + Math.floor(draw() * 9) }, () => String.fromCharCode(97 + Math.floor(draw() * 26))).join("")
)
const sentence = () =>
  Array.from(
    { length: 8 + Math.floor(draw() * draw() * 120) },
    () => vocabulary[Math.floor(20_000 * draw() ** 3)]
  ).join(" ")

const nowhere = (dimension: number): Sink => ({
  begin: () => undefined,
  room: (_at, count) => new Float32Array(count * dimension),
  put: () => Effect.void
})
const list = (count: number, text: (at: number) => string): Stream.Stream<Row> =>
  Stream.map(Stream.range(0, count - 1), (at) => ({ id: PromptId.make(`p${at}`), text: text(at) }))

/** Fills a cache and reads it again; answers what was asked for. */
const caching = async (what: "write" | "open" | "hits" | "random", dimension: number): Promise<Measured> => {
  const count = 50_000
  const directory = mkdtempSync(join(tmpdir(), "embeddings-"))
  const row = Float32Array.from({ length: dimension }, () => draw())
  const embedder: Embedder<never> = {
    ref: "b/m",
    wire: "b",
    maxBatch: 512,
    embed: (some) =>
      Effect.sync(() => {
        const data = new Float32Array(some.length * dimension)
        for (let at = 0; at < some.length; at++) data.set(row, at * dimension)
        return { space: { model: "m", dimension }, data }
      })
  }
  const said = Array.from({ length: count }, (_, at) => `${at}: ${sentence()}`)
  const batches = (order: ReadonlyArray<string>) =>
    Array.from({ length: Math.ceil(count / 512) }, (_, at) => order.slice(at * 512, (at + 1) * 512)).flatMap((some) =>
      isNonEmpty(some) ? [some] : []
    )
  const cached = EmbeddingCache.cached(embedder, { directory })
  const all = (order: ReadonlyArray<string>) =>
    Effect.flatMap(cached, ({ embed }) => Effect.forEach(batches(order), embed, { discard: true }))
  try {
    const write = () => Effect.runPromise(Effect.scoped(all(said)))
    if (what === "write") return await measured(count, write)
    await write()
    if (what === "open") return await warm(count, () => Effect.runPromise(Effect.scoped(cached)))
    const order = what === "hits" ? said : [...said].sort((a, b) => (a < b ? -1 : 1))
    return await Effect.runPromise(
      Effect.scoped(
        Effect.flatMap(cached, ({ embed }) =>
          Effect.promise(() =>
            warm(count, () => Effect.runPromise(Effect.forEach(batches(order), embed, { discard: true })))
          )
        )
      )
    )
  } finally {
    rmSync(directory, { recursive: true })
  }
}

/** A vendor whose calls take 20 ms and some more for each text, now and then much more. */
const through = async (lockStep: boolean): Promise<Measured> => {
  const [count, inFlight, maxBatch, maxTokens, dimension] = [100_000, 16, 100, 8000, 64]
  const said = Array.from({ length: count }, sentence)
  const data = new Float32Array(maxBatch * dimension).fill(1)
  let busy = 0
  const embedder: Embedder<never> = {
    ref: "b/m",
    maxBatch,
    maxTokens,
    embed: (some) =>
      Effect.suspend(() => {
        if (some.length > maxBatch || some.reduce((sum, text) => sum + text.length / 4, 0) > maxTokens)
          throw new Error("over the limit")
        const millis = Math.round(20 + some.length * 0.2 + (draw() < 0.05 ? 200 : 0))
        busy += millis
        return Effect.delay(
          Effect.succeed({ space: { model: "m", dimension }, data: data.slice(0, some.length * dimension) }),
          millis
        )
      })
  }
  const rowsOf = list(count, (at) => said[at] ?? "")
  const sink = nowhere(dimension)
  const program = lockStep
    ? rowsOf.pipe(
        Stream.grouped(
          inFlight * Math.floor(maxTokens / (said.reduce((sum, text) => sum + estimateTokens(text), 0) / count))
        ),
        Stream.runForEach((some) => embedEach(embedder, Stream.fromIterable(some), sink, { concurrency: inFlight }))
      )
    : Effect.asVoid(embedEach(embedder, rowsOf, sink, { concurrency: inFlight }))
  // In virtual time: what is measured is the order of the calls, not how busy this machine is.
  const world = virtual()
  const whole = await measured(count, () => world.run(Effect.runPromise(program)))
  return { ...whole, wallMillis: world.now(), ideal: busy / inFlight }
}

const cases: Readonly<Record<string, () => Promise<Measured>>> = {
  ours: async () => {
    const bytes = body(true)
    return warm(rows, async () => {
      const answer = Response_.decode(JSON.parse(await new Response(bytes).text()))
      const { data } = Result.getOrThrow(Vectors.read(answer?.rows ?? [], { texts: rows }))
      return Result.getOrThrow(EmbeddingMatrix.make({ model: "m", dimension: width }, ids, data))
    })
  },
  sdk: async () => {
    const bytes = body(true)
    const headers = { "content-type": "application/json" }
    const client = new OpenAI({ apiKey: "none", fetch: async () => new Response(bytes, { headers }) })
    return warm(rows, () => client.embeddings.create({ model: "m", input }))
  },
  json: async () => {
    const bytes = body(false)
    return warm(rows, async () => {
      const { data } = JSON.parse(await new Response(bytes).text())
      const matrix = new Float32Array(rows * width)
      for (let row = 0; row < rows; row++) matrix.set(data[row].embedding, row * width)
      return matrix
    })
  },
  lexical: async () => {
    const count = Number(texts)
    // Some of the texts again and again: what is measured is the embedder, not what writes texts.
    const some = Array.from({ length: 20_000 }, sentence)
    const rowsOf = list(count, (at) => some[at % some.length] ?? "")
    return measured(count, () =>
      Effect.runPromise(embedEach(Lexical.embedder, rowsOf, nowhere(384), { concurrency: 1 }))
    )
  },
  cacheWrite: () => caching("write", 1536),
  cacheOpen: () => caching("open", 1536),
  cacheHits: () => caching("hits", 1536),
  cacheRandom: () => caching("random", 1536),
  cacheSmall: () => caching("hits", 384),
  vendor: () => through(false),
  lockStep: () => through(true)
}

console.log(JSON.stringify(await cases[name]?.()))
