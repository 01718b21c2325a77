/** A conversation with a consortium: every turn is asked with the turns before it, and the chosen answer becomes one. */
import type { Message } from "@consortium/core/Prompt"
import { message } from "@consortium/core/Prompt"
import { isNonEmpty } from "@consortium/core/NonEmpty"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import type { Answer } from "./Answer.js"
import type { Consortium, Settings } from "./Consortium.js"
import type { ConsortiumError } from "./ConsortiumError.js"

export interface Conversation {
  /** What was said so far: the user's turns and the chosen answers. */
  readonly messages: () => ReadonlyArray<Message>
  /** Says the next turn, a text or a message with pictures. A question that fails leaves the conversation as it was. */
  readonly ask: (said: string | Message, settings?: Settings) => Effect.Effect<Answer, ConsortiumError>
}

/** Begins a conversation. Turns are asked one after the other. @param before such as a system message @default nothing */
export const make = (consortium: Consortium, before: ReadonlyArray<Message> = []): Conversation => {
  const messages: Array<Message> = [...before]
  const turn = Semaphore.makeUnsafe(1)
  return {
    messages: () => [...messages],
    ask: (said, settings) =>
      turn.withPermits(1)(
        Effect.suspend(() => {
          const next = typeof said === "string" ? message("user", said) : said
          const all = [...messages, next]
          if (!isNonEmpty(all)) return Effect.die(new Error("a turn without a message"))
          return Effect.map(consortium.ask(all, settings), (answer) => {
            const { parts } = answer.completion
            messages.push(next, isNonEmpty(parts) ? { role: "assistant", parts } : message("assistant", answer.text))
            return answer
          })
        })
      )
  }
}
