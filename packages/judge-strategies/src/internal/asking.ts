/** One question to a judge's model, asked once more where the answer can't be read. */
import { InvalidBallot } from "@consortium/core/Ballot"
import type { CallFailure } from "@consortium/core/Call"
import type { ChatModel, ChatRequest } from "@consortium/core/ChatModel"
import * as Completion from "@consortium/core/Completion"
import { message } from "@consortium/core/Prompt"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

/** Reads an answer without its reasoning; `notes` say what happened before. */
export type Read<A> = (said: string, notes: ReadonlyArray<string>) => Result.Result<A, InvalidBallot>

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

/** What the model says, read; after a second answer that can't be read it fails with `InvalidBallot`. */
export const ask = Effect.fnUntraced(function* <A, E extends CallFailure>(
  model: ChatModel<E>,
  request: ChatRequest,
  read: Read<A>
): Effect.fn.Return<A, E | InvalidBallot> {
  const said = Completion.text(yield* model.complete(request))
  const first = read(said, [])
  if (Result.isSuccess(first)) return first.success
  const again = Completion.text(yield* model.complete(complaint(request, said, first.failure)))
  return yield* Effect.fromResult(read(again, [`asked twice: ${first.failure.message}`]))
})
