/** Tokens as vendors count them, made comparable. */
import type { Usage } from "@consortium/core/Completion"
import * as Predicate from "effect/Predicate"
import type { Cost, Vendor } from "../Vendor.js"

type Fields = Readonly<Record<PropertyKey, unknown>>

const number = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined

/** A part is never more than its whole: vendors have stated more cached or reasoning tokens than tokens. */
const within = (part: number | undefined, whole: number | undefined) =>
  part === undefined || whole === undefined ? part : Math.min(part, whole)

const at = (value: unknown, name: string): unknown => (Predicate.isObject(value) ? value[name] : undefined)

const dollars = (raw: Fields, { path, perDollar }: Cost): number | undefined => {
  const stated = number(path.reduce<unknown>(at, raw))
  return stated === undefined ? undefined : stated / perDollar
}

export const usage = (raw: Fields | undefined, vendor: Vendor): Usage => {
  if (raw === undefined) return {}
  const inputTokens = number(raw.prompt_tokens)
  const completion = number(raw.completion_tokens)
  const input = raw.prompt_tokens_details
  const reasoning = number(at(raw.completion_tokens_details, "reasoning_tokens")) ?? number(raw.reasoning_tokens)
  // Some servers state cache reads beside the counts.
  const cached = number(at(input, "cached_tokens")) ?? number(raw.cached_tokens) ?? number(raw.prompt_cache_hit_tokens)
  const outputTokens =
    completion !== undefined && vendor.outputExcludesReasoning ? completion + (reasoning ?? 0) : completion
  const cacheReadTokens = within(cached, inputTokens)
  const cacheWriteTokens = within(number(at(input, "cache_write_tokens")), inputTokens)
  const reasoningTokens = within(reasoning, outputTokens)
  const usd = vendor.cost === undefined ? undefined : dollars(raw, vendor.cost)
  return {
    ...(inputTokens !== undefined && { inputTokens }),
    ...(cacheReadTokens !== undefined && { cacheReadTokens }),
    ...(cacheWriteTokens !== undefined && { cacheWriteTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
    ...(reasoningTokens !== undefined && { reasoningTokens }),
    ...(usd !== undefined && { usd })
  }
}
