/** Tokens as vendors count them, made comparable. */
import type { Usage } from "@consortium/core/Completion"
import * as Schema from "effect/Schema"
import type { Vendor } from "../Vendor.js"

/** Read as anything, because a count of the wrong type should not cost an answer. */
const Count = Schema.optional(Schema.Unknown)

const InputDetails = Schema.Struct({ cached_tokens: Count, cache_write_tokens: Count })
const OutputDetails = Schema.Struct({ reasoning_tokens: Count })

export const RawUsage = Schema.Struct({
  prompt_tokens: Count,
  completion_tokens: Count,
  prompt_tokens_details: Schema.optional(Schema.NullOr(InputDetails)),
  completion_tokens_details: Schema.optional(Schema.NullOr(OutputDetails)),
  /** Some servers state cache reads beside the counts. */
  cached_tokens: Count,
  prompt_cache_hit_tokens: Count,
  cost: Count
})
export type RawUsage = typeof RawUsage.Type

const number = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined

/** A part is never more than its whole: vendors have stated more cached or reasoning tokens than tokens. */
const within = (part: number | undefined, whole: number | undefined) =>
  part === undefined || whole === undefined ? part : Math.min(part, whole)

export const usage = (raw: RawUsage | null | undefined, vendor: Vendor): Usage => {
  if (raw === null || raw === undefined) return {}
  const inputTokens = number(raw.prompt_tokens)
  const completion = number(raw.completion_tokens)
  const reasoning = number(raw.completion_tokens_details?.reasoning_tokens)
  const cached =
    number(raw.prompt_tokens_details?.cached_tokens) ?? number(raw.cached_tokens) ?? number(raw.prompt_cache_hit_tokens)
  const written = number(raw.prompt_tokens_details?.cache_write_tokens)
  const outputTokens =
    completion !== undefined && vendor.outputExcludesReasoning ? completion + (reasoning ?? 0) : completion
  const cacheReadTokens = within(cached, inputTokens)
  const cacheWriteTokens = within(written, inputTokens)
  const reasoningTokens = within(reasoning, outputTokens)
  const usd = vendor.costField === "none" ? undefined : number(raw[vendor.costField])
  return {
    ...(inputTokens !== undefined && { inputTokens }),
    ...(cacheReadTokens !== undefined && { cacheReadTokens }),
    ...(cacheWriteTokens !== undefined && { cacheWriteTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
    ...(reasoningTokens !== undefined && { reasoningTokens }),
    ...(usd !== undefined && { usd })
  }
}
