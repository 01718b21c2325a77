/**
 * How fast rules are on one core: groups of 4 candidates × 5 judges, and one graph of 1,000,000 comparisons over 200
 * models; beside the npm packages `votes` and `openskill`, and the numpy reference where there is one. Medians of interleaved
 * rounds. Run: `node benchmarks/aggregationSpeed.ts [groups] [rounds]`
 */
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import * as Leaderboard from "@consortium/aggregation/Leaderboard"
import * as Rank from "@consortium/aggregation/Rank"
import type { Rule } from "@consortium/aggregation/Rule"
import * as Votes from "@consortium/aggregation/Votes"
import * as Seed from "@consortium/core/Seed"
import * as Result from "effect/Result"
import { rate, rating } from "openskill"
import { Borda, Copeland, Kemeny, Schulze, utils } from "votes"
import { shared } from "./internal/judging.ts"
import { median } from "./internal/process.ts"

const groups = Number(process.argv[2] ?? 100_000)
const rounds = Number(process.argv[3] ?? 7)
const [n, judges, models, comparisons] = [4, 5, 200, 1_000_000]
const seed = Seed.Seed.make(1)
const say = (line: string) => process.stdout.write(`${line}\n`)
const names = Array.from({ length: judges }, (_, j) => `j${j}`)

/** Random orders with one tie in five. */
const levelsOf = (size: number, count: number): Int16Array => {
  const draw = Seed.draws(seed, "levels", size)
  const out = new Int16Array(count * judges * size)
  const [first, ...rest] = Array.from({ length: size }, (_, a) => a)
  for (let order = 0; order < count * judges; order++) {
    let level = 0
    for (const a of Seed.shuffle([first ?? 0, ...rest], seed, "order", size, order)) {
      out[order * size + a] = level
      if (draw() >= 0.2) level++
    }
  }
  return out
}

const ordersOf = (levels: Int16Array, size: number, order: number): Array<Array<string>> => {
  const tiers: Array<Array<string>> = []
  for (let a = 0; a < size; a++) (tiers[levels[order * size + a] ?? 0] ??= []).push(`c${a}`)
  return tiers.filter((tier) => tier !== undefined)
}

interface Case {
  readonly name: string
  /** What is counted. */
  readonly units: number
  readonly run: () => unknown
}

const bench = (title: string, cases: ReadonlyArray<Case>): void => {
  const took = cases.map((): Array<number> => [])
  // Two rounds to warm up.
  for (let round = -2; round < rounds; round++) {
    for (const [at, { run }] of cases.entries()) {
      const started = performance.now()
      run()
      if (round >= 0) took[at]?.push(performance.now() - started)
    }
  }
  const speeds = cases.map(({ units }, at) => units / (median(took[at] ?? []) / 1000))
  say(`\n${title}`)
  for (const [at, { name, units }] of cases.entries()) {
    const ratio = (speeds[0] ?? 1) / (speeds[at] ?? 1)
    say(
      `  ${name.padEnd(44)}${Math.round(speeds[at] ?? 0)
        .toLocaleString("en")
        .padStart(14)}/s${median(took[at] ?? [])
        .toFixed(1)
        .padStart(
          10
        )} ms for ${units.toLocaleString("en").padEnd(10)}${at === 0 ? "" : `first is ${ratio.toPrecision(2)}×`}`
    )
  }
}

const levels = levelsOf(n, groups)
const votes = Votes.ofLevels(names, n, levels)
// Columns first, while the heap is small: a large one makes every allocation dearer.
const ours = (rule: Rule): Case => ({ name: `${rule}, columns`, units: groups, run: () => Rank.scores(votes, rule) })
bench(`groups of ${n} candidates × ${judges} judges`, [
  ours("borda"),
  ours("bradley-terry"),
  ours("plackett-luce"),
  ours("mean-rank"),
  ours("log-odds"),
  { name: "building the columns, and borda", units: groups, run: () => Rank.scores(Votes.ofLevels(names, n, levels)) }
])
const few = Math.min(groups, 10_000)
const candidates = Array.from({ length: n }, (_, a) => `c${a}`)
const sheets = Array.from({ length: few }, (_, g) => ({
  candidates,
  votes: names.map((judge, j) => ({ judge, order: ordersOf(levels, n, g * judges + j) }))
}))
const elections = sheets.map((sheet) => ({
  candidates: [...candidates],
  ballots: sheet.votes.map(({ order }) => ({ ranking: order, weight: 1 }))
}))

bench("the same from plain orders by id", [
  { name: "votes and borda", units: few, run: () => Rank.scores(Result.getOrThrow(Votes.make(sheets))) },
  { name: "npm votes, Borda", units: few, run: () => elections.map((election) => new Borda(election).scores()) }
])
const matrixOf = ({ ballots, candidates }: (typeof elections)[number]) => utils.matrixFromBallots(ballots, candidates)
const others = [
  ["copeland", (election) => new Copeland(matrixOf(election)).scores()],
  ["schulze", (election) => new Schulze(matrixOf(election)).scores()],
  ["kemeny", (election) => new Kemeny(matrixOf(election)).scores()]
] as const satisfies ReadonlyArray<readonly [Rule, (election: (typeof elections)[number]) => unknown]>
for (const [rule, theirs] of others) {
  bench(rule, [ours(rule), { name: `npm votes, ${rule}`, units: few, run: () => elections.map(theirs) }])
}
const eight = Votes.ofLevels(names, 8, levelsOf(8, 2000))
bench("Kemeny, exact, groups of 8 candidates", [
  { name: "kemeny, columns", units: 2000, run: () => Rank.scores(eight, "kemeny") }
])

const draw = Seed.draws(seed, "graph")
const strength = Array.from({ length: models }, () => 2 * draw() - 1)
const first = new Uint16Array(comparisons)
const second = new Uint16Array(comparisons)
const preference = new Float64Array(comparisons)
for (let at = 0; at < comparisons; at++) {
  const a = Math.floor(draw() * models)
  const b = (a + 1 + Math.floor(draw() * (models - 1))) % models
  first[at] = a
  second[at] = b
  preference[at] = draw() < 1 / (1 + Math.exp((strength[b] ?? 0) - (strength[a] ?? 0))) ? 1 : 0
}
const graph: Leaderboard.Comparisons = { candidates: strength.map((_, a) => `m${a}`), first, second, preference }
const oneByOne = () => {
  const players = strength.map(() => rating())
  for (let at = 0; at < comparisons / 10; at++) {
    const [a, b] = preference[at] === 1 ? [first[at] ?? 0, second[at] ?? 0] : [second[at] ?? 0, first[at] ?? 0]
    const [[winner], [loser]] = rate([[players[a] ?? rating()], [players[b] ?? rating()]])
    if (winner !== undefined) players[a] = winner
    if (loser !== undefined) players[b] = loser
  }
}
bench(`one graph over ${models} models (comparisons)`, [
  { name: "leaderboard, with intervals", units: comparisons, run: () => Result.getOrThrow(Leaderboard.fit(graph)) },
  { name: "npm openskill, one by one (another model)", units: comparisons / 10, run: oneByOne }
])

const reference = join(shared, "spikes/judging/evaluate.py")
const numpy = existsSync(reference)
  ? spawnSync(
      process.env.PYTHON ?? "python3",
      [join(import.meta.dirname, "internal/referenceSpeed.py"), reference, "20000", "5"],
      {
        encoding: "utf8",
        env: { ...process.env, OMP_NUM_THREADS: "1" }
      }
    )
  : undefined
if (numpy?.status !== 0)
  say("\nreference (numpy): skipped, no Python with numpy or no reference; set PYTHON and CONSORTIUM_SHARED")
else {
  say("\nreference (numpy, one thread, all groups at once)")
  for (const [name, speed] of Object.entries(JSON.parse(numpy.stdout))) {
    say(`  ${name.padEnd(44)}${Math.round(Number(speed)).toLocaleString("en").padStart(14)}/s`)
  }
}
