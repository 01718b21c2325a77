/**
 * A judge that sees each candidate alone and rates it by a rubric, 1 to 10: one call a candidate. It can't be swayed by
 * the order, and tells close candidates apart worse than a comparison does.
 */
import { Ballot, InvalidBallot } from "@consortium/core/Ballot"
import type { Option, Sheet } from "@consortium/core/Blind"
import type { CallFailure } from "@consortium/core/Call"
import type { ChatModel } from "@consortium/core/ChatModel"
import { JudgeId, type Label } from "@consortium/core/Ids"
import type { Judge } from "@consortium/core/Judge"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { ask } from "./internal/asking.js"
import { type Rating, rating } from "./internal/rating.js"
import { tiersOf } from "./internal/tiers.js"
import { messages, plea, type Question, render } from "./JudgePrompt.js"
import { defaults, type Options } from "./Listwise.js"

export type { Options } from "./Listwise.js"

/** What a judge of one candidate looks for, unless it is told otherwise. */
export const instructions = `You rate one candidate answer to one task.

1. First write the criteria that matter for this very task: 3 to 5 short ones, correctness and following the instructions before style.
2. If the task has an answer that can be checked, work it out yourself and write it, in short, as "reference"; else leave "reference" empty.
3. Then write one sentence of critique against the criteria and the reference. Say what is wrong before what is good.
4. Then give a whole number from 1 to 10: 1 to 2 wrong or harmful, 3 to 4 mostly wrong or beside the point, 5 to 6 usable with flaws, 7 to 8 good, 9 to 10 nothing to mend.
5. Say whether it can be used at all.

${plea}`

/** The shape that is read; the verdict stands last, so that it follows from the critique. */
export const answerFormat = `Answer with one JSON object and nothing else, its fields in this order:
{"criteria":["..."],"reference":"","critique":"...","score":7,"acceptable":true}`

const text = { type: "string" } as const

/** The answer's JSON Schema, closed and with every field required, as strict modes want it. */
export const answerSchema = {
  type: "object",
  properties: {
    criteria: { type: "array", items: text },
    reference: text,
    critique: text,
    score: { type: "integer" },
    acceptable: { type: "boolean" }
  },
  required: ["criteria", "reference", "critique", "score", "acceptable"],
  additionalProperties: false
} as const

const question: Question = { instructions, format: answerFormat, ask: (ids) => `Rate ${ids.join(", ")}.` }

const responseSchema = { name: "rating", schema: answerSchema } as const

type Rated = readonly [Label, Result.Result<Rating, InvalidBallot>]

const ballotOf = (sheet: Sheet, rated: ReadonlyArray<Rated>): Result.Result<Ballot, InvalidBallot> => {
  const heard = new Map(rated.flatMap(([label, one]) => (Result.isSuccess(one) ? [[label, one.success] as const] : [])))
  const silent = rated.flatMap(([label, one]) => (Result.isFailure(one) ? [label] : []))
  if (silent.length * 2 > rated.length) {
    return Result.fail(
      new InvalidBallot({ missing: silent, unknown: [], repeated: [], detail: "more than half have no rating" })
    )
  }
  const good = [...heard].flatMap(([label, one]) => (one.acceptable ? [label] : []))
  return Ballot.make(sheet, {
    tiers: tiersOf(good, (label) => heard.get(label)?.score ?? 0),
    unranked: silent,
    unacceptable: [...heard].flatMap(([label, one]) => (one.acceptable ? [] : [label])),
    reasons: new Map(
      [...heard].flatMap(([label, one]) => (one.critique === "" ? [] : [[label, one.critique] as const]))
    ),
    mended: [...new Set([...heard.values()].flatMap((one) => one.mended))]
  })
}

/** A chat model as a judge of single answers. A rating that can't be read is asked for once more, then has no verdict. */
export const pointwise = <E extends CallFailure>(model: ChatModel<E>, options: Options = {}): Judge<E> => {
  const rate = (sheet: Sheet, option: Option) =>
    ask(
      model,
      {
        messages: messages(render({ ...sheet, options: [option] }), options.prompt, question),
        ...(options.sampling ?? defaults.sampling),
        ...((options.schema ?? defaults.schema) && { responseSchema })
      },
      rating
    ).pipe(
      Effect.map((found): Rated => [option.label, Result.succeed(found)]),
      Effect.catchIf(
        (error): error is InvalidBallot => error instanceof InvalidBallot,
        (error) => Effect.succeed<Rated>([option.label, Result.fail(error)])
      )
    )
  return {
    id: JudgeId.make(options.id ?? `pointwise:${model.ref}`),
    ...(options.family !== undefined && { family: options.family }),
    judge: (sheet) =>
      Effect.forEach(sheet.options, (option) => rate(sheet, option), { concurrency: "unbounded" }).pipe(
        Effect.flatMap((rated) => Effect.fromResult(ballotOf(sheet, rated)))
      )
  }
}
