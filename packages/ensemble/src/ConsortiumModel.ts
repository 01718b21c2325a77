/** A whole consortium as one chat model: for bridges, for servers, and as a member of another consortium. */
import * as ChatModel from "@consortium/core/ChatModel"
import type { Completion, Usage } from "@consortium/core/Completion"
import { CallLog, tell } from "@consortium/core/Receipt"
import { hash, Seed } from "@consortium/core/Seed"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import type { Answer } from "./Answer.js"
import type { Consortium, Settings } from "./Consortium.js"
import type { ConsortiumError } from "./ConsortiumError.js"

export interface Options {
  /** Its name in answers, prices and stores. @default "consortium/best" */
  readonly ref?: string
  /** How its questions differ from the consortium's own. @default not at all */
  readonly settings?: Settings
}

/** The source of the note that carries the proof. */
export const source = "consortium"

const tokens = ["inputTokens", "cacheReadTokens", "cacheWriteTokens", "outputTokens", "reasoningTokens"] as const

/** The tokens of all members' answers, where each of them states some; the dollars of everything, judges and late ones too. */
const usageOf = ({ candidates, usd }: Answer): Usage => {
  const all = candidates.flatMap(({ outcome }) => (Result.isSuccess(outcome) ? [outcome.success.usage] : []))
  const sums = tokens.flatMap((name) => {
    const said = all.flatMap((usage) => usage[name] ?? [])
    return said.length < all.length ? [] : [[name, said.reduce((sum, one) => sum + one, 0)] as const]
  })
  return { ...Object.fromEntries(sums), ...(usd !== null && { usd }) }
}

/** Who wrote it, and what stands behind that. */
const proofOf = ({ agreement, asked, by, completion, judged, millis, pBest, score, usd }: Answer): Schema.Json => ({
  by,
  model: completion.model,
  judged,
  score,
  pBest,
  agreement,
  usd,
  millis,
  asked: asked.map((one) => ({ ...one }))
})

/** In a schema the JSON alone, since members like to put a fence around it. */
const completionOf = (answer: Answer, ref: string, isJson: boolean): Completion => {
  const { limits: _limits, ...chosen } = answer.completion
  const others = chosen.parts.filter((part) => part._tag !== "Text")
  const isBare = isJson && answer.toolCalls.length === 0
  return {
    ...chosen,
    parts: isBare ? [...others, { _tag: "Text", text: answer.value }] : chosen.parts,
    usage: usageOf(answer),
    model: ref
  }
}

/**
 * The model: its answer is the winner's, its usage and price are those of all who were asked, and the proof is told as a
 * note. A request's sampling goes to every member, but for `providerOptions`, which are one vendor's; its seed is that of
 * all draws. Streams come at once, when the winner is certain.
 */
export const make = (consortium: Consortium, options: Options = {}): ChatModel.ChatModel<ConsortiumError> => {
  const { ref = "consortium/best", settings = {} } = options
  return ChatModel.make({
    ref,
    wire: "consortium",
    complete: ({
      messages,
      providerOptions: _vendors,
      responseSchema,
      sample = 0,
      seed,
      toolChoice,
      tools,
      ...sampling
    }) => {
      const first = seed === undefined ? settings.seed : Seed.make(seed >>> 0)
      const draws = sample === 0 ? first : Seed.make(hash(first ?? Seed.make(0), "sample", sample))
      const asked: Settings = {
        ...settings,
        sampling: { ...settings.sampling, ...sampling },
        ...(draws !== undefined && { seed: draws }),
        ...(responseSchema !== undefined && { responseSchema }),
        ...(tools !== undefined && { tools }),
        ...(toolChoice !== undefined && { toolChoice })
      }
      return consortium.ask(messages, asked).pipe(
        // What its calls cost is in its usage: told as well, it would count twice.
        Effect.provideService(CallLog, undefined),
        Effect.tap((answer) => tell({ _tag: "Note", source, data: proofOf(answer) })),
        Effect.map((answer) => completionOf(answer, ref, (responseSchema ?? settings.responseSchema) !== undefined))
      )
    }
  })
}
