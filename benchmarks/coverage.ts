/**
 * How every rule covers a pool, with and without guard: the tables of `docs/selection.md`, in markdown.
 * `node benchmarks/coverage.ts [--rows 20000] [--picks 1000] [--spaces clustered,lsa] [--guards]`; `--guards` tries other
 * guards of the fence instead. Real prompts are read from `CONSORTIUM_SHARED` or `../shared`. Times are not compared.
 */
import { parseArgs } from "node:util"
import type { EmbeddingMatrix } from "@consortium/core/EmbeddingMatrix"
import { Seed } from "@consortium/core/Seed"
import type { Selector, StopRule } from "@consortium/core/Selection"
import * as Centre from "@consortium/selector/Centre"
import * as Coverage from "@consortium/selector/Coverage"
import * as Curve from "@consortium/selector/Curve"
import * as FacilityLocation from "@consortium/selector/FacilityLocation"
import * as FarthestFirst from "@consortium/selector/FarthestFirst"
import * as Fence from "@consortium/selector/Fence"
import * as Guard from "@consortium/selector/Guard"
import * as KMeansPlusPlus from "@consortium/selector/KMeansPlusPlus"
import * as MaximalMarginalRelevance from "@consortium/selector/MaximalMarginalRelevance"
import * as RandomDraw from "@consortium/selector/RandomDraw"
import * as Effect from "effect/Effect"
import { names, space } from "./internal/spaces.ts"

const { values: flags } = parseArgs({
  options: {
    rows: { type: "string", default: "20000" },
    picks: { type: "string", default: "1000" },
    spaces: { type: "string", default: names.join(",") },
    guards: { type: "boolean", default: false }
  }
})
const stop: StopRule = { targetSize: Number(flags.picks) }
const seed = Seed.make(1)

type Service = Selector["Service"]

/** Rules by name, without a guard unless one is given. */
const rules: Readonly<Record<string, (guard?: number | "off") => Service>> = {
  fence: (guard = "off") => Fence.make({ stop, guard }),
  "fence, random start": (guard = "off") => Fence.make({ stop, start: { random: seed }, guard }),
  "mean and nearest (λ .5)": (guard = "off") => MaximalMarginalRelevance.make({ stop, guard }),
  "farthest first": (guard = "off") => FarthestFirst.make({ stop, guard }),
  "facility location": (guard = "off") => FacilityLocation.make({ stop, guard }),
  "k-means++": (guard = "off") => KMeansPlusPlus.make({ stop, seed, guard }),
  random: (guard = "off") => RandomDraw.make({ stop, seed, guard })
}

/** The mean cosine of two picks: what the fence keeps low. */
const meanPair = (matrix: EmbeddingMatrix, picks: Uint32Array): number => {
  const sum = new Float64Array(matrix.space.dimension)
  for (const row of picks) for (const [j, x] of matrix.row(row).entries()) sum[j] = (sum[j] ?? 0) + x
  const n = picks.length
  return n < 2 ? 1 : (sum.reduce((total, x) => total + x * x, 0) - n) / n / (n - 1)
}

const header = (first: string) =>
  `| ${first} | picks | radius | mean nearest | Vendi | over .9 | over .98 | mean pair | as pure |\n|---|---|---|---|---|---|---|---|---|`

const line = async (name: string, matrix: EmbeddingMatrix, picks: Uint32Array, pure: Uint32Array): Promise<void> => {
  const { radius, meanNearest, vendi, nearDuplicates } = await Effect.runPromise(Coverage.measure({ matrix, picks }))
  const kept = new Set(pure)
  const same = picks.filter((row) => kept.has(row)).length
  const cells = [
    name,
    picks.length,
    radius.toFixed(3),
    meanNearest.toFixed(3),
    vendi.toFixed(0),
    nearDuplicates.over90,
    nearDuplicates.over98,
    meanPair(matrix, picks).toFixed(3),
    picks === pure ? "" : `${Math.round((100 * same) / picks.length)} %`
  ]
  console.log(`| ${cells.join(" | ")} |`)
}

const picksOf = async (service: Service, matrix: EmbeddingMatrix) =>
  (await Effect.runPromise(service.select({ matrix }))).picks

const compareRules = async (matrix: EmbeddingMatrix): Promise<void> => {
  const guard = await Effect.runPromise(Guard.adaptive(matrix))
  console.log(header("rule"))
  for (const [name, make] of Object.entries(rules)) {
    const pure = await picksOf(make(), matrix)
    await line(name, matrix, pure, pure)
    const guarded = await picksOf(make(guard), matrix)
    // A guard that changes nothing has no line.
    if (guarded.some((row, k) => row !== pure[k]))
      await line(`${name}, guard ${guard.toFixed(3)}`, matrix, guarded, pure)
  }
  const centred = await Effect.runPromise(Centre.centre(matrix))
  const pure = await picksOf(Fence.make({ stop, guard: "off" }), centred.matrix)
  await line("fence on centred rows", matrix, pure, pure)
}

const compareGuards = async (matrix: EmbeddingMatrix): Promise<void> => {
  const cosines = await Effect.runPromise(Guard.pairCosines(matrix, { pairs: 200_000 }))
  const quantile = (share: number) => cosines[Math.floor((1 - share) * (cosines.length - 1))] ?? 0
  const median = quantile(0.5)
  const tried: ReadonlyArray<readonly [string, number]> = [
    ...[0.98, 0.95, 0.9, 0.8, 0.7, 0.6].map((at) => [`fixed ${at}`, at] as const),
    ...[0.05, 0.1, 0.2, 0.3].map(
      (part) => [`${part} of the median pair's squared distance`, 1 - part * (1 - median)] as const
    ),
    ...[0.0001, 0.001, 0.01].map((share) => [`the nearest ${100 * share} % of pairs`, quantile(share)] as const)
  ]
  console.log(header("guard of the fence"))
  const pure = await picksOf(Fence.make({ stop, guard: "off" }), matrix)
  await line("off", matrix, pure, pure)
  for (const [name, guard] of tried) {
    const { picks } = await Effect.runPromise(Fence.make({ stop, guard }).select({ matrix }))
    await line(`${name}: ${guard.toFixed(3)}`, matrix, picks, pure)
  }
}

/** Where tripwires of the pure fence fire. */
const showCurve = async (matrix: EmbeddingMatrix): Promise<void> => {
  const selection = await Effect.runPromise(Fence.make({ stop, guard: "off" }).select({ matrix }))
  const grid = [-0.1, 0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
  const fired = Curve.firings(selection, { grid }).map(({ count }) => count ?? "–")
  const suggestion = Curve.suggest(selection)
  const said = suggestion.why === "knee" ? `${suggestion.tripwire} (${suggestion.count} picks)` : suggestion.why
  console.log(`\nTripwires: ${grid.map((tripwire, k) => `${tripwire}: ${fired[k]}`).join(", ")}; suggested: ${said}\n`)
}

for (const name of flags.spaces.split(",")) {
  const matrix = space(name, Number(flags.rows))
  if (matrix === undefined) {
    console.log(`${name}: skipped, its data is not here\n`)
    continue
  }
  const cosines = await Effect.runPromise(Guard.pairCosines(matrix, { pairs: 200_000 }))
  const mean = cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length
  console.log(`\n### ${name}: ${matrix.rows} × ${matrix.space.dimension}, mean cosine of a pair ${mean.toFixed(3)}\n`)
  await (flags.guards ? compareGuards : compareRules)(matrix)
  await showCurve(matrix)
}
