/** The strategy that fits the number of candidates: a comparison of two, one list of more. */
import type { CallFailure } from "@consortium/core/Call"
import type { ChatModel } from "@consortium/core/ChatModel"
import { JudgeId } from "@consortium/core/Ids"
import type { Judge } from "@consortium/core/Judge"
import { listwise, type Options } from "./Listwise.js"
import { pairwise } from "./Pairwise.js"

export type { Options } from "./Listwise.js"

/** `pairwise` for two candidates, `listwise` for more. A `prompt` of one's own is used for both. */
export const bySize = <E extends CallFailure>(model: ChatModel<E>, options: Options = {}): Judge<E> => {
  const two = pairwise(model, options)
  const more = listwise(model, options)
  return {
    ...more,
    id: JudgeId.make(options.id ?? model.ref),
    judge: (sheet) => (sheet.options.length === 2 ? two : more).judge(sheet)
  }
}
