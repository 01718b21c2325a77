/**
 * Does the lexical embedder find a prompt again after a mechanical rewording? 1,000 of 30,000 real prompts are reworded
 * (random case, clauses shuffled, 15 % of the words dropped); each should be nearest to its original among all 30,000.
 * Data: `CONSORTIUM_SHARED`, or `../shared` beside the checkout. Run: `node benchmarks/lexicalRecall.ts [tune]`.
 */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { normalise } from "@consortium/core/EmbeddingMatrix"
import { isNonEmpty } from "@consortium/core/NonEmpty"
import * as Seed from "@consortium/core/Seed"
import { space, vectors } from "@consortium/embedders-lexical/Lexical"

const seed = Seed.Seed.make(20261123)
const asked = 1000
const goal = 0.95
/** Weights were chosen on the even rows; the odd ones are reported. */
const half = process.argv[2] === "tune" ? 0 : 1

const say = (line: string) => process.stdout.write(`${line}\n`)

const reword = (text: string, row: number): string => {
  const draw = Seed.draws(seed, "reword", row)
  const clauses = text.split(/[.,;?!\n]/).filter((clause) => clause.trim() !== "")
  const shuffled = isNonEmpty(clauses) ? Seed.shuffle(clauses, seed, "clauses", row) : clauses
  const words = shuffled.flatMap((clause) => clause.split(/\s+/).filter((word) => word !== ""))
  const kept = words.filter(() => draw() >= 0.15)
  return (kept.length > 0 ? kept : words)
    .map((word) => [...word].map((letter) => (draw() < 0.5 ? letter.toUpperCase() : letter.toLowerCase())).join(""))
    .join(" ")
}

const embed = (texts: ReadonlyArray<string>): Float32Array => {
  const data = new Float32Array(texts.length * space.dimension)
  for (let from = 0; from < texts.length; from += 64) {
    const part = texts.slice(from, from + 64)
    if (isNonEmpty(part)) data.set(vectors(part).data, from * space.dimension)
  }
  for (let row = 0; row < texts.length; row++) normalise(data, row * space.dimension, (row + 1) * space.dimension)
  return data
}

const nearest = (matrix: Float32Array, query: Float32Array): number => {
  const d = space.dimension
  let best = -2
  let bestRow = -1
  for (let row = 0, from = 0; from < matrix.length; row++, from += d) {
    let dot = 0
    for (let i = 0; i < d; i++) dot += (matrix[from + i] as number) * (query[i] as number)
    if (dot > best) {
      best = dot
      bestRow = row
    }
  }
  return bestRow
}

const file = join(
  process.env.CONSORTIUM_SHARED ?? join(import.meta.dirname, "..", "..", "shared"),
  "data/prompts/mixed_30k.jsonl.gz"
)

const measure = (): boolean => {
  const rows = gunzipSync(readFileSync(file)).toString("utf8").trim().split("\n")
  const prompts = rows.map((line): string => JSON.parse(line).prompt)
  const speed = (texts: ReadonlyArray<string>) => {
    const startedAt = performance.now()
    embed(texts)
    return Math.round(texts.length / ((performance.now() - startedAt) / 1000))
  }
  const short = prompts.filter((prompt) => prompt.length <= 300)
  embed(short.slice(0, 2000))
  say(
    `texts/s on one core: ${speed(short)} of up to 300 characters (${short.length}), ${speed(prompts)} of all (${prompts.length})`
  )
  const matrix = embed(prompts)
  const candidates = prompts.map((_, row) => row).filter((row) => row % 2 === half)
  const chosen = isNonEmpty(candidates) ? Seed.shuffle(candidates, seed, "choose").slice(0, asked) : []
  const queries = embed(chosen.map((row) => reword(prompts[row] as string, row)))
  const surface = (row: number) => (prompts[row] as string).toLowerCase().replace(/\s+/g, " ").trim()
  const missed: Array<number> = []
  for (const [index, row] of chosen.entries()) {
    const found = nearest(matrix, queries.subarray(index * space.dimension, (index + 1) * space.dimension))
    if (found !== row && surface(found) !== surface(row)) missed.push(row)
  }
  const recall = 1 - missed.length / chosen.length
  say(
    `recall@1 of ${chosen.length} reworded prompts (${half === 0 ? "tuning" : "held-out"} half) among ${prompts.length}: ${(100 * recall).toFixed(1)} % (goal ${100 * goal} %), dimension ${space.dimension}`
  )
  if (half === 0)
    for (const row of missed.slice(0, 10))
      say(`  missed ${row}: ${JSON.stringify((prompts[row] as string).slice(0, 110))}`)
  return recall >= goal
}

if (!existsSync(file)) say(`skipped: no data at ${file}; set CONSORTIUM_SHARED`)
else if (!measure()) process.exitCode = 1
