/**
 * Which law finds the number of calls in flight: the shipped one (`watchful`), plain AIMD from refusals, and Netflix's
 * Gradient2 from latency. Simulated servers: some refuse above a number in flight, some share their speed and never
 * refuse; some change half-way, some get slower work. Means of three seeds. Efficiency is the least time that the server
 * allows ÷ the time taken; p95 is that of answered calls ÷ that of an idle server; refused is a part of the answered.
 * `node benchmarks/adaptive.ts`
 */
import { draws, Seed } from "@consortium/core/Seed"
import { type Law, watchful } from "@consortium/middleware/AdaptiveConcurrency"

const bounds = { start: 8, min: 1, max: 1000 }

/** As TCP: up by one a flight, down to a part on a refusal; doubling until the first. */
const aimd = (): Law => {
  let limit = bounds.start
  let since = -Infinity
  let doubling = true
  return ({ begun, ended, inFlight, overload }) => {
    if (begun < since) return limit
    if (overload) {
      limit = Math.max(bounds.min, limit * 0.7)
      since = ended
      doubling = false
    } else if (inFlight * 2 >= limit) limit = Math.min(bounds.max, limit + (doubling ? 1 : 1 / limit))
    return limit
  }
}

/** Gradient2 of Netflix's concurrency-limits, with its defaults and a refusal as a drop. */
const gradient2 = (): Law => {
  let limit = bounds.start
  let since = -Infinity
  let long = 0
  let count = 0
  return ({ begun, ended, inFlight, millis, overload }) => {
    if (overload) {
      if (begun >= since) {
        limit = Math.max(bounds.min, limit * 0.7)
        since = ended
      }
      return limit
    }
    if (millis === undefined) return limit
    count++
    long = count <= 10 ? (long * (count - 1) + millis) / count : long + ((millis - long) * 2) / 601
    if (long / millis > 2) long *= 0.95
    if (inFlight < limit / 2) return limit
    const gradient = Math.max(0.5, Math.min(1, (1.5 * long) / millis))
    limit = Math.max(bounds.min, Math.min(bounds.max, limit * 0.8 + 0.2 * (limit * gradient + 4)))
    return limit
  }
}

interface World {
  readonly refuses: boolean
  readonly room: number
  /** From half-way on. */
  readonly laterRoom?: number
  readonly laterSlower?: number
  readonly sigma: number
}

const calls = 8000
const medianMillis = 200
const normal = (draw: () => number) => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw())

interface Running {
  work: number
  readonly begun: number
  readonly isRefused: boolean
}

const play = (law: Law, world: World, seed: number) => {
  const draw = draws(Seed.make(seed), "adaptive")
  const running: Array<Running> = []
  const latencies: Array<number> = []
  let limit = bounds.start
  let now = 0
  let left = calls
  let refused = 0
  let least = 0
  while (latencies.length < calls) {
    const isLater = latencies.length >= calls / 2
    const room = isLater ? (world.laterRoom ?? world.room) : world.room
    let inside = running.filter((one) => !one.isRefused).length
    while (left > 0 && running.length < Math.max(1, Math.floor(limit))) {
      left--
      const isRefused = world.refuses && inside >= room
      const work = medianMillis * Math.exp(world.sigma * normal(draw)) * (isLater ? (world.laterSlower ?? 1) : 1)
      running.push({ work: isRefused ? 50 : work, begun: now, isRefused })
      if (!isRefused) {
        inside++
        least += work / room
      }
    }
    const speed = world.refuses ? 1 : Math.min(1, room / Math.max(1, inside))
    const pace = (one: Running) => (one.isRefused ? 1 : speed)
    const first = running.reduce((best, one) => (one.work / pace(one) < best.work / pace(best) ? one : best))
    const step = first.work / pace(first)
    now += step
    for (const one of running) one.work -= step * pace(one)
    running.splice(running.indexOf(first), 1)
    const millis = now - first.begun
    if (first.isRefused) {
      refused++
      left++
    } else latencies.push(millis)
    limit = law({
      begun: first.begun,
      ended: now,
      millis: first.isRefused ? undefined : millis,
      overload: first.isRefused,
      inFlight: running.length + 1
    })
  }
  const p95 = latencies.sort((a, b) => a - b)[Math.floor(0.95 * calls)] ?? 0
  const idle = medianMillis * Math.exp(1.645 * world.sigma) * (world.laterSlower ?? 1)
  return { efficiency: least / now, p95: p95 / idle, refused: refused / calls }
}

const worlds: Readonly<Record<string, World>> = {
  "refuses above 16": { refuses: true, room: 16, sigma: 0.5 },
  "refuses above 64": { refuses: true, room: 64, sigma: 0.5 },
  "refuses above 64, σ 1": { refuses: true, room: 64, sigma: 1 },
  "refuses above 64, then 16": { refuses: true, room: 64, laterRoom: 16, sigma: 0.5 },
  "refuses above 16, then 64": { refuses: true, room: 16, laterRoom: 64, sigma: 0.5 },
  "shares its speed above 16": { refuses: false, room: 16, sigma: 0.5 },
  "shares its speed above 64": { refuses: false, room: 64, sigma: 0.5 },
  "shares its speed above 64, σ 1": { refuses: false, room: 64, sigma: 1 },
  "shares above 64, then 16": { refuses: false, room: 64, laterRoom: 16, sigma: 0.5 },
  "refuses above 64, work 5 × slower": { refuses: true, room: 64, laterSlower: 5, sigma: 0.5 }
}
const laws = { watchful: () => watchful(bounds), AIMD: aimd, Gradient2: gradient2 }

console.log(
  `${"".padEnd(36)}${Object.keys(laws)
    .map((law) => law.padStart(28))
    .join("")}`
)
console.log(
  `${"".padEnd(36)}${Object.keys(laws)
    .map(() => "efficiency   p95 ×  refused".padStart(28))
    .join("")}`
)
for (const [name, world] of Object.entries(worlds)) {
  const cells = Object.values(laws).map((law) => {
    const runs = [1, 2, 3].map((seed) => play(law(), world, seed))
    const mean = (of: "efficiency" | "p95" | "refused") => runs.reduce((sum, one) => sum + one[of], 0) / runs.length
    return `${mean("efficiency").toFixed(2)}  ${mean("p95").toFixed(1).padStart(7)}  ${(100 * mean("refused")).toFixed(0).padStart(5)} %`.padStart(
      28
    )
  })
  console.log(name.padEnd(36) + cells.join(""))
}
