/** A judge that reads all candidates in one call and answers with their order. */
import type { Ballot, InvalidBallot } from "@consortium/core/Ballot"
import type { Sheet } from "@consortium/core/Blind"
import type { CallFailure } from "@consortium/core/Call"
import type { ChatModel, ChatRequest, Sampling } from "@consortium/core/ChatModel"
import * as Completion from "@consortium/core/Completion"
import { JudgeId } from "@consortium/core/Ids"
import type { Judge } from "@consortium/core/Judge"
import { message } from "@consortium/core/Prompt"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { parse } from "./BallotParser.js"
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

const defaults = { sampling: { temperature: 0 }, schema: true } satisfies Options

const responseSchema = { name: "ballot", schema: answerSchema } as const

const retryWords = (error: InvalidBallot): string =>
  `That was ${error.message}. Judge the same sheet again and answer with the JSON object only.`

/** The conversation with what was wrong in the answer. */
const complaint = (request: ChatRequest, said: string, error: InvalidBallot): ChatRequest => ({
  ...request,
  // Vendors refuse an empty assistant message.
  messages: [
    ...request.messages,
    message("assistant", said.trim() === "" ? "(no text)" : said),
    message("user", retryWords(error))
  ]
})

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
  const judge = Effect.fnUntraced(function* (sheet: Sheet): Effect.fn.Return<Ballot, E | InvalidBallot> {
    const first = request(sheet)
    const said = Completion.text(yield* model.complete(first))
    const ballot = parse(sheet, said)
    if (Result.isSuccess(ballot)) return ballot.success
    const again = Completion.text(yield* model.complete(complaint(first, said, ballot.failure)))
    return yield* Effect.fromResult(parse(sheet, again, [`asked twice: ${ballot.failure.message}`]))
  })
  return {
    id: JudgeId.make(options.id ?? `listwise:${model.ref}`),
    ...(options.family !== undefined && { family: options.family }),
    judge
  }
}
