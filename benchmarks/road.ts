/**
 * CPU per model call through the whole road, beside the same work by hand: raw undici, and AI SDK with p-limit. One
 * simulated server in a process of its own; every case in its own process, in turn, five rounds; medians.
 * `node benchmarks/road.ts [prompts] [rounds]`
 */
import { fileURLToPath } from "node:url"
import { measure, median, serve } from "./internal/process.ts"

const prompts = process.argv[2] ?? "400"
const rounds = Number(process.argv[3] ?? 5)
const file = fileURLToPath(new URL("internal/roadCase.ts", import.meta.url))
const names = ["raw", "aiSdk", "consortium", "journal"] as const
const micros = new Map<string, Array<number>>(names.map((name) => [name, []]))

const server = await serve(0)
try {
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const { calls, cpuMicros } = measure<{ readonly calls: number; readonly cpuMicros: number }>(
        file,
        name,
        server.url,
        prompts
      )
      micros.get(name)?.push(cpuMicros / calls)
    }
  }
} finally {
  server.stop()
}

const of = (name: string) => median(micros.get(name) ?? [])
const rows: ReadonlyArray<readonly [string, number]> = [
  ["raw undici, by hand, no journal", of("raw")],
  ["AI SDK + p-limit, by hand, no journal", of("aiSdk")],
  ["consortium, whole road, without the journal", of("consortium") - of("journal")],
  ["consortium, whole road, journal and files", of("consortium")],
  ["the journal alone (look-up and write)", of("journal")]
]
console.log(
  `CPU µs per model call, median of ${rounds} rounds, ${prompts} prompts × (3 members + 3 judges, up to 2 passes), 64 in flight`
)
for (const [name, value] of rows)
  console.log(`${name.padEnd(46)}${value.toFixed(0).padStart(7)}${(value / of("raw")).toFixed(2).padStart(8)} × raw`)
