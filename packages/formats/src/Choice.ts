/** Which rows of a ranking are good enough to be learnt from, and what was left out for which reason. */
import {
  beyondText,
  type Columns,
  type Format,
  type Labelled,
  messages,
  type Row,
  type Source,
  type Unsayable
} from "./Format.js"
import type { PairName } from "./Names.js"
import { type Pair, pairsOf } from "./Pairs.js"
import { type Answer, answersOf, marginOf, messagesOf, type Ranked } from "./Ranked.js"

export interface Choice {
  /** @default "best-worst" */
  readonly pairs?: PairName
  /** The least difference of scores, 0 to 1: between the best two, or between the two of a pair. @default none */
  readonly minMargin?: number
  /** The least chance of the best to be the best, 0 to 1. @default none */
  readonly minPBest?: number
  /** The least share of judges' orders that agree: on the best, or on the pair. @default none */
  readonly minAgreement?: number
  /** Whether two texts say nearly the same; of such answers only the best ranked stays. @default none do */
  readonly near?: (a: string, b: string) => boolean
  /** Leaves out conversations that columns of texts can't hold: pictures, calls of tools. @default false */
  readonly textsOnly?: boolean
  /** Adds a column that says where each row comes from. @default false */
  readonly provenance?: boolean
}

/** Why a prompt, or a pair of its answers, gave no row. */
export type Left = Unsayable | "low-p-best" | "low-margin" | "low-agreement" | "no-pair"

/** What became of one ranked prompt. */
export interface Chosen {
  readonly rows: ReadonlyArray<Row>
  /** A reason for each row that was not made. */
  readonly left: ReadonlyArray<Left>
  /** Answers that say nearly what a better ranked one says. */
  readonly near: number
}

const defaults = { pairs: "best-worst" } as const

/** Keeps an answer where no better one that is kept says nearly the same. */
const distinct = (answers: ReadonlyArray<Answer>, near: Choice["near"]): ReadonlyArray<Answer> => {
  if (near === undefined) return answers
  const kept: Array<Answer> = []
  for (const answer of answers) if (!kept.some(({ text }) => near(text, answer.text))) kept.push(answer)
  return kept
}

/** Where nobody compared, nothing is known, and a bound is not met. */
const below = (value: number | null, least: number | undefined): boolean =>
  least !== undefined && (value === null || value < least)

const share = ({ first, of }: Ranked["agreement"]): number | null => (of === 0 ? null : first / of)

/** Wanted: what wins a pair and loses none. Unwanted: what loses one and wins none, or is unacceptable. */
const labelled = (answers: ReadonlyArray<Answer>, pairs: ReadonlyArray<Pair>): ReadonlyArray<Labelled> => {
  const won = new Set(pairs.map(({ chosen }) => chosen.id))
  const lost = new Set(pairs.map(({ rejected }) => rejected.id))
  return answers.flatMap((answer) => {
    const [wins, loses] = [won.has(answer.id), lost.has(answer.id) || !answer.acceptable]
    return wins === loses ? [] : [{ answer, label: wins }]
  })
}

/** Pairs that are sure enough, and why the others are not. */
const surePairs = (source: Source, choice: Choice) => {
  const left: Array<Left> = []
  const all = pairsOf(source.ranked, choice.pairs ?? defaults.pairs, source.answers)
  const pairs = all.filter(({ agreement, margin }) => {
    const why = below(margin, choice.minMargin)
      ? "low-margin"
      : below(agreement, choice.minAgreement)
        ? "low-agreement"
        : undefined
    if (why !== undefined) left.push(why)
    return why === undefined
  })
  if (all.length === 0) left.push("no-pair")
  return { pairs, left }
}

const origin = ({ answers, ranked }: Source) => ({
  id: ranked.id,
  seed: ranked.seed,
  version: ranked.version,
  simulated: ranked.simulated,
  p_best: ranked.pBest.value,
  margin: marginOf(answers),
  judges: ranked.agreement.of,
  judges_agree: ranked.agreement.first
})

const author = ({ id, member, model, score }: Answer) => ({ candidate: id, member, model, score })

type Draft = readonly [row: Row | Unsayable, about: Row]

/** One draft for each unit of the format, with what its provenance would say. */
const drafts = (format: Format, source: Source, choice: Choice, left: Array<Left>): ReadonlyArray<Draft> => {
  if (format.unit === "list") return [[format.row(source), { answers: source.answers.map(author) }]]
  if (format.unit === "best") {
    const [best] = source.answers
    return best === undefined ? [] : [[format.row(source, best), { chosen: author(best) }]]
  }
  const sure = surePairs(source, choice)
  left.push(...sure.left)
  return format.unit === "pair"
    ? sure.pairs.map((pair) => {
        const { agreement, chosen, margin, rejected, votes } = pair
        return [
          format.row(source, pair),
          { chosen: author(chosen), rejected: author(rejected), margin, agreement, votes }
        ]
      })
    : labelled(source.answers, sure.pairs).map((one) => [format.row(source, one), { answer: author(one.answer) }])
}

const holdsMessages = ({ columns }: Format): boolean => Object.values(columns).includes(messages)

/** The rows that a ranked prompt gives in a format. */
export const rowsOf = (format: Format, ranked: Ranked, choice: Choice = {}): Chosen => {
  const all = answersOf(ranked)
  const answers = distinct(all, choice.near)
  const near = all.length - answers.length
  const pBest = ranked.judged ? ranked.pBest.value : null
  const none = (why: Left): Chosen => ({ rows: [], left: [why], near })
  if (below(pBest, choice.minPBest)) return none("low-p-best")
  if (format.unit === "best" || format.unit === "list") {
    // The margin over an answer that says the same would be no margin over another answer.
    if (below(marginOf(answers), choice.minMargin)) return none("low-margin")
    if (below(share(ranked.agreement), choice.minAgreement)) return none("low-agreement")
  }
  const source: Source = { ranked, answers, prompt: messagesOf(ranked) }
  const unsayable = choice.textsOnly === true && holdsMessages(format) ? beyondText(source.prompt) : undefined
  if (unsayable !== undefined) return none(unsayable)
  const left: Array<Left> = []
  const rows: Array<Row> = []
  for (const [row, about] of drafts(format, source, choice, left)) {
    if (typeof row === "string") left.push(row)
    else rows.push(choice.provenance === true ? { ...row, provenance: { ...origin(source), ...about } } : row)
  }
  return { rows, left, near }
}

/** The columns of a format's rows, with that of their provenance where it is asked for. */
export const columnsOf = (format: Format, choice: Choice = {}): Columns =>
  choice.provenance === true ? { ...format.columns, provenance: "json" } : format.columns
