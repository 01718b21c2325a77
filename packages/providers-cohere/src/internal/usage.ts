/**
 * Tokens as Cohere counts them. `billed_units` are what is paid: the words of the request and of the answer, with its
 * thoughts. `tokens` are what the model read and wrote, with the vendor's own template, which may be a hundred times as
 * much. Prices are for the first, so those are told, and `tokens` only where nothing was billed. `cached_tokens` are a
 * part of the second and change no bill, so beside billed counts they are left out
 * (docs.cohere.com/v2/docs/how-does-cohere-pricing-work).
 */
import type { Usage } from "@consortium/core/Completion"
import * as Predicate from "effect/Predicate"

type Fields = Readonly<Record<PropertyKey, unknown>>

const fields = (value: unknown): Fields => (Predicate.isObject(value) ? value : {})
const count = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined

/** A part is never more than its whole. */
const within = (part: number | undefined, whole: number | undefined) =>
  part === undefined || whole === undefined ? part : Math.min(part, whole)

export const usage = (raw: Fields): Usage => {
  const [billed, real] = [fields(raw.billed_units), fields(raw.tokens)]
  const isBilled = count(billed.input_tokens) !== undefined
  const inputTokens = count(billed.input_tokens) ?? count(real.input_tokens)
  const outputTokens = count(billed.output_tokens) ?? count(real.output_tokens)
  const reasoningTokens = within(count(real.reasoning_tokens), outputTokens)
  const cacheReadTokens = isBilled ? undefined : within(count(raw.cached_tokens), inputTokens)
  return {
    ...(inputTokens !== undefined && { inputTokens }),
    ...(cacheReadTokens !== undefined && { cacheReadTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
    ...(reasoningTokens !== undefined && { reasoningTokens })
  }
}
