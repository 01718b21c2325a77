/** Tokens as libraries over many vendors count them, total and parts, and how they stand in our usage. */
import type { Usage } from "@consortium/core/Completion"

type Count = number | undefined

export interface Tokens {
  readonly input: {
    readonly total: Count
    readonly plain: Count
    readonly cacheRead: Count
    readonly cacheWrite: Count
  }
  readonly output: { readonly total: Count; readonly text: Count; readonly reasoning: Count }
}

/** A total that nobody stated, where at least its plain part is known. */
const sum = (plain: Count, ...others: ReadonlyArray<Count>): Count =>
  plain === undefined ? undefined : others.reduce<number>((all, part) => all + (part ?? 0), plain)

const less = (total: Count, ...parts: ReadonlyArray<Count>): Count =>
  total === undefined
    ? undefined
    : Math.max(
        0,
        parts.reduce<number>((left, part) => left - (part ?? 0), total)
      )

/** Our usage of them; what is no number is unknown. @param usd US dollars, where they are stated */
export const read = ({ input, output }: Tokens, usd?: number): Usage => {
  const all = {
    inputTokens: input.total ?? sum(input.plain, input.cacheRead, input.cacheWrite),
    cacheReadTokens: input.cacheRead,
    cacheWriteTokens: input.cacheWrite,
    outputTokens: output.total ?? sum(output.text, output.reasoning),
    reasoningTokens: output.reasoning,
    usd
  }
  return Object.fromEntries(Object.entries(all).filter(([, count]) => Number.isFinite(count)))
}

/** Totals and parts of our usage. */
export const write = (of: Usage): Tokens => ({
  input: {
    total: of.inputTokens,
    plain: less(of.inputTokens, of.cacheReadTokens, of.cacheWriteTokens),
    cacheRead: of.cacheReadTokens,
    cacheWrite: of.cacheWriteTokens
  },
  output: { total: of.outputTokens, text: less(of.outputTokens, of.reasoningTokens), reasoning: of.reasoningTokens }
})
