/**
 * The fence beside the plain float32 SIMD pass and the plain float64 loop, on synthetic and real prompts. A pass is one
 * read of all float32 rows by one thread's SIMD dot products, timed in the same run; the plain loop is timed on 20 picks
 * and multiplied. `node benchmarks/selector.ts [small]`; real prompts are read from `CONSORTIUM_SHARED` or `../shared`.
 */
import { existsSync, readFileSync } from "node:fs"
import { gunzipSync } from "node:zlib"
import { EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import { PromptId } from "@consortium/core/Ids"
import { draws, Seed } from "@consortium/core/Seed"
import { vectors } from "@consortium/embedders-lexical/Lexical"
import * as Fence from "@consortium/selector/Fence"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { median } from "./internal/process.ts"
import { passMillis } from "./internal/simdPass.ts"

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
  const data = new Float32Array(rows * dimension)
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

const run = (matrix: EmbeddingMatrix, targetSize: number, kernel: "plain" | "wasm") =>
  Effect.runPromise(Fence.make({ stop: { targetSize }, start: "first", kernel }).select({ matrix }))

const timed = async <A>(use: () => Promise<A>): Promise<readonly [number, A]> => {
  const started = performance.now()
  const answer = await use()
  return [performance.now() - started, answer]
}

const report = async (name: string, matrix: EmbeddingMatrix, sizes: ReadonlyArray<number>) => {
  const pass = passMillis(matrix.data, matrix.rows, matrix.space.dimension)
  const [few, sample] = await timed(() => run(matrix, 21, "plain"))
  for (const size of sizes) {
    if (size > matrix.rows / 2) continue
    const times: Array<number> = []
    let picks: Uint32Array = new Uint32Array()
    for (let round = 0; round < 3; round++) {
      const [millis, selection] = await timed(() => run(matrix, size, "wasm"))
      times.push(millis)
      picks = selection.picks
    }
    const same = [...sample.picks].every((row, k) => k >= size || row === picks[k])
    const millis = median(times)
    console.log(
      `${name.padEnd(18)}${String(matrix.rows).padStart(8)} × ${String(matrix.space.dimension).padEnd(5)}${String(size).padStart(6)}` +
        `${millis.toFixed(0).padStart(8)} ms${(millis / pass).toFixed(1).padStart(9)} passes` +
        `${((size * pass) / millis).toFixed(1).padStart(8)} × f32 loop${(((few / 20) * size) / millis).toFixed(0).padStart(7)} × plain${same ? "" : "  PICKS DIFFER"}`
    )
  }
}

const small = process.argv[2] === "small"
const sizes = [100, 1_000, 10_000]
for (const rows of small ? [10_000] : [10_000, 100_000]) {
  for (const dimension of small ? [384] : [384, 1536]) {
    for (const kind of ["clustered", "weakly clustered", "isotropic"] as const) {
      await report(kind, synthetic(kind, rows, dimension), kind === "isotropic" ? sizes.slice(0, 2) : sizes)
    }
  }
}
const prompts = real()
if (prompts === undefined) console.log("real prompts: skipped, their data is not here")
else await report("real, lexical", prompts, sizes)
