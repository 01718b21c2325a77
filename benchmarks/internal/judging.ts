/** Recorded judge verdicts as votes, and how well scores agree with the recorded truth. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import * as Calibration from "@consortium/aggregation/Calibration"
import * as Votes from "@consortium/aggregation/Votes"
import * as Result from "effect/Result"

export const shared = process.env.CONSORTIUM_SHARED ?? join(import.meta.dirname, "..", "..", "..", "shared")
export const fileOf = (name: string): string => join(shared, "data/judging", `${name}.dev.jsonl.gz`)

interface Row {
  readonly candidates: ReadonlyArray<{ readonly id: string; readonly text: string }>
  readonly truth: { readonly pairs: ReadonlyArray<readonly [number, number, number, number, number]> }
  readonly judgments: ReadonlyArray<{
    readonly j: string
    readonly s: string
    readonly o: readonly [number, number]
    readonly w: number | null
  }>
  readonly human_votes?: ReadonlyArray<readonly [string, number, number, number]>
}

export const load = (name: string): ReadonlyArray<Row> | undefined =>
  existsSync(fileOf(name))
    ? gunzipSync(readFileSync(fileOf(name)))
        .toString("utf8")
        .trim()
        .split("\n")
        .map((line): Row => JSON.parse(line))
    : undefined

/** Prompts with recorded verdicts. */
export interface Dataset {
  readonly sheets: ReadonlyArray<Votes.Sheet>
  /** The truth's score of each candidate of each prompt: its mean share of the human votes. */
  readonly worth: ReadonlyArray<ReadonlyArray<number>>
  readonly lengths: ReadonlyArray<ReadonlyArray<number>>
}

const worthOf = ({ candidates, truth }: Row): ReadonlyArray<number> => {
  const sum = candidates.map(() => 0)
  const count = candidates.map(() => 0)
  for (const [a, b, x, y, z] of truth.pairs) {
    const all = x + y + z
    if (all === 0) continue
    sum[a] = (sum[a] ?? 0) + (x + z / 2) / all
    sum[b] = (sum[b] ?? 0) + (y + z / 2) / all
    count[a] = (count[a] ?? 0) + 1
    count[b] = (count[b] ?? 0) + 1
  }
  return sum.map((value, a) => value / Math.max(1, count[a] ?? 0))
}

/** @param protocol only verdicts of this one */
export const dataset = (rows: ReadonlyArray<Row>, protocol?: string): Dataset => ({
  sheets: rows.map((row) => {
    const id = (a: number) => row.candidates[a]?.id ?? ""
    return {
      candidates: row.candidates.map((candidate) => candidate.id),
      votes: row.judgments
        .filter((one) => protocol === undefined || one.s === protocol)
        .map(({ j, o: [a, b], w }) => ({
          judge: j,
          pair: [id(a), id(b)] as const,
          preference: w === null ? null : w === -1 ? 0.5 : w === a ? 1 : 0
        })),
      truth: row.truth.pairs
        .filter(([, , x, y]) => x !== y)
        .map(([a, b, x, y]) => ({ judge: "truth", pair: [id(a), id(b)] as const, preference: x > y ? 1 : 0 }))
    }
  }),
  worth: rows.map(worthOf),
  // Code points, as the reference counts them.
  lengths: rows.map((row) => row.candidates.map((candidate) => [...String(candidate.text)].length))
})

export const votesOf = (data: Dataset, judges?: ReadonlyArray<string>): Votes.Votes =>
  Result.getOrThrow(
    Votes.make(
      data.sheets.map((sheet) => ({
        ...sheet,
        votes: sheet.votes.filter((vote) => judges === undefined || judges.includes(vote.judge))
      }))
    )
  )

/** One number for each prompt; NaN where a prompt has none. */
export interface Metrics {
  readonly accuracy: Float64Array
  readonly regret: Float64Array
  readonly tau: Float64Array
  /** Certainties of pairs: half plus half the difference of scores. */
  readonly outcomes: ReadonlyArray<ReadonlyArray<Calibration.Outcome>>
}

const sign = (difference: number): number => Math.sign(Math.round(difference * 1e9))

const oneOf = (score: ArrayLike<number>, worth: ReadonlyArray<number>, truth: (a: number, b: number) => number) => {
  const n = worth.length
  const outcomes: Array<Calibration.Outcome> = []
  let right = 0
  let [both, mine, theirs] = [0, 0, 0]
  for (let a = 0; a < n; a++) {
    for (let b = a + 1; b < n; b++) {
      const lead = sign((score[a] ?? 0) - (score[b] ?? 0))
      const value = sign((worth[a] ?? 0) - (worth[b] ?? 0))
      both += lead * value
      mine += lead * lead
      theirs += value * value
      const is = truth(a, b)
      if (is === 0.5) continue
      const agrees = (1 + lead * (2 * is - 1)) / 2
      right += agrees
      outcomes.push({ certainty: 0.5 + Math.abs((score[a] ?? 0) - (score[b] ?? 0)) / 2, right: agrees })
    }
  }
  const scores = Array.from(worth, (_, a) => score[a] ?? 0)
  const high = Math.max(...scores)
  const top = worth.filter((_, a) => (scores[a] ?? 0) >= high - 1e-9)
  return {
    accuracy: outcomes.length === 0 ? Number.NaN : right / outcomes.length,
    regret: Math.max(...worth) - top.reduce((sum, value) => sum + value, 0) / top.length,
    tau: theirs === 0 ? Number.NaN : mine === 0 ? 0 : both / Math.sqrt(mine * theirs),
    outcomes
  }
}

/** @param scores laid out as `votes.candidates` */
export const measure = (votes: Votes.Votes, data: Dataset, scores: ArrayLike<number>): Metrics => {
  const each = data.worth.map((worth, g) => {
    const start = votes.starts[g] ?? 0
    const score = worth.map((_, a) => scores[start + a] ?? 0)
    return oneOf(score, worth, (a, b) => votes.truth[(votes.blocks[g] ?? 0) + a * worth.length + b] ?? 0.5)
  })
  return {
    accuracy: Float64Array.from(each, (one) => one.accuracy),
    regret: Float64Array.from(each, (one) => one.regret),
    tau: Float64Array.from(each, (one) => one.tau),
    outcomes: each.map((one) => one.outcomes)
  }
}

/** The mean over several measurements, prompt by prompt; certainties of all of them. */
export const meanOf = (all: ReadonlyArray<Metrics>): Metrics => {
  const mean = (key: "accuracy" | "regret" | "tau") =>
    Float64Array.from(all[0]?.[key] ?? [], (_, g) => all.reduce((sum, one) => sum + (one[key][g] ?? 0), 0) / all.length)
  return {
    accuracy: mean("accuracy"),
    regret: mean("regret"),
    tau: mean("tau"),
    outcomes: (all[0]?.outcomes ?? []).map((_, g) => all.flatMap((one) => one.outcomes[g] ?? []))
  }
}
