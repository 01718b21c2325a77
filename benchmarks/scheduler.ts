/**
 * How near a whole run comes to what the limits allow. 2,000 prompts, 4 members, then 3 judges; latencies log-normal,
 * median 200 ms, σ 0.5. Four vendors: two with a limit of requests, one of tokens, one of 16 in flight; three of them
 * also judge. Everything in simulated time, so that a run of a minute takes seconds and no load of the machine shows.
 * The ideal (`internal/schedulerWorld.ts`) sees every latency and starts each call as early as the limits allow; it is
 * the best of some orders, so a run can be luckier by parts of a percent. Work ÷ limit is what nobody can beat. Who
 * loses rows is done sooner than either: that is no efficiency.
 * Then the same with 5 % refused, 2 % failed, and a vendor that dies half-way.
 * `node benchmarks/scheduler.ts`
 */
import { fileURLToPath } from "node:url"
import { measure } from "./internal/process.ts"
import { calm, floorMillis, ideal, prompts, type Scenario } from "./internal/schedulerWorld.ts"

interface Outcome {
  readonly millis: number
  readonly rows: number
  readonly lost: number
  readonly attempts: number
  readonly limited: number
  readonly faults: number
  readonly dead: number
}

const file = fileURLToPath(new URL("internal/schedulerCase.ts", import.meta.url))
const cases = [
  ["consortium", "default stack, limits configured"],
  ["learning", "default stack, told nothing"],
  ["careful", "AI SDK + p-limit + p-retry"],
  ["unlimited", "AI SDK, unlimited Promise.all"]
] as const

const table = (title: string, scenario: Scenario, ...words: ReadonlyArray<string>): void => {
  const best = ideal(scenario)
  const floor = floorMillis(scenario)
  console.log(`\n${title}`)
  console.log(`ideal ${(best / 1000).toFixed(1)} s; work ÷ limit ${(floor / 1000).toFixed(1)} s`)
  console.log(
    `${"".padEnd(34)}${["seconds", "of ideal", "of the limit", "rows", "lost calls", "attempts", "limited", "faults", "to the dead"].map((one) => one.padStart(12)).join("")}`
  )
  for (const [name, what] of cases) {
    const one = measure<Outcome>(file, name, ...words)
    const cells = [
      (one.millis / 1000).toFixed(1),
      (best / one.millis).toFixed(3),
      (floor / one.millis).toFixed(3),
      `${one.rows}/${prompts}`,
      one.lost,
      one.attempts,
      one.limited,
      one.faults,
      one.dead
    ]
    console.log(what.padEnd(34) + cells.map((cell) => String(cell).padStart(12)).join(""))
  }
}

table("calm", calm)
const half = Math.round(ideal(calm) / 2)
table(
  `5 % refused, 2 % failed, one vendor dead from ${(half / 1000).toFixed(1)} s on`,
  { refused: 0.05, failed: 0.02, diesAt: half },
  String(half)
)
