/**
 * Compares every rule and weighting that the reference implementation has (numpy, `spikes/judging/evaluate.py` under
 * `CONSORTIUM_SHARED` or `../shared`) with ours, on random verdicts with ties, gaps and reversals and on the recorded
 * ones. Prints the largest difference of each; fails above 1e-6. Run: `node benchmarks/aggregationReference.ts`
 */
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import * as BradleyTerry from "@consortium/aggregation/BradleyTerry"
import * as DawidSkene from "@consortium/aggregation/DawidSkene"
import * as EffectiveVotes from "@consortium/aggregation/EffectiveVotes"
import * as FlipRate from "@consortium/aggregation/FlipRate"
import * as JudgeAware from "@consortium/aggregation/JudgeAware"
import * as Kemeny from "@consortium/aggregation/Kemeny"
import * as LogOdds from "@consortium/aggregation/LogOdds"
import type { Pooled } from "@consortium/aggregation/Pairs"
import * as Rank from "@consortium/aggregation/Rank"
import type { Rule } from "@consortium/aggregation/Rule"
import * as Stacking from "@consortium/aggregation/Stacking"
import * as Votes from "@consortium/aggregation/Votes"
import * as Weights from "@consortium/aggregation/Weights"
import * as Seed from "@consortium/core/Seed"
import * as Result from "effect/Result"
import { dataset, load, shared, votesOf } from "./internal/judging.ts"

const seed = Seed.Seed.make(20261123)
const reference = join(shared, "spikes/judging/evaluate.py")
const python = process.env.PYTHON ?? "python3"
const say = (line: string) => process.stdout.write(`${line}\n`)

/** Pair verdicts in both orders: strict, ties, none. */
const random = (groups: number, judges: number, n: number, word: string): Votes.Votes => {
  const draw = Seed.draws(seed, word)
  const ids = Array.from({ length: n }, (_, a) => `c${a}`)
  const sheets = Array.from({ length: groups }, () => {
    const truth = ids.map(() => draw())
    const votes: Array<Votes.Said> = []
    for (let j = 0; j < judges; j++) {
      for (let a = 0; a < n; a++) {
        for (let b = 0; b < n; b++) {
          if (a === b) continue
          const noisy = (truth[a] ?? 0) - (truth[b] ?? 0) + (draw() - 0.5) * (1 + j / 2)
          // The first order always says something, so that no judge is silent on a group.
          const said = a > b && draw() < 0.1 ? null : draw() < 0.1 ? 0.5 : noisy > 0 ? 1 : 0
          votes.push({ judge: `j${j}`, pair: [ids[a] ?? "", ids[b] ?? ""], preference: said })
        }
      }
    }
    return {
      candidates: ids,
      votes,
      truth: [{ judge: "truth", scores: Object.fromEntries(ids.map((id, a) => [id, truth[a] ?? 0])) }]
    }
  })
  return Result.getOrThrow(Votes.make(sheets))
}

/** `groups × n × n` cells as nested lists. */
const square = <A>(n: number, cell: (a: number, b: number) => A): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: n }, (_, a) => Array.from({ length: n }, (_, b) => cell(a, b)))

const caseOf = (votes: Votes.Votes, weights: ReadonlyArray<number>) => {
  const groups = Array.from({ length: Votes.size(votes) }, (_, g) => g)
  const n = votes.starts[1] ?? 0
  const cells = <A>(of: (cell: number) => A) =>
    groups.map((g) =>
      votes.judges.map((_, j) => square(n, (a, b) => of(((g * votes.judges.length + j) * n + a) * n + b)))
    )
  return {
    judges: votes.judges,
    weights,
    T: cells((cell) => (votes.heard[cell] === 0 ? null : (votes.preference[cell] ?? null))),
    calls: cells((cell) => votes.heard[cell] ?? 0),
    Y: groups.map((g) =>
      square(n, (a, b) => {
        const y = votes.truth[(g * n + a) * n + b]
        return y === 0.5 ? null : (y ?? null)
      })
    )
  }
}

type Answer = Readonly<Record<string, ReadonlyArray<number> | ReadonlyArray<ReadonlyArray<number>>>>

/** Preferences pooled without weights, as the reference's Kemeny takes them. */
const pooledOf = (votes: Votes.Votes, g: number): Pooled => {
  const n = (votes.starts[g + 1] ?? 0) - (votes.starts[g] ?? 0)
  const preference = new Float64Array(n * n)
  const weight = new Float64Array(n * n)
  for (let cell = 0; cell < n * n; cell++) {
    for (let j = 0; j < votes.judges.length; j++) {
      const at = (g * votes.judges.length + j) * n * n + cell
      if (votes.heard[at] === 0) continue
      preference[cell] = (preference[cell] ?? 0) + (votes.preference[at] ?? 0)
      weight[cell] = (weight[cell] ?? 0) + 1
    }
    preference[cell] = weight[cell] === 0 ? 0.5 : (preference[cell] ?? 0) / (weight[cell] ?? 1)
  }
  return { n, preference, weight }
}

/** Ours, in the reference's units. */
const ours = (votes: Votes.Votes, list: ReadonlyArray<number>): Readonly<Record<string, ReadonlyArray<number>>> => {
  const weights = Weights.of(votes.judges, list)
  const n = votes.starts[1] ?? 0
  const sum = list.reduce((all, one) => all + one, 0)
  const scores = (rule: Rule, from: (score: number) => number, by?: Weights.Weights) =>
    Array.from(Rank.scores(votes, rule, by), from)
  const times = (score: number) => score * (n - 1)
  const aware = JudgeAware.fit(votes)
  const effective = EffectiveVotes.measure(votes)
  const view = Votes.cursor(votes, weights)
  return {
    borda: scores("borda", times, weights),
    majority: scores("majority", times),
    schulze: scores("schulze", times),
    bt: Array.from({ length: Votes.size(votes) }, (_, g) => {
      Votes.seek(votes, g, view)
      const pooled = { n, preference: new Float64Array(n * n), weight: new Float64Array(n * n) }
      for (let j = 0; j < view.judges; j++) {
        for (let cell = 0; cell < n * n; cell++) {
          const at = view.at + j * n * n + cell
          if (votes.heard[at] === 0) continue
          pooled.preference[cell] = (pooled.preference[cell] ?? 0) + (list[j] ?? 0) * (votes.preference[at] ?? 0)
          pooled.weight[cell] = (pooled.weight[cell] ?? 0) + (list[j] ?? 0)
        }
      }
      for (let cell = 0; cell < n * n; cell++) {
        const w = pooled.weight[cell] ?? 0
        pooled.preference[cell] = w === 0 ? 0.5 : (pooled.preference[cell] ?? 0) / w
      }
      return [...BradleyTerry.fit(pooled).strengths]
    }).flat(),
    "mean-rank": scores("mean-rank", (score) => -sum * (n - score * (n - 1)), weights),
    rrf: scores("reciprocal-rank", (score) => sum * (1 / (60 + n) + score * (1 / 61 - 1 / (60 + n))), weights),
    "log-odds": scores("log-odds", times, weights),
    kemenyCost: Array.from({ length: Votes.size(votes) }, (_, g) => Kemeny.consensus(pooledOf(votes, g)).cost),
    discrimination: [...aware.discriminations.values()],
    judgeAware: [...aware.strengths],
    dawidSkene: [...DawidSkene.fit(votes).accuracies.values()],
    stacking: [...Stacking.weights(votes).values()],
    accuracy: [...LogOdds.weights(votes).values()],
    instability: FlipRate.rates(votes).map((rate) => rate.instability),
    effectiveVotes: [effective.correlation, effective.votes]
  }
}

const cases: Array<readonly [string, Votes.Votes]> = [
  ["random, 60 groups of 4, 5 judges", random(60, 5, 4, "four")],
  ["random, 40 groups of 6, 3 judges", random(40, 3, 6, "six")],
  ["random, 80 pairs, 7 judges", random(80, 7, 2, "two")]
]
const prd = load("prd_vicuna80")
if (prd !== undefined) cases.push(["PRD", votesOf(dataset(prd))])
const llmbar = load("llmbar")
if (llmbar !== undefined) {
  for (const protocol of ["Vanilla", "CoT", "Metrics_Reference"])
    cases.push([`LLMBar ${protocol}`, votesOf(dataset(llmbar, protocol))])
}

/** Groups on which some judge gave no verdict at all. */
const withSilence = (votes: Votes.Votes): ReadonlySet<number> => {
  const view = Votes.cursor(votes)
  const groups = Array.from({ length: Votes.size(votes) }, (_, g) => g)
  return new Set(
    groups.filter((g) => {
      const { at, n } = Votes.seek(votes, g, view)
      return votes.judges.some((_, j) =>
        votes.heard.subarray(at + j * n * n, at + (j + 1) * n * n).every((one) => one === 0)
      )
    })
  )
}

const compare = (): void => {
  const listOf = (votes: Votes.Votes) => votes.judges.map((_, j) => 0.4 + 0.3 * j)
  const input = JSON.stringify(cases.map(([, votes]) => caseOf(votes, listOf(votes))))
  const done = spawnSync(python, [join(import.meta.dirname, "internal/reference.py"), reference], {
    input,
    encoding: "utf8",
    maxBuffer: 1 << 28
  })
  if (done.status !== 0) {
    say(`skipped: ${python} with numpy can't run the reference (${done.stderr.trim().split("\n").at(-1)})`)
    return
  }
  const answers: ReadonlyArray<Answer> = JSON.parse(done.stdout)
  for (const [at, [name, votes]] of cases.entries()) {
    say(`\n${name}: largest difference`)
    const mine = ours(votes, listOf(votes))
    for (const [key, values] of Object.entries(mine)) {
      const flat = (answers[at]?.[key] ?? []).flat()
      // The reference's accuracies are compared as the weights that follow from them.
      const theirs = key === "accuracy" ? flat.map((p) => Math.max(0, Math.log(p / (1 - p)))) : flat
      // To the reference a judge that is silent on a group ties everything; we count only those who spoke.
      const skip = key === "mean-rank" || key === "rrf" ? withSilence(votes) : new Set<number>()
      const n = votes.starts[1] ?? 1
      const worst = values.reduce(
        (most, value, i) =>
          skip.has(Math.floor(i / n)) ? most : Math.max(most, Math.abs(value - (theirs[i] ?? Number.NaN))),
        0
      )
      if (!(worst <= 1e-6) || theirs.length !== values.length) process.exitCode = 1
      say(`  ${key.padEnd(16)}${worst.toExponential(1)}${worst <= 1e-6 ? "" : "  FAILED"}`)
    }
  }
}

if (existsSync(reference)) compare()
else say(`skipped: no reference at ${reference}; set CONSORTIUM_SHARED`)
