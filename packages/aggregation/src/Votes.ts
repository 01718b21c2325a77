/**
 * What judges said of candidates, by plain ids and for many groups at once: orders, pairs or scores, in typed arrays.
 * A group is one prompt with its candidates; the same judges may vote in many.
 */
import { isNonEmpty } from "@consortium/core/NonEmpty"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { addOrder, average, type Group } from "./internal/group.js"
import * as Levels from "./internal/levels.js"
import { columns, type Weights } from "./Weights.js"

/** Best first; candidates in an inner array are tied; for the ones left out there is no verdict. */
export interface Order {
  readonly judge: string
  readonly order: ReadonlyArray<string | ReadonlyArray<string>>
  /** In which order the judge saw them, for audits of position. */
  readonly shown?: ReadonlyArray<string>
}

/** One pair, the first shown first; `preference` is for the first: 1, 0.5 for a tie, 0, or null for no verdict. */
export interface Pair {
  readonly judge: string
  readonly pair: readonly [string, string]
  readonly preference: 0 | 0.5 | 1 | null
}

/** Higher is better; equal ones are tied; null, or no entry, is no verdict. Only their order counts. */
export interface Scores {
  readonly judge: string
  readonly scores: Readonly<Record<string, number | null>>
  readonly shown?: ReadonlyArray<string>
}

/** One thing that a judge said. Several of one judge on one pair are averaged, so that a reversal is a tie. */
export type Said = Order | Pair | Scores

/** A group as it is written down. */
export interface Sheet {
  readonly candidates: ReadonlyArray<string>
  readonly votes: ReadonlyArray<Said>
  /** What is right, in the same forms (whose `judge` may be anything): a pair counts as decided by its majority. */
  readonly truth?: ReadonlyArray<Said>
}

/** Groups in columns. `n` is a group's number of candidates, and offsets have one entry more than there are groups. */
export interface Votes {
  /** By id, over all groups. */
  readonly judges: ReadonlyArray<string>
  /** Candidates of all groups, one group after the other. */
  readonly candidates: ReadonlyArray<string>
  /** Where each group begins in `candidates`. */
  readonly starts: Uint32Array
  /** Where each group's `n × n` block begins in `truth`; times the number of judges, in `preference` and `heard`. */
  readonly blocks: Uint32Array
  /** `judges × n × n` for each group: mean preference for the row's candidate; means nothing where `heard` is 0. */
  readonly preference: Float64Array
  /** How many verdicts there were on the pair. */
  readonly heard: Uint16Array
  /** `n × n` for each group: 1 where the row's candidate is right, 0 where the column's is, 0.5 where undecided. */
  readonly truth: Float64Array
  /** Where each group's orders begin in `judgeOf`, and where their levels begin in `levels` and `shown`. */
  readonly orders: Uint32Array
  readonly levelStarts: Float64Array
  readonly judgeOf: Uint16Array
  /** A tier of each candidate for each order, 0 for the best, -1 for no verdict. */
  readonly levels: Int16Array
  /** The place at which each candidate was shown, from 0; -1 where that isn't known. */
  readonly shown: Int16Array
}

/** Something was said that can't be counted. */
export class InvalidVotes extends Schema.TaggedError<InvalidVotes>()("InvalidVotes", {
  /** From 0. */
  group: Schema.Int,
  judge: Schema.optionalKey(Schema.String),
  detail: Schema.String
}) {
  readonly isRetryable = false
  override get message(): string {
    const who = this.judge === undefined ? "" : `, judge ${this.judge}`
    return `group ${this.group}${who}: ${this.detail}; correct it or leave it out`
  }
}

interface Sizes {
  readonly starts: Uint32Array
  readonly blocks: Uint32Array
  readonly orders: Uint32Array
  readonly levelStarts: Float64Array
}

const sizesOf = (groups: number, n: (group: number) => number, votes: (group: number) => number): Sizes => {
  const starts = new Uint32Array(groups + 1)
  const blocks = new Uint32Array(groups + 1)
  const orders = new Uint32Array(groups + 1)
  const levelStarts = new Float64Array(groups + 1)
  for (let g = 0; g < groups; g++) {
    starts[g + 1] = (starts[g] as number) + n(g)
    blocks[g + 1] = (blocks[g] as number) + n(g) * n(g)
    orders[g + 1] = (orders[g] as number) + votes(g)
    levelStarts[g + 1] = (levelStarts[g] as number) + n(g) * votes(g)
  }
  return { starts, blocks, orders, levelStarts }
}

const empty = (judges: ReadonlyArray<string>, candidates: ReadonlyArray<string>, sizes: Sizes): Votes => {
  const groups = sizes.starts.length - 1
  const cells = sizes.blocks[groups] as number
  const levels = sizes.levelStarts[groups] as number
  return {
    judges,
    candidates,
    ...sizes,
    preference: new Float64Array(judges.length * cells),
    heard: new Uint16Array(judges.length * cells),
    truth: new Float64Array(cells).fill(0.5),
    judgeOf: new Uint16Array(sizes.orders[groups] as number),
    levels: new Int16Array(levels).fill(-1),
    shown: new Int16Array(levels).fill(-1)
  }
}

const countOrders = (votes: Votes): Votes => {
  const { judges, starts, blocks, orders, levelStarts, judgeOf, levels, preference, heard } = votes
  for (let g = 0; g + 1 < starts.length; g++) {
    const n = (starts[g + 1] as number) - (starts[g] as number)
    const first = orders[g] as number
    for (let order = first; order < (orders[g + 1] as number); order++) {
      const at = judges.length * (blocks[g] as number) + (judgeOf[order] as number) * n * n
      addOrder(preference, heard, at, n, levels, (levelStarts[g] as number) + (order - first) * n)
    }
  }
  average(preference, heard)
  return votes
}

/** Pairs that the truth's votes decide, into the group's block. */
const decide = (truth: Float64Array, at: number, n: number, said: ReadonlyArray<Int16Array>): void => {
  const sum = new Float64Array(n * n)
  const heard = new Uint16Array(n * n)
  for (const levels of said) addOrder(sum, heard, 0, n, levels, 0)
  for (let cell = 0; cell < n * n; cell++) {
    const lead = (sum[cell] as number) - (heard[cell] as number) / 2
    truth[at + cell] = lead > 0 ? 1 : lead < 0 ? 0 : 0.5
  }
}

const byCode = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Writes groups in columns; refuses unknown and repeated candidates and numbers that aren't finite. */
export const make = (sheets: ReadonlyArray<Sheet>): Result.Result<Votes, InvalidVotes> => {
  const judges = [...new Set(sheets.flatMap((sheet) => sheet.votes.map((vote) => vote.judge)))].sort(byCode)
  const place = new Map(judges.map((judge, j) => [judge, j]))
  const candidates = sheets.flatMap((sheet) => sheet.candidates)
  const votes = empty(
    judges,
    candidates,
    sizesOf(
      sheets.length,
      (g) => sheets[g]?.candidates.length ?? 0,
      (g) => sheets[g]?.votes.length ?? 0
    )
  )
  for (const [group, sheet] of sheets.entries()) {
    const wrong = (detail: string, judge?: string) =>
      Result.fail(new InvalidVotes({ group, detail, ...(judge !== undefined && { judge }) }))
    const index = new Map(sheet.candidates.map((id, at) => [id, at]))
    if (!isNonEmpty(sheet.candidates)) return wrong("there are no candidates")
    if (index.size < sheet.candidates.length) return wrong("a candidate stands there twice")
    const n = index.size
    let at = votes.levelStarts[group] as number
    // Judges by id, so that the order of votes changes nothing, not even in the last bit.
    const said = [...sheet.votes].sort((a, b) => byCode(a.judge, b.judge))
    for (const [order, vote] of said.entries()) {
      votes.judgeOf[(votes.orders[group] as number) + order] = place.get(vote.judge) ?? 0
      const problem = Levels.write(vote, index, votes.levels, votes.shown, at)
      if (problem !== undefined) return wrong(problem, vote.judge)
      at += n
    }
    const truths: Array<Int16Array> = []
    for (const vote of sheet.truth ?? []) {
      const levels = new Int16Array(n).fill(-1)
      const problem = Levels.write(vote, index, levels, new Int16Array(n), 0)
      if (problem !== undefined) return wrong(problem, vote.judge)
      truths.push(levels)
    }
    if (truths.length > 0) decide(votes.truth, votes.blocks[group] as number, n, truths)
  }
  return Result.succeed(countOrders(votes))
}

/**
 * Groups of one size that are columns already: `levels` is `groups × judges × n`, a tier for each candidate, 0 for the
 * best, equal for ties, -1 for no verdict. Candidates are called `"0"`, `"1"`, ….
 */
export const ofLevels = (judges: ReadonlyArray<string>, n: number, levels: Int16Array): Votes => {
  const groups = judges.length === 0 ? 0 : Math.floor(levels.length / (judges.length * n))
  const names = Array.from({ length: n }, (_, a) => String(a))
  const candidates = Array.from({ length: groups * n }, (_, at) => names[at % n] as string)
  const sizes = sizesOf(
    groups,
    () => n,
    () => judges.length
  )
  const votes = empty(judges, candidates, sizes)
  votes.levels.set(levels.subarray(0, votes.levels.length))
  for (let order = 0; order < votes.judgeOf.length; order++) votes.judgeOf[order] = order % judges.length
  return countOrders(votes)
}

/** How many groups there are. */
export const size = (votes: Votes): number => votes.starts.length - 1

/** The candidates of one group. */
export const candidatesOf = (votes: Votes, group: number): ReadonlyArray<string> =>
  votes.candidates.slice(votes.starts[group], votes.starts[group + 1])

/** Only some groups, in the order asked for, also more than once; for folds and resampling. */
export const pick = (votes: Votes, groups: ReadonlyArray<number>): Votes => {
  const { judges, starts, blocks, orders, levelStarts } = votes
  const span = (offsets: Uint32Array | Float64Array, g: number) => (offsets[g + 1] as number) - (offsets[g] as number)
  const at = (index: number) => groups[index] as number
  const sizes = sizesOf(
    groups.length,
    (index) => span(starts, at(index)),
    (index) => span(orders, at(index))
  )
  const out = empty(
    judges,
    groups.flatMap((g) => candidatesOf(votes, g)),
    sizes
  )
  const copy = <A extends Float64Array | Uint16Array | Int16Array>(
    to: A,
    from: A,
    target: number,
    g: number,
    offsets: Uint32Array | Float64Array,
    by = 1
  ) => to.set(from.subarray((offsets[g] as number) * by, (offsets[g + 1] as number) * by), target * by)
  for (const [index, g] of groups.entries()) {
    copy(out.preference, votes.preference, sizes.blocks[index] as number, g, blocks, judges.length)
    copy(out.heard, votes.heard, sizes.blocks[index] as number, g, blocks, judges.length)
    copy(out.truth, votes.truth, sizes.blocks[index] as number, g, blocks)
    copy(out.judgeOf, votes.judgeOf, sizes.orders[index] as number, g, orders)
    copy(out.levels, votes.levels, sizes.levelStarts[index] as number, g, levelStarts)
    copy(out.shown, votes.shown, sizes.levelStarts[index] as number, g, levelStarts)
  }
  return out
}

/** A view of one group at a time for rules: `seek` moves it, nothing is copied. */
export const cursor = (votes: Votes, weights?: Weights): Group => ({
  n: 0,
  judges: votes.judges.length,
  at: 0,
  preference: votes.preference,
  heard: votes.heard,
  weights: columns(votes.judges, weights),
  orders: 0,
  firstOrder: 0,
  levelsAt: 0,
  judgeOf: votes.judgeOf,
  levels: votes.levels
})

/** Moves a view to a group. */
export const seek = (votes: Votes, group: number, view: Group): Group => {
  view.n = (votes.starts[group + 1] as number) - (votes.starts[group] as number)
  view.at = votes.judges.length * (votes.blocks[group] as number)
  view.firstOrder = votes.orders[group] as number
  view.orders = (votes.orders[group + 1] as number) - view.firstOrder
  view.levelsAt = votes.levelStarts[group] as number
  return view
}
