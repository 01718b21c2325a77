/** A judge that reads all candidates in one call and answers with their order. */
import type { Sheet } from "@consortium/core/Blind"
import type { CallFailure } from "@consortium/core/Call"
import type { ChatModel, ChatRequest, Sampling } from "@consortium/core/ChatModel"
import { JudgeId } from "@consortium/core/Ids"
import type { Judge } from "@consortium/core/Judge"
import { parse } from "./BallotParser.js"
import { ask } from "./internal/asking.js"
import { answerSchema, type JudgePrompt, messages, render } from "./JudgePrompt.js"

export interface Options {
  /** @default `listwise:` and the model's ref */
  readonly id?: string
  /** The vendor or model family, for own-answer rules. */
  readonly family?: string
  /** What the judge is told. @default `JudgePrompt.instructions` */
  readonly prompt?: JudgePrompt
  /** Takes the place of the default; `{}` leaves all to the vendor. @default temperature 0 */
  readonly sampling?: Sampling
  /** Sends the answer's JSON Schema, for wires that have a place for one. @default true */
  readonly schema?: boolean
}

/** What is asked unless an option says otherwise. */
export const defaults = { sampling: { temperature: 0 }, schema: true } satisfies Options

const responseSchema = { name: "ballot", schema: answerSchema } as const

/**
 * A chat model as a judge. An answer that can't be read is asked for once more, with what was wrong in it; after that
 * the judge fails with `InvalidBallot`.
 */
export const listwise = <E extends CallFailure>(model: ChatModel<E>, options: Options = {}): Judge<E> => {
  const request = (sheet: Sheet): ChatRequest => ({
    messages: messages(render(sheet), options.prompt),
    ...(options.sampling ?? defaults.sampling),
    ...((options.schema ?? defaults.schema) && { responseSchema })
  })
  return {
    id: JudgeId.make(options.id ?? `listwise:${model.ref}`),
    ...(options.family !== undefined && { family: options.family }),
    judge: (sheet) => ask(model, request(sheet), (said, notes) => parse(sheet, said, notes))
  }
}
