/** Tokens as this wire counts them, which is as ours: input holds what was cached, output holds the reasoning. */
import type { Usage } from "@consortium/core/Completion"
import * as Predicate from "effect/Predicate"

const at = (value: unknown, name: string): unknown => (Predicate.isObject(value) ? value[name] : undefined)

const count = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined

/** A part is never more than its whole: servers of this wire have stated more cached tokens than tokens. */
const within = (part: number | undefined, whole: number | undefined) =>
  part === undefined || whole === undefined ? part : Math.min(part, whole)

export const usage = (raw: unknown): Usage => {
  const inputTokens = count(at(raw, "input_tokens"))
  const outputTokens = count(at(raw, "output_tokens"))
  const input = at(raw, "input_tokens_details")
  const cacheReadTokens = within(count(at(input, "cached_tokens")), inputTokens)
  const cacheWriteTokens = within(count(at(input, "cache_write_tokens")), inputTokens)
  const reasoningTokens = within(count(at(at(raw, "output_tokens_details"), "reasoning_tokens")), outputTokens)
  return {
    ...(inputTokens !== undefined && { inputTokens }),
    ...(cacheReadTokens !== undefined && { cacheReadTokens }),
    ...(cacheWriteTokens !== undefined && { cacheWriteTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
    ...(reasoningTokens !== undefined && { reasoningTokens })
  }
}
