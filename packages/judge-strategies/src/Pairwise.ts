/**
 * A judge that compares two candidates in one call. Of more than two it compares every pair, each once, and ranks by the
 * points that they win: n·(n − 1)/2 calls.
 */
import { Ballot, InvalidBallot } from "@consortium/core/Ballot"
import type { Option, Sheet } from "@consortium/core/Blind"
import type { CallFailure } from "@consortium/core/Call"
import type { ChatModel } from "@consortium/core/ChatModel"
import { JudgeId, type Label } from "@consortium/core/Ids"
import type { Judge } from "@consortium/core/Judge"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { parse } from "./BallotParser.js"
import { ask } from "./internal/asking.js"
import { tiersOf } from "./internal/tiers.js"
import { answerFormat, answerSchema, type JudgePrompt, messages, plea, type Question, render } from "./JudgePrompt.js"
import { defaults, type Options } from "./Listwise.js"

export type { Options } from "./Listwise.js"

/** What a judge of two looks for, unless it is told otherwise. */
export const instructions = `You compare two candidate answers to one task and say which one is better.

1. First write the criteria that matter for this very task: 3 to 5 short ones, correctness and following the instructions before style.
2. If the task has an answer that can be checked, work it out yourself and write it, in short, as "reference"; else leave "reference" empty.
3. Then write one sentence of critique for each candidate against the criteria and the reference. Say what is wrong before what is good.
4. Then put the better one first in "ranking", or both into one group where neither is better. A candidate that is too bad to be used at all (wrong, harmful, or no answer) stands in "unacceptable" and not in "ranking".
5. Then state how sure you are, from 0 to 1.

The order in which the two stand means nothing. ${plea}`

const question: Question = { instructions, format: answerFormat, ask: (ids) => `Compare ${ids.join(" and ")}.` }

const responseSchema = { name: "ballot", schema: answerSchema } as const

/** Every pair once; which of the two comes first takes turns. */
const pairsOf = (options: ReadonlyArray<Option>): ReadonlyArray<readonly [Option, Option]> =>
  options.flatMap((one, at) =>
    options.slice(at + 1).map((other, next) => (next % 2 === 0 ? ([one, other] as const) : ([other, one] as const)))
  )

/** Orders the labels by what they won: 1 for a pair, ½ for a tie. Labels without a verdict are unranked. */
const ballotOf = (sheet: Sheet, pairs: ReadonlyArray<Result.Result<Ballot, InvalidBallot>>) => {
  const heard = pairs.flatMap((one) => (Result.isSuccess(one) ? [one.success] : []))
  const points = new Map<Label, { won: number; of: number; bad: number }>()
  const add = (label: Label, won: number, bad: number) => {
    const so = points.get(label) ?? { won: 0, of: 0, bad: 0 }
    points.set(label, { won: so.won + won, of: so.of + 1, bad: so.bad + bad })
  }
  for (const { tiers, unacceptable } of heard) {
    const levels = [...tiers, ...(unacceptable.length > 0 ? [unacceptable] : [])]
    for (const [level, tier] of levels.entries()) {
      const won = levels.length === 1 ? 0.5 : level === 0 ? 1 : 0
      for (const label of tier) add(label, won, unacceptable.includes(label) ? 1 : 0)
    }
  }
  const labels = sheet.options.map((option) => option.label)
  const silent = labels.filter((label) => !points.has(label))
  const lost = pairs.length - heard.length
  if (heard.length === 0 || lost * 2 > pairs.length) {
    return Result.fail(
      new InvalidBallot({
        missing: silent,
        unknown: [],
        repeated: [],
        detail: `${lost} of ${pairs.length} pairs without a verdict`
      })
    )
  }
  const isBad = (label: Label) => {
    const so = points.get(label)
    return so !== undefined && so.bad * 2 > so.of
  }
  const good = labels.filter((label) => points.has(label) && !isBad(label))
  return Ballot.make(sheet, {
    tiers: tiersOf(good, (label) => (points.get(label)?.won ?? 0) / (points.get(label)?.of ?? 1)),
    unranked: silent,
    unacceptable: labels.filter((label) => points.has(label) && isBad(label)),
    mended: lost > 0 ? [`${lost} of ${pairs.length} pairs without a verdict`] : []
  })
}

/** A chat model as a judge of pairs. Its errors are those of `listwise`. */
export const pairwise = <E extends CallFailure>(model: ChatModel<E>, options: Options = {}): Judge<E> => {
  const prompt: JudgePrompt | undefined = options.prompt
  const compare = (sheet: Sheet): Effect.Effect<Ballot, E | InvalidBallot> =>
    ask(
      model,
      {
        messages: messages(render(sheet), prompt, question),
        ...(options.sampling ?? defaults.sampling),
        ...((options.schema ?? defaults.schema) && { responseSchema })
      },
      (said, notes) => parse(sheet, said, notes)
    )
  /** A pair that can't be read has no verdict; a call that failed fails the judge. */
  const duel = (sheet: Sheet, pair: readonly [Option, Option]) =>
    compare({ ...sheet, options: pair }).pipe(
      Effect.map((ballot): Result.Result<Ballot, InvalidBallot> => Result.succeed(ballot)),
      Effect.catchIf(
        (error): error is InvalidBallot => error instanceof InvalidBallot,
        (error) => Effect.succeed(Result.fail(error))
      )
    )
  const round = (sheet: Sheet): Effect.Effect<Ballot, E | InvalidBallot> =>
    Effect.forEach(pairsOf(sheet.options), (pair) => duel(sheet, pair), { concurrency: "unbounded" }).pipe(
      Effect.flatMap((heard) => Effect.fromResult(ballotOf(sheet, heard)))
    )
  return {
    id: JudgeId.make(options.id ?? `pairwise:${model.ref}`),
    ...(options.family !== undefined && { family: options.family }),
    judge: (sheet) => (sheet.options.length <= 2 ? compare(sheet) : round(sheet))
  }
}
