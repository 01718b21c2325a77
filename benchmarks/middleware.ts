/**
 * What the middleware takes: CPU per call of the whole default stack (all parts but the journal and traces) over the
 * bare client, with 5,000 calls in flight; and the memory of a call that waits. The model answers from memory after 20
 * ms, so that all CPU beyond the bare case is the stack's. Each case in a process of its own, in turn; medians.
 * `node benchmarks/middleware.ts [calls] [rounds]`
 */
import { fileURLToPath } from "node:url"
import { measure, median } from "./internal/process.ts"

const calls = process.argv[2] ?? "40000"
const rounds = Number(process.argv[3] ?? 3)
const file = fileURLToPath(new URL("internal/middlewareCase.ts", import.meta.url))
const cases = [
  ["bare", "the bare model"],
  ["record", "+ receipt"],
  ["default", "chatStack(), receipt"],
  ["full", "every part: budget, key rate, hedge, breaker, receipt"],
  ["traced", "every part, spans and metrics too"],
  ["effectBreaker", "bare + Effect's own CircuitBreaker, for comparison"],
  ["ourBreaker", "bare + makeCircuitBreaker, for comparison"]
] as const
const micros = new Map<string, Array<number>>(cases.map(([name]) => [name, []]))

for (let round = 0; round < rounds; round++) {
  for (const [name] of cases) {
    const { cpuMicros } = measure<{ readonly cpuMicros: number }>(file, name, calls)
    micros.get(name)?.push(cpuMicros / Number(calls))
  }
}
const bare = median(micros.get("bare") ?? [])
console.log(`CPU µs per call, 5,000 in flight, ${calls} calls, median of ${rounds} rounds`)
for (const [name, what] of cases) {
  const value = median(micros.get(name) ?? [])
  console.log(`${what.padEnd(54)}${value.toFixed(1).padStart(8)}${`+${(value - bare).toFixed(1)}`.padStart(9)}`)
}
for (const name of ["waitBare", "waitFull"]) {
  const { bytes } = measure<{ readonly bytes: number }>(file, name, "5000")
  console.log(
    `${name === "waitBare" ? "heap of a call in flight, bare" : "heap of a call that waits for a permit, every part"}: ${(bytes / 1024).toFixed(1)} KB`
  )
}
