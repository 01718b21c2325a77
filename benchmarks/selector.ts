/**
 * The fence beside the plain float32 SIMD pass and the plain float64 loop, on synthetic and real prompts. A pass is one
 * read of all float32 rows by one thread's SIMD dot products, timed in the same run; the plain loop is timed on 20 picks
 * and multiplied. A part of the grid by flags, each a list: `node benchmarks/selector.ts --kinds clustered --rows 100000
 * --dimensions 1536 --picks 1000 --threads 1,2`. Real prompts (`--kinds real`, `lsa`) are read from `CONSORTIUM_SHARED` or
 * `../shared`. Memory is the process's peak above what it held with the rows loaded, each case in a process of its own
 * (`--memory`).
 */
import { existsSync, readFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { gunzipSync } from "node:zlib"
import { EmbeddingMatrix, roomFor } from "@consortium/core/EmbeddingMatrix"
import { PromptId } from "@consortium/core/Ids"
import { draws, Seed } from "@consortium/core/Seed"
import { vectors } from "@consortium/embedders-lexical/Lexical"
import * as Fence from "@consortium/selector/Fence"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { space } from "./internal/spaces.ts"
import { median } from "./internal/process.ts"
import { passMillis, readGigabytes } from "./internal/simdPass.ts"

/** @param data of `roomFor`, as matrices of embedders and files are */
const matrixOf = (rows: number, dimension: number, data: Float32Array): EmbeddingMatrix =>
  Result.getOrThrow(
    EmbeddingMatrix.make(
      { model: "bench", dimension },
      Array.from({ length: rows }, (_, i) => PromptId.make(`p${i}`)),
      data
    )
  )

/** Rows around 200 centres with a common part (mean pair cosine about .3), or isotropic ones. */
const synthetic = (
  kind: "clustered" | "weakly clustered" | "isotropic",
  rows: number,
  dimension: number
): EmbeddingMatrix => {
  const draw = draws(Seed.make(11), kind)
  const normals = new Float32Array(1 << 16).map(
    () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw())
  )
  const normal = () => normals[Math.floor(draw() * normals.length)] as number
  const centres = new Float32Array(200 * dimension).map(normal)
  const common = new Float32Array(dimension).map(normal)
  const [a, b, c] = kind === "clustered" ? [0.55, 0.6, 0.55] : kind === "weakly clustered" ? [0.3, 0.5, 0.8] : [0, 0, 1]
  const data = roomFor(rows * dimension)
  for (let row = 0; row < rows; row++) {
    const centre = Math.floor(draw() * 200) * dimension
    for (let j = 0; j < dimension; j++) {
      data[row * dimension + j] = a * (common[j] as number) + b * (centres[centre + j] as number) + c * normal()
    }
  }
  return matrixOf(rows, dimension, data)
}

const real = (): EmbeddingMatrix | undefined => {
  const shared = process.env.CONSORTIUM_SHARED ?? new URL("../../shared", import.meta.url).pathname
  const file = `${shared}/data/prompts/mixed_30k.jsonl.gz`
  if (!existsSync(file)) return undefined
  const texts = gunzipSync(readFileSync(file))
    .toString()
    .trim()
    .split("\n")
    .map((line) => String(JSON.parse(line).prompt))
  const dimension = 384
  const data = new Float32Array(texts.length * dimension)
  for (let at = 0; at < texts.length; at += 256) {
    const [first = "", ...rest] = texts.slice(at, at + 256)
    data.set(vectors([first, ...rest]).data, at * dimension)
  }
  return matrixOf(texts.length, dimension, data)
}

const { values: flags } = parseArgs({
  options: {
    kinds: { type: "string", default: "clustered" },
    rows: { type: "string", default: "10000" },
    dimensions: { type: "string", default: "384" },
    picks: { type: "string", default: "100,1000" },
    threads: { type: "string", default: "1,2" },
    guard: { type: "string", default: "off" },
    rounds: { type: "string", default: "3" },
    start: { type: "string", default: "typical" },
    memory: { type: "boolean", default: false }
  }
})
const listOf = (text: string): ReadonlyArray<number> => text.split(",").map(Number)
const guard = flags.guard === "off" || flags.guard === "adaptive" ? flags.guard : Number(flags.guard)
const start = flags.start === "first" ? "first" : "typical"

const run = (matrix: EmbeddingMatrix, targetSize: number, kernel: "plain" | "auto", threads = 1) =>
  Effect.runPromise(Fence.make({ stop: { targetSize }, start, kernel, threads, guard }).select({ matrix }))

const timed = async <A>(use: () => Promise<A>): Promise<readonly [number, A]> => {
  const started = performance.now()
  const answer = await use()
  return [performance.now() - started, answer]
}

const mega = 2 ** 20

/** The peak above the process with its rows loaded, beside what it may be. */
const reportMemory = async (matrix: EmbeddingMatrix, picks: number, threads: number): Promise<void> => {
  const before = process.memoryUsage().rss
  await run(matrix, picks, "auto", threads)
  const peak = process.resourceUsage().maxRSS * 1024 - before
  const int8 = matrix.rows * Math.ceil(matrix.space.dimension / 64) * 64
  const most = 1.3 * int8 + 64 * matrix.rows + 30 * mega * threads
  console.log(
    `memory: ${(peak / mega).toFixed(0)} MB above the rows' ${(matrix.data.byteLength / mega).toFixed(0)} MB with ${threads} threads; allowed ${(most / mega).toFixed(0)} MB`
  )
}

const report = async (name: string, matrix: EmbeddingMatrix) => {
  const { rows } = matrix
  const { dimension } = matrix.space
  if (flags.memory) {
    await reportMemory(matrix, listOf(flags.picks)[0] ?? 100, listOf(flags.threads)[0] ?? 1)
    return
  }
  const pass = passMillis(matrix.data, rows, dimension)
  console.log(
    `${name} ${rows} × ${dimension}: a float32 SIMD pass takes ${pass.toFixed(1)} ms, ${(matrix.data.byteLength / pass / 1e6).toFixed(1)} GB/s; plain reading ${readGigabytes(matrix.data).toFixed(1)} GB/s`
  )
  const [few, sample] = await timed(() => run(matrix, 21, "plain"))
  for (const size of listOf(flags.picks).filter((size) => size <= rows / 2)) {
    for (const threads of listOf(flags.threads)) {
      const times: Array<number> = []
      let picks: Uint32Array = new Uint32Array()
      for (let round = 0; round < Number(flags.rounds); round++) {
        const [millis, selection] = await timed(() => run(matrix, size, "auto", threads))
        times.push(millis)
        picks = selection.picks
      }
      const same = [...sample.picks].every((row, k) => k >= size || row === picks[k])
      const millis = median(times)
      console.log(
        `${String(size).padStart(8)} picks, ${threads} threads${millis.toFixed(0).padStart(8)} ms (least ${Math.min(...times).toFixed(0)})` +
          `${(millis / pass).toFixed(1).padStart(8)} passes${(millis / pass / size).toFixed(3).padStart(7)} a step` +
          `${((size * pass) / millis).toFixed(1).padStart(8)} × f32 loop${(((few / 20) * size) / millis).toFixed(0).padStart(7)} × plain, by 20 steps${same ? "" : "  PICKS DIFFER"}`
      )
    }
  }
}

for (const kind of flags.kinds.split(",")) {
  for (const rows of listOf(flags.rows)) {
    if (kind === "lsa" || kind === "real") {
      const prompts = kind === "lsa" ? space("lsa", rows) : real()
      if (prompts === undefined) console.log(`${kind}: skipped, its data is not here`)
      else await report(kind, prompts)
    } else if (kind === "clustered" || kind === "weakly clustered" || kind === "isotropic") {
      for (const dimension of listOf(flags.dimensions)) await report(kind, synthetic(kind, rows, dimension))
    } else throw new Error(`no kind ${kind}: clustered, weakly clustered, isotropic, real, lsa`)
  }
}
