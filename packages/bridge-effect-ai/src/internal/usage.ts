/** Tokens and finish words of both sides. */
import type { Finish, Usage } from "@consortium/core/Completion"
import { type Metadata, ours } from "@consortium/wire/Marks"
import type { Responses } from "./effectAi.js"

const defined = <A extends Record<string, number | undefined>>(fields: A): { readonly [K in keyof A]?: number } => {
  const out: { [K in keyof A]?: number } = {}
  for (const key in fields) if (fields[key] !== undefined) Object.assign(out, { [key]: fields[key] })
  return out
}

const sum = (plain: number | undefined, ...others: ReadonlyArray<number | undefined>): number | undefined =>
  plain === undefined ? undefined : others.reduce<number>((all, part) => all + (part ?? 0), plain)

export const usage = ({ inputTokens, outputTokens }: Responses.Usage, metadata: Metadata): Usage => {
  const { usd } = ours(metadata)
  return defined({
    inputTokens: inputTokens.total ?? sum(inputTokens.uncached, inputTokens.cacheRead, inputTokens.cacheWrite),
    cacheReadTokens: inputTokens.cacheRead,
    cacheWriteTokens: inputTokens.cacheWrite,
    outputTokens: outputTokens.total ?? sum(outputTokens.text, outputTokens.reasoning),
    reasoningTokens: outputTokens.reasoning,
    usd: typeof usd === "number" ? usd : undefined
  })
}

const less = (total: number | undefined, ...parts: ReadonlyArray<number | undefined>): number | undefined =>
  total === undefined
    ? undefined
    : Math.max(
        0,
        parts.reduce<number>((left, part) => left - (part ?? 0), total)
      )

/** Theirs are whole numbers. */
const whole = (tokens: number | undefined) => (tokens === undefined ? undefined : Math.round(tokens))

export const stated = (of: Usage): typeof Responses.Usage.Encoded => {
  const [input, read, write] = [whole(of.inputTokens), whole(of.cacheReadTokens), whole(of.cacheWriteTokens)]
  const [output, reasoning] = [whole(of.outputTokens), whole(of.reasoningTokens)]
  return {
    inputTokens: { total: input, uncached: less(input, read, write), cacheRead: read, cacheWrite: write },
    outputTokens: { total: output, text: less(output, reasoning), reasoning }
  }
}

/** The vendor's word is ours to carry; without it theirs is. */
export const finish = (reason: Responses.FinishReason, metadata: Metadata): Finish => {
  const { raw } = ours(metadata)
  if (reason === "unknown") return { kind: "unknown", raw: null }
  return {
    kind: reason === "pause" ? "other" : reason,
    raw: typeof raw === "string" ? raw : raw === null ? null : reason
  }
}
