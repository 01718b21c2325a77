/** How a request asks for words, in the library's names. */
import type { ChatRequest, Sampling } from "@consortium/core/ChatModel"

/** Tokens of thinking for each effort. */
const thoughts: Readonly<Record<NonNullable<Sampling["reasoningEffort"]>, number>> = {
  none: 0,
  minimal: 1024,
  low: 2048,
  medium: 8192,
  high: 16_384,
  max: Number.POSITIVE_INFINITY
}

/** What llama.cpp's own server draws by; the library would take the likeliest token, which makes samples alike. */
const temperature = 0.8

const penalties = ({ frequencyPenalty, presencePenalty }: ChatRequest): object =>
  frequencyPenalty === undefined && presencePenalty === undefined
    ? {}
    : {
        repeatPenalty: {
          penalty: 1,
          ...(frequencyPenalty !== undefined && { frequencyPenalty }),
          ...(presencePenalty !== undefined && { presencePenalty })
        }
      }

/** `drawn` is the seed where none is asked for; `providerOptions` are options of `generateResponse` and win. */
export const sampling = (request: ChatRequest, room: number, drawn: number): object => {
  const { maxTokens, providerOptions, reasoningEffort, seed, stop, topK, topP } = request
  return {
    temperature: request.temperature ?? temperature,
    // The engine's seed has 32 bits.
    seed: (seed ?? drawn) >>> 0,
    maxTokens: Math.min(maxTokens ?? room, room),
    ...(topP !== undefined && { topP }),
    ...(topK !== undefined && { topK }),
    ...(stop !== undefined && { customStopTriggers: stop }),
    ...(reasoningEffort !== undefined && { budgets: { thoughtTokens: thoughts[reasoningEffort] } }),
    ...penalties(request),
    ...providerOptions
  }
}
