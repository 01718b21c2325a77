/**
 * Tokens as `usageMetadata` counts them, made comparable: `candidatesTokenCount` leaves the thoughts out,
 * `promptTokenCount` counts what was cached and leaves out what tools brought in. Counts of 0 are not sent.
 */
import type { Usage } from "@consortium/core/Completion"
import type { Fields } from "./chunk.js"

const count = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined

/** The sum of what is stated. */
const sum = (...counts: ReadonlyArray<number | undefined>): number | undefined => {
  const stated = counts.filter((it) => it !== undefined)
  return stated.length === 0 ? undefined : stated.reduce((a, b) => a + b, 0)
}

export const usage = (raw: Fields | undefined): Usage => {
  if (raw === undefined) return {}
  const inputTokens = sum(count(raw.promptTokenCount), count(raw.toolUsePromptTokenCount))
  const reasoningTokens = count(raw.thoughtsTokenCount)
  const total = count(raw.totalTokenCount)
  const rest = total === undefined || inputTokens === undefined ? undefined : Math.max(0, total - inputTokens)
  const outputTokens = sum(count(raw.candidatesTokenCount), reasoningTokens) ?? rest
  const cached = count(raw.cachedContentTokenCount)
  // A part is never more than its whole.
  const cacheReadTokens = cached === undefined || inputTokens === undefined ? cached : Math.min(cached, inputTokens)
  return {
    ...(inputTokens !== undefined && { inputTokens }),
    ...(cacheReadTokens !== undefined && { cacheReadTokens }),
    ...(outputTokens !== undefined && { outputTokens }),
    ...(reasoningTokens !== undefined && { reasoningTokens })
  }
}
