/**
 * What goes in and what comes out, measured. Each part by its name, since each wants the machine for itself:
 *
 * - `node benchmarks/formats.ts near [rows]`: near-duplicates among real prompts, MinHash beside the exact index
 * - `node benchmarks/formats.ts scrub`: recall on 1,000 made-up secrets of 30 kinds, alarms on what only looks like them
 * - `node benchmarks/formats.ts rows [count]`: rows in and out, beside a plain copy, with the peak of memory
 *
 * Real prompts come from the folder that CONSORTIUM_SHARED names, or from `shared` beside the checkout.
 */
import { spawnSync } from "node:child_process"
import { createReadStream, createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs"
import { once } from "node:events"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { fileURLToPath } from "node:url"
import { gunzipSync } from "node:zlib"
import { containers } from "@consortium/formats/Container"
import { formats } from "@consortium/formats/Formats"
import type { ContainerName } from "@consortium/formats/Names"
import * as PromptFile from "@consortium/formats/PromptFile"
import type { Ranked } from "@consortium/formats/Ranked"
import * as RankedFile from "@consortium/formats/RankedFile"
import { writeIterable } from "@consortium/formats/Write"
import * as MinHash from "@consortium/curation/MinHash"
import * as Scrub from "@consortium/curation/Scrub"
import { jaccard, normalised, shinglesOf } from "@consortium/curation/Shingles"
import * as Effect from "effect/Effect"
import { lookalikes, type Sample, secrets } from "./internal/secrets.ts"

const shared = process.env.CONSORTIUM_SHARED ?? fileURLToPath(new URL("../../shared", import.meta.url))
const percent = (part: number, of: number) => `${((100 * part) / of).toFixed(1)} %`
const perSecond = (count: number, millis: number) => `${Math.round((count / millis) * 1000).toLocaleString("en")} / s`
const row = (...cells: ReadonlyArray<string | number>) =>
  console.log(cells.map((cell, at) => (at === 0 ? String(cell).padEnd(34) : String(cell).padStart(14))).join(""))

const realPrompts = (): ReadonlyArray<string> => {
  const file = join(shared, "data/prompts/mixed_30k.jsonl.gz")
  if (!existsSync(file)) {
    console.log(`skipped: no ${file}`)
    return []
  }
  const lines = gunzipSync(readFileSync(file)).toString("utf8").trimEnd().split("\n")
  return lines.map((line) => String(JSON.parse(line).prompt))
}

/** The same rule without MinHash: a row goes when an earlier one that is kept is as alike; found by all common pieces. */
const exactly = (sets: ReadonlyArray<Int32Array>, threshold: number): ReadonlySet<number> => {
  const frequency = new Map<number, number>()
  for (const set of sets) for (const piece of set) frequency.set(piece, (frequency.get(piece) ?? 0) + 1)
  const postings = new Map<number, Array<number>>()
  const dropped = new Set<number>()
  for (const [at, set] of sets.entries()) {
    // Two sets so alike share one of the rarest pieces of each (prefix filter of Chaudhuri et al. 2006).
    const rare = [...set].sort((a, b) => (frequency.get(a) ?? 0) - (frequency.get(b) ?? 0) || a - b)
    const prefix = rare.slice(0, set.length - Math.ceil(threshold * set.length) + 1)
    const candidates = new Set(prefix.flatMap((piece) => postings.get(piece) ?? []))
    if ([...candidates].some((other) => jaccard(set, sets[other] ?? new Int32Array()) >= threshold)) {
      dropped.add(at)
      continue
    }
    for (const piece of prefix) {
      const rows = postings.get(piece)
      if (rows === undefined) postings.set(piece, [at])
      else rows.push(at)
    }
  }
  return dropped
}

const near = (count: number) => {
  const all = realPrompts().slice(0, count)
  if (all.length === 0) return
  // What is the same but for case and signs needs no index.
  const texts = [...new Map(all.map((text) => [normalised(text), text])).values()]
  const sets = texts.map((text) => shinglesOf(normalised(text)))
  const characters = texts.reduce((sum, text) => sum + text.length, 0)
  console.log(
    `${texts.length} different ones of ${all.length} real prompts, ${Math.round(characters / texts.length)} characters each on average`
  )
  row("threshold", "exact", "MinHash", "recall", "precision", "texts")
  for (const threshold of [0.9, 0.8, 0.7]) {
    const index = MinHash.make({ threshold })
    const found = new Set<number>()
    const started = performance.now()
    for (const [at, text] of texts.entries()) if (index.add(text) !== undefined) found.add(at)
    const millis = performance.now() - started
    const truth = exactly(sets, threshold)
    const both = [...found].filter((at) => truth.has(at)).length
    row(
      threshold,
      truth.size,
      found.size,
      percent(both, truth.size),
      percent(both, found.size),
      perSecond(texts.length, millis)
    )
  }
}

/** How many values are gone, by kind. */
const gone = async (scrubber: Scrub.Scrubber, samples: ReadonlyArray<Sample>) => {
  const kinds = new Map<string, { of: number; gone: number; touched: number }>()
  for (const { kind, text, value } of samples) {
    const counts = kinds.get(kind) ?? { of: 0, gone: 0, touched: 0 }
    const scrubbed = await scrubber.text(text)
    // What counts as gone: not even a half of it is left.
    const half = value.slice(Math.floor(value.length / 2))
    counts.of++
    if (!scrubbed.text.includes(half)) counts.gone++
    if (scrubbed.replaced.length > 0) counts.touched++
    kinds.set(kind, counts)
  }
  return kinds
}

const scrub = async () => {
  const scrubber = await Effect.runPromise(Scrub.make())
  const found = await gone(scrubber, secrets)
  row("kind", "of", "gone")
  for (const [kind, { gone: taken, of }] of found) row(kind, of, percent(taken, of))
  const total = [...found.values()].reduce((sum, one) => sum + one.gone, 0)
  row(`all ${found.size} kinds`, secrets.length, percent(total, secrets.length))
  console.log("\nwhat only looks like something:")
  const alarms = await gone(scrubber, lookalikes)
  for (const [kind, { of, touched }] of alarms) if (touched > 0) row(kind, of, percent(touched, of))
  const touched = [...alarms.values()].reduce((sum, one) => sum + one.touched, 0)
  row(`all ${alarms.size} kinds`, lookalikes.length, percent(touched, lookalikes.length))
  const texts = realPrompts()
  if (texts.length === 0) return
  const kinds = new Map<string, number>()
  let hit = 0
  const started = performance.now()
  for (const text of texts) {
    const { replaced } = await scrubber.text(text)
    if (replaced.length > 0) hit++
    for (const { kind } of replaced) kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  }
  const speed = perSecond(texts.length, performance.now() - started)
  console.log(`\n${texts.length} real prompts: ${hit} with something replaced, ${speed}`)
  for (const [kind, count] of [...kinds].sort((a, b) => b[1] - a[1])) row(kind, count)
}

const words = "river stone market signal winter orchard engine paper coast lantern theory garden ledger copper".split(
  " "
)
const sentence = (seed: number, length: number) =>
  Array.from({ length }, (_, at) => words[(seed * 31 + at * at * 7 + ((seed >> 3) % 11)) % words.length]).join(" ")

const ranked = (at: number): Ranked => ({
  id: `p${at}`,
  prompt: `${at}: ${sentence(at, 20)}?`,
  chosen: { candidate: "a" },
  pBest: { value: 0.7 },
  agreement: { first: 2, of: 3 },
  judged: true,
  ranking: ["a", "b", "c"].map((id, place) => ({
    candidates: [id],
    score: 1 - place / 2,
    pBest: 0.3,
    acceptable: true
  })),
  judges: ["x", "y"].map((judge) => ({ judge, order: [["a"], ["b"], ["c"]] })),
  candidates: ["a", "b", "c"].map((id, place) => ({
    id,
    member: id,
    model: "m",
    text: `${place} ${sentence(at + place, 40)}.`
  })),
  seed: 0,
  version: "0.0.0",
  simulated: true
})

/** One measurement in a process of its own, which says its peak. */
const child = async (task: string, input: string, output: string) => {
  const started = performance.now()
  let count = 0
  const counted = async function* <A>(of: AsyncIterable<A>): AsyncGenerator<A> {
    for await (const one of of) {
      count++
      yield one
    }
  }
  const [kind = "", container = "jsonl"] = task.split(":")
  if (kind === "copy") await pipeline(createReadStream(input), createWriteStream(output))
  else if (kind === "in") for await (const _ of counted(PromptFile.rows({ path: input })));
  else {
    const rows = counted(RankedFile.rows(input))
    const options = {
      format: kind === "table" ? formats.table : formats.dpo,
      container: containers[container as ContainerName]
    }
    await pipeline(Readable.from(writeIterable(rows, options)), createWriteStream(output))
  }
  const millis = performance.now() - started
  console.log(JSON.stringify({ millis, count, peak: process.resourceUsage().maxRSS / 1024 }))
}

const measure = (task: string, input: string, output: string, count: number) => {
  const args = [fileURLToPath(import.meta.url), "child", task, input, output]
  const { status, stderr, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" })
  if (status !== 0) throw new Error(stderr)
  const said: { readonly millis: number; readonly count: number; readonly peak: number } = JSON.parse(stdout)
  const size = existsSync(output) ? `${Math.round(statSync(output).size / 2 ** 20)} MiB` : ""
  row(task, perSecond(count, said.millis), `${(said.millis / 1000).toFixed(1)} s`, `${Math.round(said.peak)} MiB`, size)
  rmSync(output, { force: true })
}

const rows = async (count: number) => {
  const folder = mkdtempSync(join(tmpdir(), "consortium-bench-"))
  const input = join(folder, "in.jsonl")
  const out = createWriteStream(input)
  for (let at = 0; at < count; at++) {
    if (!out.write(`${JSON.stringify(ranked(at))}\n`)) await once(out, "drain")
  }
  out.end()
  await once(out, "finish")
  console.log(`${count.toLocaleString("en")} rows, ${Math.round(statSync(input).size / 2 ** 20)} MiB`)
  row("", "rows", "time", "peak", "written")
  for (const task of ["copy", "in", "dpo:jsonl", "table:csv", "table:parquet"]) {
    measure(task, input, join(folder, "out"), count)
  }
  rmSync(folder, { recursive: true })
}

const [part = "", first, second, third] = process.argv.slice(2)
if (part === "child") await child(first ?? "", second ?? "", third ?? "")
else if (part === "near") near(Number(first ?? 10_000))
else if (part === "scrub") await scrub()
else if (part === "rows") await rows(Number(first ?? 1_000_000))
else console.log("say which part: near, scrub, or rows")
