/**
 * What embedding costs besides the vendor: decoding a response into the matrix, the lexical embedder, hits of the cache,
 * and how near a list comes to the ideal through a vendor with limits. Each case in a process of its own, in turn; medians.
 * `node benchmarks/embeddings.ts [rounds] [cases] [texts of the lexical embedder]`
 */
import { fileURLToPath } from "node:url"
import type { Measured } from "./internal/embeddingCase.ts"
import { measure, median } from "./internal/process.ts"

const labels = {
  ours: "decode 2048 × 1536 base64 into the matrix, of length 1",
  sdk: "openai SDK: the same body to number[][]",
  json: "JSON.parse of the same rows as floats, to one Float32Array",
  lexical: "lexical embedder, texts of about 260 characters",
  cacheWrite: "cache, first time: 50,000 rows of 1536",
  cacheOpen: "cache opened: 50,000 rows",
  cacheHits: "cache hits: 50,000 rows of 1536, in the order they came",
  cacheRandom: "cache hits: the same in any other order",
  cacheSmall: "cache hits: 50,000 rows of 384",
  vendor: "100,000 texts through a vendor: 16 calls at a time, 100 texts, 8000 tokens",
  lockStep: "the same in steps of 16 batches"
} as const

const [rounds = "3", only = Object.keys(labels).join(","), texts = "100000"] = process.argv.slice(2)
const file = fileURLToPath(new URL("internal/embeddingCase.ts", import.meta.url))
const results = new Map<string, Array<Measured>>()
for (let round = 0; round < Number(rounds); round++)
  for (const name of only.split(","))
    results.set(name, [...(results.get(name) ?? []), measure<Measured>(file, name, texts)])

const of = (name: string, pick: (one: Measured) => number) => median((results.get(name) ?? []).map(pick))
const label = (name: string) => Object.entries(labels).find(([known]) => known === name)?.[1] ?? name

console.log(`medians of ${rounds} rounds\n`)
console.log(`${"".padEnd(78)}CPU ms   wall ms     per s and core   peak MB`)
for (const name of only.split(",")) {
  const cpu = of(name, ({ cpuMillis }) => cpuMillis)
  const cells = [
    cpu.toFixed(0).padStart(6),
    of(name, ({ wallMillis }) => wallMillis)
      .toFixed(0)
      .padStart(10),
    Math.round((1000 * of(name, ({ count }) => count)) / cpu)
      .toLocaleString("en")
      .padStart(19),
    of(name, ({ peakMegabytes }) => peakMegabytes)
      .toFixed(0)
      .padStart(10)
  ]
  console.log(label(name).padEnd(78) + cells.join(""))
}
const ratio = (a: string, b: string) =>
  (of(a, ({ cpuMillis }) => cpuMillis) / of(b, ({ cpuMillis }) => cpuMillis)).toFixed(1)
if (results.has("ours") && results.has("sdk"))
  console.log(`\nSDK ÷ ours ${ratio("sdk", "ours")}, JSON ÷ ours ${ratio("json", "ours")}`)
for (const name of ["vendor", "lockStep"])
  if (results.has(name))
    console.log(
      `${name}: wall ÷ ideal ${of(name, ({ ideal, wallMillis }) => wallMillis / (ideal ?? wallMillis)).toFixed(3)}`
    )
