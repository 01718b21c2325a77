import { createServer, type Server } from "node:http"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { command, folders } from "./command.js"

const folder = folders()

const lines = (rows: ReadonlyArray<unknown>) => `${rows.map((row) => JSON.stringify(row)).join("\n")}\n`
const prompts = Array.from({ length: 12 }, (_, at) => ({ id: `p${at}`, prompt: `Say ${"abcdefghijkl"[at]} ${at}.` }))

/** Columns `key` (a, b, c, d) and `meaning` (lists of two floats: 3 0, 0 1, 1 1, 1 .1). */
const parquet = Buffer.from(
  `UEFSMRUGFSwVLlwVCBUAFQgVABUEFQAAAAMPFBABAAAAYQEFKGIBAAAAYwEAAABkFQYVSBUwXBUQFQAVCBUAFQQVBAAAA6oQAyAQAABAQAAVAQiAPwAdBAzNzMw9FQQZXEgEcm9vdBUEABUMJQIYA2tleSUAADUCGAdtZWFuaW5nFQIVBgA1BBgEbGlzdBUCABUIJQIYB2VsZW1lbnQAFggZHBksJggcFQwZFQAZGANrZXkVAhYIFlYWWCYIAAAmYBwVCBkVABk4B21lYW5pbmcEbGlzdAdlbGVtZW50FQIWEBZyFlomYAAAFsgBFgg2sgEAKAloeXBhcnF1ZXQZLBwAABwAAACqAAAAUEFSMQ==`,
  "base64"
)

/** An embedding server whose vectors are counts of letters; long texts are too long for it. */
const server = () => {
  const asked: Array<string> = []
  const env: Record<string, string> = {}
  let http: Server
  beforeAll(async () => {
    http = createServer((request, response) => {
      const pieces: Array<Buffer> = []
      request.on("data", (piece: Buffer) => pieces.push(piece))
      request.on("end", () => {
        const { input }: { readonly input: ReadonlyArray<string> } = JSON.parse(Buffer.concat(pieces).toString())
        asked.push(...input)
        response.setHeader("content-type", "application/json")
        if (input.some((text) => text.length > 200)) {
          response.statusCode = 400
          const error = { message: "maximum context length exceeded", code: "context_length_exceeded" }
          response.end(JSON.stringify({ error }))
          return
        }
        const data = input.map((text, index) => ({
          index,
          embedding: Array.from("abcdefghijkl", (letter) => 1 + text.split(letter).length)
        }))
        response.end(JSON.stringify({ data, model: "letters", usage: { prompt_tokens: input.length } }))
      })
    })
    await new Promise<void>((ready) => http.listen(0, "127.0.0.1", ready))
    const address = http.address()
    if (address !== null && typeof address === "object") env.OLLAMA_BASE_URL = `http://127.0.0.1:${address.port}/v1`
  })
  afterAll(() => new Promise<void>((closed) => http.close(() => closed())))
  return { asked, env }
}

describe("consortium select of vectors", () => {
  const { asked, env } = server()

  it("takes a column of a Parquet file, and says how many rows had another length", async () => {
    const cwd = folder({ "v.parquet": parquet })
    const words = ["select", "v.parquet", "--target", "3", "--vector-column", "meaning", "--id-column", "key"]
    const { code, stderr, stdout } = await command(words, { cwd })
    assert.strictEqual(code, 0, stderr)
    assert.include(stdout, "3 of 4")
    assert.include(stderr, "2 of 4 vectors were not of length 1 and are scaled to it")
    const ids = readFileSync(join(cwd, "consortium-selection/selection.jsonl"), "utf8").match(/"id":"[abcd]"/g)
    assert.lengthOf(ids ?? [], 3)
    const wrong = await command(["select", "v.parquet", "--target", "3", "--vector-column", "vector"], { cwd })
    assert.deepStrictEqual([wrong.code, /column vector: no such column/.test(wrong.stderr)], [1, true], wrong.stderr)
    const prompt = await command(["select", "p.jsonl", "--target", "3", "--id-column", "key"], {
      cwd: folder({ "p.jsonl": lines(prompts) })
    })
    assert.include(prompt.stderr, "--id-column is for ready vectors")
  })

  it("shares a cache by flag or variable, and says what embedding took", async () => {
    const cwd = folder({ "prompts.jsonl": lines(prompts) })
    const words = ["select", "prompts.jsonl", "--target", "3", "--embedder", "ollama.openai/letters"]
    const first = await command([...words, "--embedding-cache", "cache", "--out", "a"], { cwd, env })
    assert.strictEqual(first.code, 0, first.stderr)
    assert.include(first.stdout, "embedding: 1 call made, 0 answered without one, cost unknown")
    assert.lengthOf(asked, 12)
    const variable = { ...env, CONSORTIUM_EMBEDDING_CACHE: join(cwd, "cache") }
    const second = await command([...words, "--out", "b"], { cwd, env: variable })
    assert.include(second.stdout, "embedding: 0 calls made, 1 answered without one")
    assert.include(second.stderr, "12 from the cache")
    assert.lengthOf(asked, 12)
    const selection = (out: string) => readFileSync(join(cwd, out, "selection.jsonl"), "utf8")
    assert.strictEqual(selection("a"), selection("b"))
  })

  it("embeds what is too long as it is told, and counts it", async () => {
    const long = { id: "long", prompt: "word ".repeat(60) }
    const cwd = folder({ "prompts.jsonl": lines([...prompts, long]) })
    const words = ["select", "prompts.jsonl", "--target", "3", "--embedder", "ollama.openai/letters"]
    const refused = await command(words, { cwd, env })
    assert.include(refused.stdout, "1 could not be embedded")
    const mean = await command([...words, "--too-long", "mean", "--out", "mean"], { cwd, env })
    assert.include(mean.stdout, "embedded 1 as the mean of their parts")
    assert.include(mean.stderr, "13 prompts", mean.stderr)
  })
})
