/** The most that one attempt can take, known before it: what a budget reserves, and what a cut-off attempt counts for. */
import type { ChatRequest } from "@consortium/core/ChatModel"
import type { Completion, Usage } from "@consortium/core/Completion"
import type { Batch } from "@consortium/core/Embedder"
import type { NonEmpty } from "@consortium/core/NonEmpty"
import type { PriceBook } from "@consortium/core/PriceBook"

/** What an attempt takes. An unknown price is absent, never 0. */
export interface Amount {
  readonly tokens: number
  readonly usd?: number | undefined
}

/** How the amounts of one kind of call are known. */
export interface Metering<in I, in A> {
  /** The most that the attempt can take. */
  readonly worst: (input: I) => Amount
  /** What it took, as far as the answer says. */
  readonly actual: (answer: A) => Partial<Amount>
}

export interface Options {
  /** Tokens of an answer whose length the request does not limit; a longer one breaks the promise of "most". @default 8192 */
  readonly answerTokens?: number
  /** US dollars of an attempt whose price nobody knows before it. @default it stays unknown */
  readonly unknownUsd?: number
}

const defaults = { answerTokens: 8192 } as const

/** Tokens that a vendor adds around each message and tool, at most. */
const frameTokens = 16
/** Tokens of one picture, at most; vendors cut larger ones down. */
const imageTokens = 4096

const encoder = new TextEncoder()

/** No vocabulary has a token of less than a byte, and no UTF-16 unit has more than three bytes. */
const textTokens = (text: string): number => encoder.encode(text).length

const partTokens = (part: ChatRequest["messages"][number]["parts"][number]): number => {
  switch (part._tag) {
    case "Image":
      return imageTokens
    case "ToolCall":
      return textTokens(part.name) + textTokens(part.arguments) + frameTokens
    default:
      return textTokens(part.text)
  }
}

/** The most that a chat request can take: a token for each byte of what is sent, and the longest answer. */
const chatUsage = (request: ChatRequest, answerTokens: number) => {
  let inputTokens = 0
  for (const { parts } of request.messages) {
    inputTokens += frameTokens
    for (const part of parts) inputTokens += partTokens(part)
  }
  if (request.tools !== undefined) inputTokens += textTokens(JSON.stringify(request.tools)) + frameTokens
  if (request.responseSchema !== undefined) inputTokens += textTokens(JSON.stringify(request.responseSchema))
  return { inputTokens, outputTokens: request.maxTokens ?? answerTokens }
}

/** The dearest of two ways to bill the input: as it is, or written into a cache. */
const dearest = (prices: PriceBook["Service"], ref: string, usage: Usage): number | undefined => {
  const plain = prices.usd(ref, usage)
  const written =
    usage.inputTokens === undefined ? undefined : prices.usd(ref, { ...usage, cacheWriteTokens: usage.inputTokens })
  return plain === undefined ? written : Math.max(plain, written ?? plain)
}

/** The amounts of a chat model's calls. */
export const chatMetering = (
  prices: PriceBook["Service"],
  ref: string,
  options: Options = {}
): Metering<ChatRequest, Completion> => ({
  worst: (request) => {
    const usage = chatUsage(request, options.answerTokens ?? defaults.answerTokens)
    return {
      tokens: usage.inputTokens + usage.outputTokens,
      usd: dearest(prices, ref, usage) ?? options.unknownUsd
    }
  },
  actual: ({ usage }) => ({
    usd: prices.usd(ref, usage),
    ...(usage.inputTokens !== undefined &&
      usage.outputTokens !== undefined && { tokens: usage.inputTokens + usage.outputTokens })
  })
})

/** The amounts of an embedder's calls. */
export const embedMetering = (
  prices: PriceBook["Service"],
  ref: string,
  options: Pick<Options, "unknownUsd"> = {}
): Metering<NonEmpty<string>, Batch> => ({
  worst: (texts) => {
    let tokens = 0
    for (const text of texts) tokens += textTokens(text) + frameTokens
    return { tokens, usd: prices.usd(ref, { inputTokens: tokens }) ?? options.unknownUsd }
  },
  actual: ({ inputTokens }) =>
    inputTokens === undefined ? {} : { tokens: inputTokens, usd: prices.usd(ref, { inputTokens }) }
})
