/** Models, judges and embedders that answer from memory, for tests of everything that uses one. */
import { Ballot } from "@consortium/core/Ballot"
import type { Option, Sheet } from "@consortium/core/Blind"
import * as ChatModel from "@consortium/core/ChatModel"
import type { Completion } from "@consortium/core/Completion"
import type { Batch, Embedder } from "@consortium/core/Embedder"
import { JudgeId, type Label } from "@consortium/core/Ids"
import type { Judge } from "@consortium/core/Judge"
import { ModelError, ServerError, type Reason } from "@consortium/core/ModelError"
import { textOf } from "@consortium/core/Prompt"
import * as Effect from "effect/Effect"

/** A whole answer of one text. */
export const completion = (text: string, more: Partial<Completion> = {}): Completion => ({
  parts: [{ _tag: "Text", text }],
  finish: { kind: "stop", raw: "stop" },
  usage: { inputTokens: 10, outputTokens: 5 },
  model: "fake",
  ...more
})

/** An error as a provider would raise it. */
export const modelError = (reason: Reason = new ServerError({}), detail = "as the test wants it"): ModelError =>
  new ModelError({ vendor: "fake", model: "fake", reason, detail })

/** What a fake may answer with: a text, a completion, an error, or an Effect of its own. */
export type Reply = string | Completion | ModelError | Effect.Effect<Completion, ModelError>

const replied = (reply: Reply): Effect.Effect<Completion, ModelError> => {
  if (typeof reply === "string") return Effect.succeed(completion(reply))
  if (Effect.isEffect(reply)) return reply
  return "parts" in reply ? Effect.succeed(reply) : Effect.fail(reply)
}

/** A fake model, with the requests that it was asked. */
export interface FakeChatModel extends ChatModel.ChatModel<ModelError> {
  readonly asked: ReadonlyArray<ChatModel.ChatRequest>
}

/** Answers by a function of the request and of how often it was asked before; without one it echoes the last message. */
export const chatModel = (
  ref = "fake/echo",
  reply: (request: ChatModel.ChatRequest, index: number) => Reply = (request) =>
    textOf(request.messages.at(-1) ?? request.messages[0])
): FakeChatModel => {
  const asked: Array<ChatModel.ChatRequest> = []
  const complete = (request: ChatModel.ChatRequest) =>
    Effect.suspend(() => replied(reply(request, asked.push(request) - 1)))
  return { ...ChatModel.make({ ref, wire: "fake", complete }), asked }
}

/** Ranks a sheet by a score of each option, the highest first; equal scores are tied. Without one, longer is better. */
export const judge = (
  id = "fake-judge",
  score: (option: Option, sheet: Sheet) => number = (option) => option.text.length
): Judge<never> => ({
  id: JudgeId.make(id),
  judge: (sheet) => {
    const tiers = new Map<number, Array<Label>>()
    for (const option of sheet.options) {
      const value = score(option, sheet)
      tiers.set(value, [...(tiers.get(value) ?? []), option.label])
    }
    const said = [...tiers].sort(([a], [b]) => b - a).map(([, labels]) => labels)
    return Effect.fromResult(Ballot.make(sheet, { tiers: said }))
  }
})

/** A vector by the counts of a text's letters, so that like texts are near. */
const letters = (text: string, dimension: number): ReadonlyArray<number> => {
  const counts = new Array<number>(dimension).fill(0)
  for (const letter of text.toLowerCase()) {
    const slot = (letter.codePointAt(0) ?? 0) % dimension
    counts[slot] = (counts[slot] ?? 0) + 1
  }
  return counts
}

export interface FakeEmbedderOptions {
  /** @default "fake/letters" */
  readonly ref?: string
  /** @default 16 */
  readonly dimension?: number
  /** @default 8 */
  readonly maxBatch?: number
  /** A text's vector, or the error of the batch that holds it. @default counts of letters */
  readonly vector?: (text: string) => ReadonlyArray<number> | ModelError
}

const defaults = { ref: "fake/letters", dimension: 16, maxBatch: 8 } satisfies FakeEmbedderOptions

/** Embeds by a function of each text. */
export const embedder = (options: FakeEmbedderOptions = {}): Embedder<ModelError> => {
  const { dimension, maxBatch, ref } = { ...defaults, ...options }
  const vector = options.vector ?? ((text: string) => letters(text, dimension))
  return {
    ref,
    maxBatch,
    embed: (texts) =>
      Effect.suspend((): Effect.Effect<Batch, ModelError> => {
        const data = new Float32Array(texts.length * dimension)
        for (const [row, text] of texts.entries()) {
          const numbers = vector(text)
          if ("reason" in numbers) return Effect.fail(numbers)
          data.set(numbers, row * dimension)
        }
        return Effect.succeed({ space: { model: ref, dimension }, data })
      })
  }
}
